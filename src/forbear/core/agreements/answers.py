"""What an answer does: every kind of request and every answer to it, with its consequence and how that ends.

    ANSWERS["hardship", "deferred"]   payments rest until a day, with a review; nothing is asked, placed or queued

An answer that does nothing can't be given: a test walks the whole table. What an answer `needs` is asked for in the
form, and checked before anything is written. The effects are what is true afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.agreements.request import KINDS
from forbear.core.base.problem import MessageId, Problem, noop

#: Every effect, in plain words for the person who answers.
EFFECTS: Mapping[str, MessageId] = {
    "pause": noop("Payments rest until the day you choose. No contact, no agency, no visit, no lawsuit."),
    "plan": noop("A repayment plan begins. Nothing more is asked while it is kept."),
    "due_date": noop("The instalment falls due on the new day, on every page and in every message."),
    "difference": noop("The disputed amount is held: nobody asks for it, plans it or reports it as late."),
    "barred": noop("An agency that has the case gives it back, and none gets it meanwhile."),
    "recalled": noop("The case leaves the person or agency that the complaint is about."),
    "instruction": noop(
        "The lender's loan system is told, and the entry stays on a list until its feed agrees."
    ),
    "bureau": noop("The credit bureaus are told what is right with the next file."),
    "stays": noop("Contact stays on hold until the review."),
    "hold_ends": noop("The stop of contact that this request brought ends now."),
    "record": noop("Names, numbers and addresses are saved as the borrower gave them."),
    "paper": noop("The written notice lies ready on the borrower's pages."),
    "copy": noop("A copy of the data lies ready on the borrower's pages."),
    "register": noop("The register holds cause and redress; redress stays on its list until it is done."),
    "notice": noop("The borrower gets your words."),
}
#: How it ends: on a day, once payments keep or break it, once the feed shows it, by a person's review, or at once.
ENDINGS = ("day", "payments", "feed", "review", "at_once")


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer. `needs` names what the form must give: until, monthly, amount or to.

    `review_days` is the longest time until a person looks at it again, 0 for none. What nobody reviews by then goes on
    for `grace_days`, stands on the list as overdue, and then ends as `ends` says.
    """

    effects: tuple[str, ...]
    ends: str
    needs: tuple[str, ...] = ()
    review_days: int = 0
    grace_days: int = 0

    def __post_init__(self) -> None:
        assert self.effects, "no answer is without a consequence"
        assert set(self.effects) <= EFFECTS.keys(), self.effects
        assert self.ends in ENDINGS, self.ends


_NO = Answer(("hold_ends", "notice"), "at_once")
_SAID = Answer(("notice",), "at_once")
_WRONG = Answer(("difference", "instruction", "bureau", "hold_ends", "notice"), "feed")
_PART = Answer(("difference", "instruction", "bureau", "hold_ends", "notice"), "feed", ("amount",))
_SORRY = Answer(("recalled", "register", "hold_ends", "notice"), "at_once")
_FAULTLESS = Answer(("register", "hold_ends", "notice"), "at_once")

ANSWERS: Mapping[tuple[str, str], Answer] = {
    ("hardship", "reduced"): Answer(
        ("plan", "barred", "instruction", "hold_ends", "notice"), "payments", ("monthly",)
    ),
    ("hardship", "deferred"): Answer(
        ("pause", "barred", "instruction", "hold_ends", "notice"), "day", ("until",), 90, 14
    ),
    ("hardship", "refused"): _NO,
    ("dispute", "upheld"): _WRONG,
    ("dispute", "partly"): _PART,
    ("dispute", "refused"): _NO,
    ("complaint", "upheld"): _SORRY,
    ("complaint", "partly"): _SORRY,
    ("complaint", "refused"): _FAULTLESS,
    ("plan", "done"): Answer(("plan", "barred", "instruction", "notice"), "payments", ("monthly",)),
    ("plan", "refused"): _SAID,
    ("extension", "done"): Answer(("due_date", "instruction", "notice"), "feed", ("to",)),
    ("extension", "refused"): _SAID,
    ("written_notice", "done"): Answer(("paper", "hold_ends", "notice"), "at_once"),
    ("written_notice", "refused"): _NO,
    ("credit_objection", "corrected"): Answer(
        ("difference", "instruction", "bureau", "notice"), "feed", ("amount",)
    ),
    ("credit_objection", "refused"): _SAID,
    ("data_copy", "done"): Answer(("copy", "notice"), "at_once"),
    ("data_copy", "refused"): _SAID,
    ("correction", "done"): Answer(("record", "notice"), "at_once"),
    ("correction", "refused"): _SAID,
    ("wrong_person", "confirmed"): Answer(("stays", "barred", "notice"), "review", (), 30),
    ("wrong_person", "refused"): _NO,
    ("report_caller", "ours"): _SAID,
    ("report_caller", "not_ours"): _SAID,
    ("lawyer", "done"): Answer(("record", "stays", "barred", "notice"), "review", (), 180),
    ("lawyer", "refused"): _NO,
    ("payment_check", "booked"): _PART,
    ("payment_check", "not_received"): _NO,
    ("other", "done"): _SAID,
    ("other", "refused"): _SAID,
}

#: The longest pause that one answer grants; longer help is granted again at its review.
LONGEST_PAUSE_DAYS = 366


def outcomes_of(kind: str) -> tuple[str, ...]:
    """The answers that may be given to a kind of request, in the order of the table."""
    assert kind in KINDS, kind
    return tuple(outcome for known, outcome in ANSWERS if known == kind)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a person grants with an answer. Amounts are minor units, a month's or in all; days lie ahead."""

    until: date | None = None
    to: date | None = None
    monthly: int = 0
    amount: int = 0


def check_granted(answer: Answer, granted: Granted, today: date) -> list[Problem]:
    """What is missing or impossible in what is granted; nothing when the answer may be given."""
    problems = []
    if "until" in answer.needs and not _ahead(granted.until, today):
        problems.append(
            Problem("pause_end_missing", "say until when payments rest: a day within the next year")
        )
    if "to" in answer.needs and not _ahead(granted.to, today):
        problems.append(Problem("new_due_date_missing", "give the new due date: a day within the next year"))
    if "monthly" in answer.needs and granted.monthly <= 0:
        problems.append(Problem("monthly_missing", "say how much is paid each month"))
    if "amount" in answer.needs and granted.amount <= 0:
        problems.append(Problem("wrong_amount_missing", "say how much of it is wrong"))
    return problems


def _ahead(day: date | None, today: date) -> bool:
    return day is not None and today < day <= today + timedelta(days=LONGEST_PAUSE_DAYS)


def review_on(answer: Answer, granted: Granted, wished: date | None, today: date) -> date | None:
    """The day on which a person looks again: never later than the table says, nor after a pause ends; None for none."""
    if not answer.review_days:
        return None
    latest = today + timedelta(days=answer.review_days)
    return min(day for day in (wished, granted.until, latest) if day is not None)
