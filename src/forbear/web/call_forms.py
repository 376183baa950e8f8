"""The forms of a talk, the same on the desk and on an agency's pages: how a call ended, and what was promised."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib import messages
from django.utils.translation import gettext

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.replies.record_outcome import RESULTS, Outcome, record_outcome
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem
from forbear.store.models import Conversation, Promise
from forbear.web.labels import word
from forbear.web.request import Request, StaffRequest
from forbear.web.templatetags.forbear import said

#: Holds by which a call's result ends all contact.
_STOPS = ("cease", "lawyer", "deceased")


def grave(result: str) -> str:
    """What is asked once before a result that stops all contact is saved; "" for the others."""
    if RESULTS[result].hold not in _STOPS:
        return ""
    return gettext("“%(result)s” stops contact with this borrower at once. Save it?") % {
        "result": word("result", result)
    }


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
    request: StaffRequest,
    now: datetime,
    currency: str,
    *,
    again_at: datetime | None = None,
    loans: Iterable[str] = (),
) -> Problem | list[Problem] | None:
    """Write down how a call ended, as the form says; `loans` are what it was about, none for all."""
    outcome = read_outcome(request, currency, again_at=again_at, loans=loans)
    if isinstance(outcome, Problem):
        return outcome
    made = record_outcome(outcome, request.user, now)
    if not isinstance(made, Conversation):
        return made
    flash_effects(request, made)
    return None


def read_outcome(
    request: StaffRequest, currency: str, *, again_at: datetime | None = None, loans: Iterable[str] = ()
) -> Outcome | Problem:
    """How a call ended, as the form says; a promise has its amount and day in the same form."""
    form = request.POST
    promised = _promised(request, currency) if form.get("result") == "promise" else (0, None)
    if isinstance(promised, Problem):
        return promised
    return Outcome(
        form.get("contact", ""),
        form.get("result", ""),
        form.get("willingness", ""),
        form.get("situation", ""),
        form.get("note", "").strip(),
        disclosed=tuple(form.getlist("disclosed")),
        again_at=again_at,
        loans=tuple(loans),
        amount=promised[0],
        due_on=promised[1],
    )


def flash_effects(request: StaffRequest, made: Conversation) -> None:
    """Say what a result of a call did: a promise, a request with the number that the borrower is given, or neither."""
    number = made.effects.get("request") or made.effects.get("request_added")
    if made.effects.get("promise"):
        messages.success(request, gettext("Saved. Promise to pay recorded. No collection until it is due."))
    elif number:
        due_on = date.fromisoformat(str(made.effects["due_on"]))
        messages.success(
            request,
            gettext("Saved as %(number)s, to be answered by %(due_on)s. Please inform the borrower.")
            % {"number": number, "due_on": due_on},
        )
    else:
        messages.success(request, gettext("Saved."))


def _promised(request: StaffRequest, currency: str) -> tuple[int, date] | Problem:
    """The amount and day of a promise in the form."""
    amount = parse_amount(request.POST.get("amount", "").replace(",", ""), currency)
    if isinstance(amount, Problem):
        return amount
    day = read_day(request.POST.get("due_on", ""))
    return (amount, day) if day else Problem("payment_day_missing", "Give the date of the payment.")


def read_day(text: str) -> date | None:
    """A day as a form sends it; None for none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def write_promise(
    request: StaffRequest, now: datetime, borrower_id: str, loans: Iterable[str], currency: str
) -> Problem | list[Problem] | None:
    """Take a promise to pay, as the form says, within the lender's policy."""
    promised = _promised(request, currency)
    if isinstance(promised, Problem):
        return promised
    offered = Offered(borrower_id, tuple(loans), *promised)
    made = record_promise(offered, now, actor=f"staff:{request.user.number}", staff=request.user)
    if not isinstance(made, Promise):
        return made
    messages.success(request, gettext("Promise to pay recorded. No collection until it is due."))
    return None
