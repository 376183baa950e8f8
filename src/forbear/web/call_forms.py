"""The forms of a talk, the same on the desk and on an agency's pages: how a call ended, and what was promised."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib import messages
from django.utils.translation import gettext

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.replies.record_outcome import Outcome, record_outcome
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem
from forbear.store.models import Promise
from forbear.web.request import Request, StaffRequest
from forbear.web.templatetags.forbear import said


def flash_problems(request: Request, wrong: Problem | Iterable[Problem]) -> None:
    """Show what went wrong on the next page, in the reader's language."""
    for each in [wrong] if isinstance(wrong, Problem) else wrong:
        messages.error(request, said(each))


def flash_result(request: Request, made: object, done: str = "") -> None:
    """Show on the next page that an act is done, in the words of `done` if there are any, or what went wrong."""
    if isinstance(made, Problem):
        flash_problems(request, made)
    else:
        messages.success(request, done or gettext("Done."))


def write_outcome(
    request: StaffRequest, now: datetime, *, again_at: datetime | None = None, loans: Iterable[str] = ()
) -> Problem | None:
    """Write down how a call ended, as the form says; `loans` are what it was about, none for all."""
    form = request.POST
    outcome = Outcome(
        form.get("contact", ""),
        form.get("result", ""),
        form.get("willingness", ""),
        form.get("situation", ""),
        form.get("note", "").strip(),
        disclosed=tuple(form.getlist("disclosed")),
        again_at=again_at,
        loans=tuple(loans),
    )
    made = record_outcome(outcome, request.user, now)
    if isinstance(made, Problem):
        return made
    messages.success(request, gettext("Saved."))
    return None


def write_promise(
    request: StaffRequest, now: datetime, borrower_id: str, loans: Iterable[str], currency: str
) -> Problem | list[Problem] | None:
    """Take a promise to pay, as the form says, within the lender's policy."""
    amount = parse_amount(request.POST.get("amount", "").replace(",", ""), currency)
    if isinstance(amount, Problem):
        return amount
    try:
        due_on = date.fromisoformat(request.POST.get("due_on", ""))
    except ValueError:
        return Problem("payment_day_missing", "Give the date of the payment.")
    offered = Offered(borrower_id, tuple(loans), amount, due_on)
    made = record_promise(offered, now, actor=f"staff:{request.user.number}", staff=request.user)
    if not isinstance(made, Promise):
        return made
    messages.success(request, gettext("Promise to pay recorded. No collection until it is due."))
    return None
