"""A copy of everything that is kept about a borrower, for them (个人信息保护法 art. 45; GDPR art. 15).

Amounts are decimals of their currency, as `212.45`; what the lender computes for itself alone is left out.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import BigIntegerField, Model
from django.forms.models import model_to_dict

from forbear.actions.selectors.ledger import ledger_of
from forbear.actions.selectors.payment_effects import payments_made
from forbear.core.base.money import format_amount
from forbear.core.base.reason import Reason
from forbear.core.facts.vocabulary import FACTS
from forbear.core.loans.loan import COMPONENTS
from forbear.store import evidence
from forbear.store.access import credit_records_for, requests_for
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Request
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
    "moved_due_dates": "due_changes",
    "online_payments": "payment_orders",
    "lawsuits": "lawsuits",
    "answers_to_questions": "feedback",
    "papers": "documents",
    "visits": "visits",
}
#: Our own bookkeeping, of no meaning to the borrower.
_LEFT_OUT = {
    "leased_until",
    "next_at",
    "call_planned_on",
    "callback_at",
    "callback_by",
    "collector",
    "digest",
    "feed_digest",
    "hold",
    "staff",
    "sha256",
    "treatment",
    "token",
    "difficulty",
    "expected",
    "cost",
    "minor_unit",
    "page",
}
#: Columns of one table alone that are the lender's own: what it thinks a case is worth.
_LEFT_OUT_OF = {"cases": {"value"}}


def copy_data(borrower: Borrower, now: datetime) -> dict[str, object]:
    """The copy as plain data; that it was taken is on record."""
    with transaction.atomic():
        held = lock_borrower(borrower.borrower_id)
        assert held is not None, "a borrower is never deleted"
        copy: dict[str, object] = {
            "as_of": now.isoformat(),
            "borrower": _plain(held),
            **{
                name: [_plain(row, _LEFT_OUT_OF.get(name, set())) for row in getattr(held, rows).all()]
                for name, rows in _TABLES.items()
            },
            "requests": [_request(row) for row in requests_for(held)],
            "instalments": _instalments(held.borrower_id),
            "payments": _payments(held, business_date(now)),
            "contacts": _contacts(held),
            "recordings": _recordings(held),
            "received_by": _received_by(held),
            "credit_reports": [
                _plain(row) | {"reported_at": row.report.made_at.isoformat()}
                for row in credit_records_for(held).select_related("report").order_by("pk")
            ],
        }
        evidence.append(
            "export",
            at=now,
            actor="borrower",
            borrower=held.borrower_id,
            body={"reason": Reason.of("data_copy").as_dict()},
        )
        return copy


def _instalments(borrower_id: str) -> list[dict[str, object]]:
    """Each instalment of each loan, with its parts, as the lender's book has it."""
    ledger = ledger_of(borrower_id)
    return [
        {
            "loan": loan.loan_id,
            "number": each.number,
            "due_on": "" if each.kind == "rest" else each.due_on.isoformat(),
            "currency": loan.currency,
            **{name: format_amount(getattr(each.amounts, name), loan.currency) for name in COMPONENTS},
        }
        for loan in (ledger[0].loans if ledger else ())
        for each in loan.instalments
    ]


def _payments(borrower: Borrower, today: date) -> list[dict[str, object]]:
    """Each payment on record with the instalments it paid; of who is in no book, those received at the desk."""
    made = payments_made(borrower.borrower_id, today)
    if not made:
        return [
            _plain(row) | {"amount": format_amount(row.amount, loan.currency), "currency": loan.currency}
            for loan in borrower.loans.all()
            for row in loan.payments.all()
        ]
    return [
        {
            "loan": one.loan_id,
            "payment_id": one.payment.payment_id,
            "paid_on": one.payment.paid_on.isoformat(),
            "amount": format_amount(one.payment.amount, one.currency),
            "currency": one.currency,
            "returned_by_the_bank": one.returned,
            "paid_instalments": [
                {
                    "number": spread.instalment.number,
                    "paid": format_amount(spread.paid.total, one.currency),
                    "left": format_amount(spread.unpaid.total, one.currency),
                }
                for spread in (one.effect.spreads if one.effect else ())
            ],
        }
        for one in made
    ]


def _contacts(borrower: Borrower) -> list[dict[str, object]]:
    """Every contact that was made: when, how, to which number, by whom, what was said, and what came of it."""
    rows = borrower.contacts.exclude(at=None).select_related("agency", "staff", "point").order_by("at")
    return [
        {
            "at": row.at.isoformat() if row.at else "",
            "channel": row.channel,
            "purpose": row.purpose,
            "to": row.point.value if row.point else "",
            "party": row.party,
            "by": row.agency.name_en if row.agency else "lender",
            "staff_id": row.staff.number if row.staff else "",
            "verification_code": row.code,
            "subject": row.subject,
            "text": row.body,
            "outcome": row.outcome,
            "seconds": row.seconds,
            "recording_sha256": row.recording,
        }
        for row in rows
    ]


def _recordings(borrower: Borrower) -> list[dict[str, object]]:
    """Every recording of a call or visit; the files are on the borrower's page of contacts and in the bundle."""
    calls = borrower.contacts.exclude(recording="").order_by("at")
    visits = borrower.visits.exclude(recordings=[]).order_by("started_at")
    return [
        *(
            {
                "of": "call",
                "at": row.at.isoformat() if row.at else "",
                "seconds": row.seconds,
                "sha256": row.recording,
            }
            for row in calls
        ),
        *(
            {"of": "visit", "at": row.started_at.isoformat(), "seconds": seconds, "sha256": digest}
            for row in visits
            if row.started_at
            for digest, seconds, _ in row.recordings
        ),
    ]


def _received_by(borrower: Borrower) -> list[dict[str, object]]:
    """Who else got the data: agencies and buyers of loans, of what and from when until when."""
    placed = borrower.placements.select_related("agency").order_by("placed_at")
    sold = borrower.sale_rows.filter(state="sold").select_related("sale").order_by("sold_at")
    return [
        *(
            {
                "who": row.agency.name_zh,
                "who_en": row.agency.name_en,
                "registration": row.agency.registration,
                "telephone": row.agency.telephone,
                "loans": row.loans,
                "from": row.placed_at.isoformat(),
                "until": row.ended_at.isoformat() if row.ended_at else "",
                "why": "collection for the lender",
            }
            for row in placed
        ),
        *(
            {
                "who": row.sale.buyer,
                "who_en": row.sale.buyer,
                "registration": row.sale.registration,
                "telephone": row.sale.telephone,
                "loans": [row.loan_id],
                "from": row.sold_at.isoformat() if row.sold_at else "",
                "until": "",
                "why": "bought the loan",
            }
            for row in sold
        ),
    ]


def _plain(row: Model, left_out: Collection[str] = ()) -> dict[str, object]:
    """A row as JSON can say it; amounts of a row with a currency are decimals of it."""
    currency = getattr(row, "currency", "")
    amounts = (
        {field.name for field in row._meta.fields if type(field) is BigIntegerField} if currency else set()
    )
    fields: dict[str, object] = {}
    for name, value in model_to_dict(row).items():
        if name in _LEFT_OUT or name in left_out:
            continue
        if isinstance(value, date | datetime):
            fields[name] = value.isoformat()
        elif name in amounts and isinstance(value, int):
            fields[name] = format_amount(value, currency)
        elif name == "lines" and currency:
            fields[name] = [
                [number, due_on, format_amount(amount, currency)] for number, due_on, amount in value
            ]
        elif name == "facts":
            fields[name] = _facts(value)
        elif name == "budget" and currency:
            fields[name] = _decimals(value, currency)
        elif name == "terms" and currency:
            owed = _decimals(value.get("owed", {}), currency)
            fields[name] = {**value, **({"owed": owed} if owed else {})}
        else:
            fields[name] = value
    return fields


def _decimals(amounts: Mapping[str, int], currency: str) -> dict[str, str]:
    """Minor units as decimals, each under its name."""
    return {name: format_amount(amount, currency) for name, amount in amounts.items()}


def _request(row: Request) -> dict[str, object]:
    """A request; what was granted in decimals of the currency of the loans it is about."""
    currency = (
        row.borrower.loans.filter(pk__in=row.loans).values_list("currency", flat=True).first()
        or row.borrower.loans.values_list("currency", flat=True).first()
        or ""
    )
    granted = {
        name: format_amount(value, currency) if currency and name in ("monthly", "amount") else value
        for name, value in row.granted.items()
        if name != "lines"
    }
    lines = [
        {"loan": loan, "number": number, "amount": format_amount(amount, currency) if currency else amount}
        for loan, number, amount in row.granted.get("lines", ())
    ]
    return _plain(row) | {"granted": granted | ({"lines": lines} if lines else {})}


def _facts(facts: dict[str, object]) -> dict[str, object]:
    """The figures of a case, its amounts as decimals of their currency."""
    currency = str(facts.get("currency", ""))
    return {
        name: format_amount(value, currency)
        if currency and isinstance(value, int) and name in FACTS and FACTS[name].kind == "money"
        else value
        for name, value in facts.items()
    }
