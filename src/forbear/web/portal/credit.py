"""What lateness does to the borrower's credit record: each record with its dates, and an open estimate."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from forbear.actions.contacts.permit_gate import pause_withholds_reports
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.agreements.request import KINDS
from forbear.core.bureaus.standing import BACK_A_YEAR, POINTS, RETENTION, Spell, estimate, gone_on, spells
from forbear.interchange.home.policy import policy
from forbear.store.access import credit_records_for
from forbear.store.business_date import business_date
from forbear.store.models import Borrower
from forbear.web.portal.pages import resting
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest

#: What a record can mean in life, by country.
LIFE = {
    "cn": (
        _("A new loan or card may be refused or cost more."),
        _("Home and car lenders look at the last two years."),
        _("Renting and jobs: most landlords and employers can't see it."),
    ),
    "us": (
        _("A new loan or card may be refused or cost more."),
        _("A landlord may check it when you apply for a home."),
        _("An employer may check it, but only with your written consent."),
    ),
    "uk": (
        _("A new loan or card may be refused or cost more."),
        _("A landlord or letting agent may check public records when you apply."),
        _("An employer may check public records, but only with your consent."),
    ),
}
#: Who may look, and how to get one's own report for nothing. China: 征信业管理条例 art. 17, 18. United States: FCRA
#: § 604, § 612, and the bureaus' free weekly reports. United Kingdom: UK GDPR art. 15 (statutory credit report).
LOOKS = {
    "cn": (
        _("Nobody may look at your record without your written consent, but for what the law allows."),
        _(
            "You may get your own report free twice a year: www.pbccrc.org.cn or a branch of the People's Bank."
        ),
    ),
    "us": (
        _("Only those with a reason that the law names may look, such as a lender to whom you apply."),
        _("You may get your own report free of charge each week from each bureau: AnnualCreditReport.com."),
    ),
    "uk": (
        _("Lenders look when you apply, and say so before. A search by you yourself leaves no mark."),
        _("You may get your own report free of charge from Experian, Equifax and TransUnion."),
    ),
}


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
    least = RETENTION[pack].least_days
    kept = [
        each
        for each in records
        if (each.gone_on is None or each.gone_on > today) and each.spell.worst_days >= least
    ]
    running = [each.spell.worst_days for each in kept if each.spell.cured is None]
    worst = max((each.spell.worst_days for each in kept), default=0)
    cured = [each.spell.cured for each in kept if each.spell.cured is not None]
    ago = None if running or not cured else (today - max(cured)).days
    shown = {
        "records": kept,
        "kept": RETENTION[pack],
        "early": any(each.spell.cured is None and each.spell.worst_days < least for each in records),
        "life": LIFE[pack],
        "looks": LOOKS[pack],
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
        "resting": resting(borrower, request.now),
        "withheld": pause_withholds_reports(request.now),
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
            gone_on(pack, spell.since, spell.cured, spell.worst_days),
            gone_on(pack, spell.since, spell.cured or today, spell.worst_days),
            given.get(loan_id) if given.get(loan_id, date.min) >= spell.since else None,
        )
        for loan_id, spell in spells_of
    ]
    return sorted(made, key=lambda each: each.spell.since, reverse=True)
