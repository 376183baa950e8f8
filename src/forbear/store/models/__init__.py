"""Every table, one file per thing."""

from forbear.store.models.agency import Agency, Placement
from forbear.store.models.borrower import Borrower, Consent, ContactPoint, Hold, Notice
from forbear.store.models.case import Case
from forbear.store.models.contact import Contact, Inbound, Permit
from forbear.store.models.loan import Loan, Payment
from forbear.store.models.staff import Staff

__all__ = [
    "Agency",
    "Borrower",
    "Case",
    "Consent",
    "Contact",
    "ContactPoint",
    "Hold",
    "Inbound",
    "Loan",
    "Notice",
    "Payment",
    "Permit",
    "Placement",
    "Staff",
]
