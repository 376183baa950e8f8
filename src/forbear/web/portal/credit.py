"""What lateness does to the borrower's credit record: each record with its dates, and an open estimate."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from forbear.actions.selectors.ledger import ledger_of
from forbear.core.agreements.request import KINDS
from forbear.core.bureaus.standing import BACK_A_YEAR, POINTS, RETENTION, Spell, estimate, gone_on, spells
from forbear.interchange.home.policy import policy
from forbear.store.access import credit_records_for
from forbear.store.business_date import business_date
from forbear.store.models import Borrower
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest


@dataclass(frozen=True, slots=True)
class Record:
    """One spell of lateness: when its record goes, or would if all late were paid today; when its notice was given."""

    loan_id: str
    spell: Spell
    gone_on: date | None
    if_paid_today: date | None
    notice_on: date | None


@own
def credit(request: BorrowerRequest) -> HttpResponse:
    """Each record with its dates, what lateness does to an estimate, and how it recovers."""
    borrower, today = request.borrower, business_date(request.now)
    pack = next((path.stem for path in settings.HOME.packs if path.stem in RETENTION), "cn")
    records = _records(borrower, pack, today)
    kept = [each for each in records if each.gone_on is None or each.gone_on > today]
    running = [each.spell.worst_days for each in kept if each.spell.cured is None]
    worst = max((each.spell.worst_days for each in kept), default=0)
    cured = [each.spell.cured for each in kept if each.spell.cured is not None]
    ago = None if running or not cured else (today - max(cured)).days
    shown = {
        "records": kept,
        "kept": RETENTION[pack],
        "worst": worst,
        "late": bool(running),
        "now_estimate": estimate(worst, ago),
        "wait": [(days, estimate(max(running) + days)) for days in (30, 90)] if running else [],
        "ahead": [(years, estimate(worst, (ago or 0) + years * 365)) for years in (1, 2, 3, 5)]
        if worst
        else [],
        "points": POINTS,
        "back": BACK_A_YEAR,
        "objection_days": policy(settings.HOME).clocks.get(
            "credit_objection", KINDS["credit_objection"].days
        ),
        "today": today,
        "reported": credit_records_for(borrower)
        .filter(reason_code="")
        .exclude(kind="monthly", adverse=False)
        .order_by("-report__made_at", "-pk")[:60],
    }
    return render(request, "portal/credit.html", shown)


def _records(borrower: Borrower, pack: str, today: date) -> list[Record]:
    """Every spell of lateness on the borrower's loans, the newest first."""
    found = ledger_of(borrower.borrower_id)
    given: dict[str, date] = {}
    for notice in borrower.notices.filter(kind="credit_notice", recalled_at=None).order_by("-given_at"):
        given.setdefault(notice.loan_id, business_date(notice.given_at))
    spells_of: list[tuple[str, Spell]] = []
    if found is not None:
        record, products = found
        for loan in record.loans:
            spells_of += [(loan.loan_id, each) for each in spells(loan, products.get(loan.product), today)]
    else:
        spells_of = [
            (loan.loan_id, Spell(loan.oldest_unpaid_due_on or today, None, loan.days_past_due))
            for loan in borrower.loans.filter(past_due_amount__gt=0)
        ]
    made = [
        Record(
            loan_id,
            spell,
            gone_on(pack, spell.since, spell.cured),
            gone_on(pack, spell.since, spell.cured or today),
            given.get(loan_id) if given.get(loan_id, date.min) >= spell.since else None,
        )
        for loan_id, spell in spells_of
    ]
    return sorted(made, key=lambda each: each.spell.since, reverse=True)
