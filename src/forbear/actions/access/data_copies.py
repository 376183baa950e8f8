"""A copy of everything that is kept about a borrower, for them (个人信息保护法 art. 45; GDPR art. 15)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Model
from django.forms.models import model_to_dict

from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Borrower
from forbear.store.situation import lock_borrower

#: What is copied: the name in the copy, and how it hangs on the borrower.
_TABLES = {
    "numbers_and_addresses": "points",
    "consents": "consents",
    "holds": "holds",
    "loans": "loans",
    "cases": "cases",
    "notices": "notices",
    "conversations": "conversations",
    "promises": "promises",
    "plans": "plans",
    "settlements": "settlements",
    "requests": "requests",
    "papers": "documents",
    "visits": "visits",
}
#: Our own bookkeeping, of no meaning to the borrower.
_LEFT_OUT = {
    "leased_until",
    "next_at",
    "value",
    "collector",
    "digest",
    "hold",
    "staff",
    "sha256",
    "treatment",
}


def copy_data(borrower: Borrower, now: datetime) -> dict[str, object]:
    """The copy as plain data; that it was taken is on record."""
    with transaction.atomic():
        held = lock_borrower(borrower.borrower_id)
        assert held is not None, "a borrower is never deleted"
        copy: dict[str, object] = {
            "as_of": now.isoformat(),
            "borrower": _plain(held),
            **{name: [_plain(row) for row in getattr(held, rows).all()] for name, rows in _TABLES.items()},
            "payments": [_plain(row) for loan in held.loans.all() for row in loan.payments.all()],
        }
        evidence.append(
            "export",
            at=now,
            actor="borrower",
            borrower=held.borrower_id,
            body={"reason": Reason.of("data_copy").as_dict()},
        )
        return copy


def _plain(row: Model) -> dict[str, object]:
    """A row as JSON can say it."""
    fields = {}
    for name, value in model_to_dict(row).items():
        if name not in _LEFT_OUT:
            fields[name] = value.isoformat() if isinstance(value, date | datetime) else value
    return fields
