"""Sell debts: sorted out with a reason for each that stays, signed by a second person, announced to every borrower.

From the moment a debt is sold nobody here asks for it any more: its contacts and visits end, and a hold stands until
the lender's own books let it go.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from forbear.actions.cases.payments import cancel_pending_contacts
from forbear.actions.contacts.notify_borrower import notify_borrower
from forbear.actions.holds.holds import place_hold
from forbear.actions.payments.charge_offs import doubted, kinds_of
from forbear.actions.selectors.active_holds import holds_of
from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.sales.sale import Offered, sort_out
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.codes import new_code
from forbear.store.models import Lawsuit, Loan, PenaltyDifference, Placement, Sale, SaleLoan, Staff, WriteOff
from forbear.store.situation import lock_borrower

#: Of more borrowers than this every row is read.
_NAMED = 5_000


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, as borrowers are notified."""

    name: str
    registration: str = ""
    telephone: str = ""
    address: str = ""


def on_offer(
    now: datetime, borrowers: Collection[str] | None = None
) -> dict[str, tuple[Loan, tuple[str, ...]]]:
    """Every loan of borrowers with one that was written off, and why it may not be sold; of these borrowers, or all."""
    terms, today = policy(settings.HOME).sale, business_date(now)
    rows = Loan.objects.filter(payoff__gt=0, sold_at=None)
    if borrowers is not None:
        rows = rows.filter(borrower_id__in=borrowers)
    off = WriteOff.objects.filter(state="signed", loan=OuterRef("pk"))
    if terms.only_written_off:
        rows = rows.filter(Q(written_off=True) | Q(Exists(off)))
    names = set(rows.values_list("borrower_id", flat=True))
    loans = list(
        _of(Loan.objects.annotate(signed=Exists(off)), names).select_related("borrower").order_by("pk")
    )
    holds, doubts = holds_of(names, now), doubted(names)
    differ = PenaltyDifference.objects.filter(gone_at=None, settled_at=None)
    doubts |= set(
        differ.filter(loan__in=[loan.pk for loan in loans]).values_list("loan__borrower_id", flat=True)
    )
    placed = set(_of(Placement.objects.filter(ended_at=None), names).values_list("borrower_id", flat=True))
    sued = set(_of(Lawsuit.objects.filter(ended_at=None), names).values_list("borrower_id", flat=True))
    offered = [
        Offered(
            loan.pk,
            loan.borrower_id,
            loan.payoff,
            kinds_of(holds, loan),
            loan.written_off or loan.signed,
            loan.time_barred_on is not None and loan.time_barred_on <= today,
            loan.unlawful,
            loan.sold_at is not None,
            loan.borrower_id in placed,
            loan.borrower_id in sued,
            loan.borrower_id in doubts,
        )
        for loan in loans
    ]
    sorted_loans = sort_out(offered, terms)
    return {loan.pk: (loan, sorted_loans[loan.pk]) for loan in loans}


def _of(rows: QuerySet, names: set[str], field: str = "borrower_id") -> QuerySet:
    """The rows of these borrowers; of many all are read, which is quicker than naming each."""
    return rows.filter(**{f"{field}__in": names}) if len(names) <= _NAMED else rows


def propose_sale(buyer: Buyer, staff: Staff, now: datetime) -> Sale | Problem:
    """Sort out what may be sold, and keep each loan that stays with its reason. Nothing is sold yet."""
    if not buyer.name.strip():
        return Problem("buyer_missing", "say who buys")
    offer = on_offer(now)
    if not any(not why for _, why in offer.values()):
        return Problem("nothing_to_sell", "no loan may be sold now")
    with transaction.atomic():
        sale = Sale.objects.create(
            number=f"S{new_code()}",
            buyer=buyer.name.strip()[:200],
            registration=buyer.registration.strip()[:64],
            telephone=buyer.telephone.strip()[:32],
            address=buyer.address.strip()[:300],
            state="proposed",
            made_at=now,
            made_by=staff,
        )
        SaleLoan.objects.bulk_create(
            SaleLoan(
                sale=sale,
                loan=loan,
                borrower=loan.borrower,
                outstanding=loan.payoff,
                state="out" if why else "in",
                why=list(why),
            )
            for loan, why in offer.values()
        )
        return sale


def decide_sale(number: str, staff: Staff, now: datetime, *, sign: bool) -> Sale | Problem:
    """Sign or decline as the second person; what is signed is sold by the workers, borrower by borrower."""
    with transaction.atomic():
        sale = Sale.objects.select_for_update().filter(number=number, state="proposed").first()
        if sale is None:
            return Problem("no_sale_to_approve", "no such sale is waiting for approval")
        if sale.made_by_id == staff.pk:
            return Problem("own_sale_approval", "you proposed it; somebody else must approve")
        if sign and (refused := signature_problem([sale.made_by_id], staff, now)):
            return refused
        sale.state, sale.decided_at, sale.decided_by = "signed" if sign else "declined", now, staff
        sale.save()
        body = {"sale": number, "what": sale.state, "loans": sale.rows.filter(state="in").count()}
        evidence.append("sale", at=now, actor=f"staff:{staff.number}", body=body)
        return sale


def sell_due(now: datetime) -> int:
    """Sell what was signed, borrower by borrower; how many loans. Begun again it goes on where it stopped."""
    done = 0
    for sale in Sale.objects.filter(state="signed").order_by("pk"):
        rows = sale.rows.filter(state="in").order_by("borrower_id")
        for borrower in list(rows.values_list("borrower_id", flat=True).distinct()):
            done += _sell(sale, borrower, now)
    return done


def _sell(sale: Sale, borrower_id: str, now: datetime) -> int:
    """Sell one borrower's loans, looked at again under their lock."""
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        assert borrower is not None, "a loan has its borrower"
        rows = list(SaleLoan.objects.select_for_update().filter(sale=sale, borrower=borrower, state="in"))
        offer = on_offer(now, {borrower_id})
        obstacles = {row.loan_id: offer.get(row.loan_id, (None, ("nothing_left",)))[1] for row in rows}
        if any(obstacles.values()):
            for row in rows:
                row.state, row.why = "dropped", list(obstacles[row.loan_id] or ("split",))
                row.save()
            return 0
        assert sale.decided_by is not None, "only what is signed is sold"
        names = tuple(sorted(row.loan_id for row in rows))
        for row in rows:
            row.state, row.sold_at, row.outstanding = "sold", now, offer[row.loan_id][0].payoff
            row.save()
        Loan.objects.filter(pk__in=names).update(sold_at=now)
        evidence.append(
            "sale",
            at=now,
            actor=f"staff:{sale.decided_by.number}",
            borrower=borrower_id,
            body={
                "sale": sale.number,
                "what": "sold",
                "buyer": sale.buyer,
                "loans": {row.loan_id: row.outstanding for row in rows},
            },
        )
        place_hold(borrower_id, "other", now, actor="sale", loans=names, reason="sold", source="sale")
        # nothing is asked for what is sold: the case is computed without it
        cancel_pending_contacts(borrower, names, now, actor="sale", reason=Reason.of("sold"))
        notify_borrower(
            borrower,
            "assignment_notice",
            now,
            loans=names,
            reference=sale.number,
            owner=sale.buyer,
            owner_contact=sale.telephone or sale.address or sale.registration or sale.buyer,
            on=business_date(now),
        )
        return len(rows)
