"""Every table, one file per thing."""

from forbear.store.models.agency import (
    Agency,
    Demand,
    Feedback,
    Finding,
    Placement,
    PlacementList,
    ProposedPlacement,
    Statement,
    StatementLine,
)
from forbear.store.models.agreement import Conversation, DueChange, Plan, Promise
from forbear.store.models.api import ApiKey, Bucket, Hook, HookDelivery, Idempotency
from forbear.store.models.borrower import Borrower, Consent, ContactPoint, Hold, Notice
from forbear.store.models.bureau import CreditRecord, CreditReport
from forbear.store.models.case import Allotment, Case, PublishedNight, Treatment
from forbear.store.models.contact import Contact, Inbound, MissingRecording, Pace, Permit
from forbear.store.models.court import Suit, SuitDeadline, SuitStep
from forbear.store.models.evidence import Attachment, Enclosure, Event, Head, Leaf, Personal, Seal
from forbear.store.models.factor import Factor, RecoveryCode
from forbear.store.models.figure import KeptFigures
from forbear.store.models.health import Heartbeat
from forbear.store.models.loan import Loan, Payment, PenaltyDifference
from forbear.store.models.portal import Document, PaymentOrder, PortalLink, PortalSession
from forbear.store.models.request import Request, Settlement
from forbear.store.models.review import Review
from forbear.store.models.sale import Sale, SaleLoan, WriteOff
from forbear.store.models.staff import Grant, Staff
from forbear.store.models.strategy import StrategyVersion
from forbear.store.models.visit import Alarm, FieldEvent, RouteSearch, Visit, VisitRoute

__all__ = [
    "Agency",
    "Alarm",
    "Allotment",
    "ApiKey",
    "Attachment",
    "Borrower",
    "Bucket",
    "Case",
    "Consent",
    "Contact",
    "ContactPoint",
    "Conversation",
    "CreditRecord",
    "CreditReport",
    "Demand",
    "Document",
    "DueChange",
    "Enclosure",
    "Event",
    "Factor",
    "Feedback",
    "FieldEvent",
    "Finding",
    "Grant",
    "Head",
    "Heartbeat",
    "Hold",
    "Hook",
    "HookDelivery",
    "Idempotency",
    "Inbound",
    "KeptFigures",
    "Leaf",
    "Loan",
    "MissingRecording",
    "Notice",
    "Pace",
    "Payment",
    "PaymentOrder",
    "PenaltyDifference",
    "Permit",
    "Personal",
    "Placement",
    "PlacementList",
    "Plan",
    "PortalLink",
    "PortalSession",
    "Promise",
    "ProposedPlacement",
    "PublishedNight",
    "RecoveryCode",
    "Request",
    "Review",
    "RouteSearch",
    "Sale",
    "SaleLoan",
    "Seal",
    "Settlement",
    "Staff",
    "Statement",
    "StatementLine",
    "StrategyVersion",
    "Suit",
    "SuitDeadline",
    "SuitStep",
    "Treatment",
    "Visit",
    "VisitRoute",
    "WriteOff",
]
