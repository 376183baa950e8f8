"""What the desk itself keeps of a person beside the evidence, and emptying it: names, numbers, words, texts sent.

The rows stay: that something was, when, by whom, how it ended, and the amounts. A number's digest stays too, so that
anyone who said stop is left alone even when a later feed brings the number again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from forbear.core.visits.visit import OPEN
from forbear.store.models import (
    Alarm,
    Borrower,
    Case,
    Complaint,
    Contact,
    ContactPoint,
    Conversation,
    Feedback,
    Hold,
    Inbound,
    Instruction,
    LawsuitStep,
    MissingRecording,
    PenaltyDifference,
    Plan,
    ReplyAlarm,
    ReportedPayment,
    Request,
    Review,
    SearchTerm,
    Settlement,
    StaffText,
    Visit,
    Vulnerability,
)


@dataclass(frozen=True, slots=True)
class Words:
    """What is personal in the rows of a table: `empty` has each field with what is left of it.

    `whose` leads from a row to the borrower's id; only rows of `which` are emptied.
    """

    model: type[Model]
    whose: str
    empty: Mapping[str, object]
    which: Q = field(default_factory=Q)

    def of(self, name: str) -> QuerySet:
        """The rows of this borrower that still hold something."""
        return self._full().filter(**{self.whose: name})

    def owners(self, since: date) -> QuerySet:
        """The ids of the borrowers of whom a row still holds something, without a case open after that day."""
        running = Case.objects.filter(
            Q(closed_on=None) | Q(closed_on__gt=since), borrower=OuterRef(self.whose)
        )
        rows = self._full().exclude(**{self.whose: None}).filter(~Exists(running))
        return rows.order_by().values_list(self.whose, flat=True).distinct()

    def _full(self) -> QuerySet:
        nothing = Q()
        for name, left in self.empty.items():
            nothing &= Q(**{f"{name}__isnull": True}) if left is None else Q(**{name: left})
        return self.model._default_manager.filter(self.which).filter(~nothing)


WORDS = (
    Words(Borrower, "borrower_id", {"name": "", "region": "", "born_on": None, "feed_digest": ""}),
    Words(
        ContactPoint,
        "borrower_id",
        {"value": "", "person": "", "area": "", "latitude": None, "longitude": None},
    ),
    Words(Hold, "borrower_id", {"reason": "", "lift_note": ""}),
    Words(Instruction, "borrower_id", {"note": ""}),
    Words(ReportedPayment, "borrower_id", {"reference": "", "note": ""}),
    Words(Contact, "borrower_id", {"subject": "", "body": "", "values": {}}),
    Words(Inbound, "borrower_id", {"text": "", "sender": ""}),
    Words(ReplyAlarm, "borrower_id", {"words": ""}),
    Words(Vulnerability, "borrower_id", {"kinds": [], "words": "", "ended_note": ""}),
    Words(Conversation, "borrower_id", {"note": ""}),
    Words(Plan, "borrower_id", {"reason_note": "", "budget": {}}),
    Words(Settlement, "borrower_id", {"reason_note": ""}),
    Words(Request, "borrower_id", {"words": "", "answer": "", "details": {}}),
    Words(
        Complaint,
        "borrower_id",
        {"extended_note": "", "proposed_answer": "", "redress_act": "", "referral_note": ""},
    ),
    Words(Feedback, "borrower_id", {"words": ""}),
    Words(Review, "contact__borrower_id", {"words": "", "answer": ""}),
    Words(MissingRecording, "contact__borrower_id", {"words": ""}),
    Words(PenaltyDifference, "loan__borrower_id", {"words": ""}),
    Words(LawsuitStep, "lawsuit__borrower_id", {"words": ""}),
    Words(
        Visit,
        "borrower_id",
        {"note": "", "reason_note": "", "stopped_note": "", "places": {}},
        ~Q(state__in=OPEN),
    ),
    Words(Alarm, "visit__borrower_id", {"place": {}, "words": ""}),
    # where the visitor was may be where the borrower lives
    Words(StaffText, "alarm__visit__borrower_id", {"body": ""}),
)


def owners(since: date) -> Iterator[str]:
    """The borrowers without a case open after that day of whom the desk holds something; one may come twice."""
    for words in WORDS:
        yield from words.owners(since).iterator()


def erase_personal_text(name: str, now: datetime) -> None:
    """Empty what the desk holds of this borrower. What a night brings again of them comes with their next case."""
    # nobody writes to an emptied number; a feed that brings it again makes it one to write to
    ContactPoint.objects.filter(borrower_id=name).update(invalid_at=Coalesce(F("invalid_at"), Value(now)))
    SearchTerm.objects.filter(borrower_id=name).delete()
    for words in WORDS:
        words.of(name).update(**words.empty)
