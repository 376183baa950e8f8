"""Who is the creditor of some loans, and how it is named and paid: the one place that answers this.

A loan without a creditor is the lender's own. A sum and a sentence are about loans of one creditor. Where a text is
about a borrower and not about one debt, such as the answer to a request, all their creditors are named together.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings

from forbear.core.base.problem import Phrase, Problem, noop
from forbear.interchange.home.creditors import Creditor, together
from forbear.store.access import cases_for
from forbear.store.models import Loan, Staff
from forbear.store.problem_text import sentence_in

#: Who writes or calls, and for whom, where the creditor is another: as texts begin.
_ACTS_FOR = noop("%(collector)s for %(creditor)s")
_FOR = noop("For %(creditor)s")
_PAY_IN = noop("Pay to: %(account)s")
_COMPLAINTS = noop("Complaints: %(line)s")
#: What a creditor's contact details never replace: the address of who sends a letter.
_SENDERS_OWN = ("address",)


def lender() -> Creditor:
    """The lender of this home, for loans of its own."""
    return Creditor((), settings.HOME.name, settings.HOME.contact)


def creditor_with_code(code: str) -> Creditor:
    """The creditor of a code; one that lender.yaml has lost has its code for a name, and nothing is sent for it."""
    if not code:
        return lender()
    known = next((one for one in settings.HOME.creditors if one.codes == (code,)), None)
    return known or Creditor((code,), (code, code), (), declared=False)


def creditor_of(loans: Iterable[Loan]) -> Creditor:
    """The creditor of these loans; several are named together, and none of the loans is the lender's own debt."""
    codes = sorted({loan.creditor for loan in loans}) or [""]
    found = [creditor_with_code(code) for code in codes]
    return found[0] if len(found) == 1 else together(tuple(found))


def creditor_of_ids(loan_ids: Iterable[str]) -> Creditor:
    """The creditor of the loans with these ids; no query where the home has no creditors beside the lender."""
    if not settings.HOME.creditors:
        return lender()
    return creditor_of(Loan.objects.filter(pk__in=list(loan_ids)))


def of_one_creditor(rows: Iterable[Loan]) -> list[Loan]:
    """Those of the loans whose creditor is that of the latest-paid one, in their order."""
    loans = list(rows)
    if len({loan.creditor for loan in loans}) < 2:
        return loans
    worst = max(loans, key=lambda loan: (loan.days_past_due, loan.past_due_amount, loan.loan_id))
    return [loan for loan in loans if loan.creditor == worst.creditor]


def contact_details(creditor: Creditor) -> Mapping[str, str]:
    """What a text may say of whom to reach: the creditor's own where it has them, else the lender's."""
    own = {name: text for name, text in creditor.contact if creditor.is_lender or name not in _SENDERS_OWN}
    return {**dict(settings.HOME.contact), **own}


def writer(creditor: Creditor, language: str, collector: str = "") -> str:
    """Who writes or calls: the lender in its own name, or the lender (or its agency) for the creditor."""
    if creditor.is_lender:
        return creditor.name(language)
    collector = collector or lender().name(language)
    return sentence_in(language, Phrase(_ACTS_FOR, collector=collector, creditor=creditor.name(language)))


def creditor_rows(creditor: Creditor, language: str) -> tuple[str, ...]:
    """The lines at the head of a letter for another creditor: for whom, how it is paid, where it hears complaints."""
    if creditor.is_lender:
        return ()
    rows = [sentence_in(language, Phrase(_FOR, creditor=creditor.name(language)))]
    if account := creditor.said(creditor.pay_in, language):
        rows.append(sentence_in(language, Phrase(_PAY_IN, account=account)))
    if line := creditor.said(creditor.complaints, language):
        rows.append(sentence_in(language, Phrase(_COMPLAINTS, line=line)))
    return tuple(rows)


def beyond_limit(staff: Staff, borrowers: Iterable[str]) -> tuple[str, ...]:
    """Those of the borrowers whose cases somebody limited to creditors doesn't see; none without a limit."""
    if not staff.only_creditors:
        return ()
    names = set(borrowers)
    return tuple(
        sorted(names - set(cases_for(staff).filter(borrower__in=names).values_list("borrower_id", flat=True)))
    )


def not_in_limit(staff: Staff, borrowers: Iterable[str]) -> Problem | None:
    """Why cases can't be given to somebody: they owe creditors to which the person isn't admitted."""
    beyond = beyond_limit(staff, borrowers)
    if not beyond:
        return None
    return Problem(
        "case_beyond_creditors",
        "%(number)s sees other creditors' cases only, not %(borrowers)s: choose somebody else",
        number=staff.number,
        borrowers=beyond,
    )


def not_declared(creditor: Creditor) -> Problem | None:
    """Why nothing can be said of these loans: lender.yaml doesn't know their creditor any more."""
    if creditor.declared:
        return None
    unknown = [code for code in creditor.codes if not creditor_with_code(code).declared]
    return Problem(
        "creditor_not_declared",
        "lender.yaml declares no creditor `%(creditor)s`, whose loans these are",
        creditor=", ".join(unknown),
    )
