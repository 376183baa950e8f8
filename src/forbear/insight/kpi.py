"""KPIs of the desk over a period, each with its formula, its parts and the rows behind it.

Formulas are versioned: a changed one gets a new version, so that figures of different versions aren't compared unseen.
Counts are of cases, contacts, promises and requests; amounts are minor units of the currency with most rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, DurationField, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Least

from forbear.core.base.problem import MessageId, noop
from forbear.insight.scope import ALL, Scope
from forbear.store.business_date import day_end, day_start
from forbear.store.models import (
    IMPORTED,
    Case,
    Consent,
    Contact,
    Conversation,
    Finding,
    Inbound,
    Payment,
    Permit,
    Plan,
    Promise,
    RefusedRule,
    Request,
    Settlement,
)

_VOICE = ("call", "voice")
_MESSAGES = ("sms", "email", "push", "letter")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the lender, both ends included, and whose rows are counted."""

    first: date
    last: date
    scope: Scope = ALL

    @property
    def starts(self) -> datetime:
        return day_start(self.first)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return day_end(self.last)

    @property
    def name(self) -> str:
        """What tells it from every other period and choice."""
        return f"{self.first}:{self.last}:{self.scope.name}"

    def narrow(self, rows: QuerySet) -> QuerySet:
        """Only the rows of those whom the scope chooses."""
        return self.scope.narrow(rows, self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class Kpi:
    """A share: `part` of `whole` rows. `per` scales it (100 for percent).

    Rows are counted, or the different values of `distinct` (of the whole those of `whole_distinct`, where that is
    another); with `amounts` what they sum to, (part, whole), in minor units of the currency with most rows. With
    `between` the part is the sum of minutes between two moments of its rows.
    """

    key: str
    name: MessageId
    formula: MessageId
    version: int
    per: int
    part: Callable[[Period], QuerySet]
    whole: Callable[[Period], QuerySet]
    distinct: str = ""
    whole_distinct: str | None = None
    amounts: tuple[Combinable, Combinable] | None = None
    between: tuple[str, str] | None = None

    def rows(self, side: str, period: Period) -> QuerySet:
        """The rows behind one side of it, "part" or "whole", of those whom the period's scope chooses."""
        return period.narrow((self.part if side == "part" else self.whole)(period))

    def computed(self, period: Period, known: dict[str, int]) -> tuple[int, int, str]:
        """Part, whole and the currency of both, "" where they are counts. `known` has what was counted by query."""
        part, whole = self.rows("part", period), self.rows("whole", period)
        if self.between is not None:
            return _minutes(part, *self.between), _count(whole, "", known), ""
        if self.amounts is None:
            other = self.distinct if self.whole_distinct is None else self.whole_distinct
            return _count(part, self.distinct, known), _count(whole, other, known), ""
        counts = (
            whole.order_by().values_list("currency").annotate(rows=Count("pk")).order_by("-rows", "currency")
        )
        currency = next(iter(counts.values_list("currency", flat=True)[:1]), "")
        sums = [
            rows.filter(currency=currency).aggregate(sum=Sum(amount))["sum"] or 0
            for rows, amount in zip((part, whole), self.amounts, strict=True)
        ]
        return sums[0], sums[1], currency


def _minutes(rows: QuerySet, start: str, end: str) -> int:
    """Whole minutes from one moment of each row to another, added up."""
    length = Sum(F(end) - F(start), output_field=DurationField())
    total = rows.order_by().aggregate(total=length)["total"]
    return int(total / timedelta(minutes=1)) if total else 0


def _count(rows: QuerySet, distinct: str, known: dict[str, int]) -> int:
    """How many, counted once for all figures of a period that ask the same."""
    counted = rows.values(distinct).distinct() if distinct else rows
    try:
        query = f"{distinct}: {counted.query}"
    except EmptyResultSet:  # nothing can be like that, and no query says so
        return 0
    if query not in known:
        known[query] = counted.count()
    return known[query]


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI's value in a period; None where the whole is nothing, which isn't 0."""

    kpi: Kpi
    part: int
    whole: int
    currency: str = ""

    @property
    def value(self) -> float | None:
        """Scaled by the KPI's `per`."""
        return self.part * self.kpi.per / self.whole if self.whole else None


#: Steps that ask the permit gate like contacts and reach nobody: a placement, a step at court, a record at a bureau.
_STEPS = ("agency", "court", "bureau")


def made(period: Period, *, steps: bool = False) -> QuerySet[Contact]:
    """Contacts that were made in the period; with `steps` also those that reach a third party and not the borrower.

    What the system before Forbear did is none of Forbear's figures.
    """
    rows = Contact.objects.filter(at__gte=period.starts, at__lt=period.ends).exclude(outcome="not_sent")
    rows = rows.exclude(provider=IMPORTED)
    return rows if steps else rows.exclude(channel__in=_STEPS)


def _calls(period: Period) -> QuerySet[Contact]:
    return made(period).filter(channel__in=_VOICE)


def _spoken(period: Period) -> QuerySet[Contact]:
    return _calls(period).filter(outcome="conversation")


def _talked_of(answer: str) -> Callable[[Period], QuerySet[Contact]]:
    """Talks of which somebody wrote down this answer: `willingness` or `situation`."""
    asked = Conversation.objects.filter(contact=OuterRef("pk")).exclude(**{answer: ""})
    return lambda period: _spoken(period).filter(Exists(asked))


def _unable(period: Period) -> QuerySet[Contact]:
    asked = Conversation.objects.filter(contact=OuterRef("pk"), willingness="unable")
    return _spoken(period).filter(Exists(asked))


def _messages(period: Period) -> QuerySet[Contact]:
    return made(period).filter(channel__in=_MESSAGES, state="sent")


def _workable(period: Period) -> QuerySet[Case]:
    """Cases open at some time in the period and not on hold now."""
    then = Q(closed_on=None) | Q(closed_on__gte=period.first)
    return Case.objects.filter(then, opened_on__lte=period.last, held=False)


def _promised(period: Period) -> QuerySet[Promise]:
    return Promise.objects.filter(made_on__range=(period.first, period.last))


def _due(period: Period) -> QuerySet[Promise]:
    return Promise.objects.filter(due_on__range=(period.first, period.last)).exclude(
        state__in=("cancelled", "open")
    )


def _begun(period: Period) -> QuerySet[Plan]:
    return Plan.objects.filter(agreed_on__lte=period.last).exclude(ended_on__lt=period.first)


def _complaints(period: Period) -> QuerySet[Request]:
    return Request.objects.filter(kind="complaint", opened_at__gte=period.starts, opened_at__lt=period.ends)


def _answered(period: Period) -> QuerySet[Request]:
    return Request.objects.filter(
        state="answered", answered_at__gte=period.starts, answered_at__lt=period.ends
    )


def _refused(period: Period) -> QuerySet[Contact]:
    rows = Contact.objects.filter(queued_at__gte=period.starts, queued_at__lt=period.ends, state="refused")
    return rows.exclude(channel__in=_STEPS)


def refusals_by_rule(period: Period) -> list[tuple[str, int]]:
    """How many contacts of the `blocked` figure each rule refused, the most first; the rows behind are as many."""
    rows = RefusedRule.objects.filter(contact__in=period.narrow(_refused(period))).values_list("rule")
    return list(rows.annotate(number=Count("pk")).order_by("-number", "rule"))


def _settled(period: Period) -> QuerySet[Settlement]:
    """Settlements whose last day fell into the period, or that were kept before it: what was taken back is none."""
    return Settlement.objects.filter(by__range=(period.first, period.last), state__in=("kept", "lapsed"))


def _offered(period: Period) -> QuerySet[Settlement]:
    rows = Settlement.objects.filter(offered_on__range=(period.first, period.last))
    return rows.exclude(state__in=("cancelled", "declined"))


def _leaked(period: Period) -> QuerySet[Contact]:
    """Contacts that left without a permit, or against which something was found."""
    permitted = Permit.objects.filter(contact=OuterRef("pk"))
    findings = Finding.objects.filter(contact=OuterRef("pk"))
    return made(period, steps=True).filter(~Exists(permitted) | Exists(findings))


def _received(period: Period) -> QuerySet[Payment]:
    return Payment.objects.filter(received_at__gte=period.starts, received_at__lt=period.ends, reverses="")


def _answered_messages(period: Period) -> QuerySet[Inbound]:
    """Messages that a person first answered, or acted on, in the period."""
    return Inbound.objects.filter(kind="reply", answered_at__gte=period.starts, answered_at__lt=period.ends)


def _received_messages(period: Period) -> QuerySet[Inbound]:
    """Messages of the period that a person had to read."""
    return Inbound.objects.filter(kind="reply", needs_person=True, at__gte=period.starts, at__lt=period.ends)


def _opted_out(period: Period) -> QuerySet[Consent]:
    """Opt-outs that borrowers declared; one that a feed brought was there before any message."""
    consents = Consent.objects.filter(given=False, at__gte=period.starts, at__lt=period.ends)
    return consents.exclude(source="feed")


KPIS: tuple[Kpi, ...] = (
    Kpi(
        "penetration",
        noop("Penetration"),
        noop("borrowers with an attempt ÷ borrowers with a workable case"),
        2, 100, lambda p: made(p).filter(borrower_id__in=_workable(p).values("borrower_id")), _workable, "borrower_id",
    ),
    Kpi(
        "intensity",
        noop("Intensity"),
        noop("contacts with workable borrowers ÷ borrowers with a workable case"),
        1, 1, lambda p: made(p).filter(borrower_id__in=_workable(p).values("borrower_id")), _workable,
        whole_distinct="borrower_id",
    ),
    Kpi(
        "connect",
        noop("Connect rate"),
        noop("answered by a person ÷ attempts"),
        1, 100, lambda p: _calls(p).filter(outcome__in=("connected", "conversation")), _calls,
    ),
    Kpi(
        "rpc",
        noop("Right-party contact"),
        noop("talks with the borrower ÷ attempts"),
        1, 100, _spoken, _calls,
    ),
    Kpi(
        "account_rpc",
        noop("Right-party contact by borrower"),
        noop("borrowers we spoke with ÷ borrowers dialled"),
        1, 100, _spoken, _calls, "borrower_id",
    ),
    Kpi(
        "reach",
        noop("Reach"),
        noop("borrowers of whom somebody answered ÷ borrowers dialled"),
        1, 100, lambda p: _calls(p).filter(outcome__in=("connected", "conversation")), _calls, "borrower_id",
    ),
    Kpi(
        "ptp",
        noop("Promise rate"),
        noop("promises ÷ talks with the borrower"),
        1, 100, _promised, _spoken,
    ),
    Kpi(
        "reason_known",
        noop("Reason for arrears known"),
        noop("talks with a reason for arrears written down ÷ talks with the borrower"),
        1, 100, _talked_of("situation"), _spoken,
    ),
    Kpi(
        "unable",
        noop("Willing, not able"),
        noop("talks in which the borrower would pay and can't ÷ talks in which willingness was asked"),
        1, 100, _unable, _talked_of("willingness"),
    ),
    Kpi(
        "kept",
        noop("Promises kept"),
        noop("kept ÷ promises due in the period, not cancelled"),
        1, 100, lambda p: _due(p).filter(state="kept"), _due,
    ),
    Kpi(
        "kept_amount",
        noop("Promises kept, by amount"),
        noop("Σ the lesser of paid and promised ÷ Σ promised, of those due in the period and not cancelled"),
        1, 100, _due, _due, amounts=(Least(F("paid"), F("amount")), F("amount")),
    ),
    Kpi(
        "plan_break",
        noop("Plans broken"),
        noop("broken plans ÷ plans running in the period"),
        1, 100, lambda p: _begun(p).filter(state="broken"), _begun,
    ),
    Kpi(
        "plan_break_amount",
        noop("Plans broken, by amount"),
        noop("amount of broken plans ÷ amount of plans running in the period"),
        1, 100, lambda p: _begun(p).filter(state="broken"), _begun, amounts=(F("amount"), F("amount")),
    ),
    Kpi(
        "settlement",
        noop("Settlements kept"),
        noop("kept ÷ settlements whose last day is in the period"),
        1, 100, lambda p: _settled(p).filter(state="kept"), _settled,
    ),
    Kpi(
        "discount",
        noop("Mean discount of settlements"),
        noop("Σ (outstanding − settled for) ÷ Σ outstanding, of those offered in the period"),
        1, 100, _offered, _offered, amounts=(F("outstanding") - F("amount"), F("outstanding")),
    ),
    Kpi(
        "delivered",
        noop("Messages delivered"),
        noop("delivered ÷ sent, of which the provider has reported what became"),
        2, 100, lambda p: _messages(p).filter(outcome="delivered"), lambda p: _messages(p).exclude(outcome="pending"),
    ),
    Kpi(
        "opt_outs",
        noop("Opt-outs per 1,000"),
        noop("opt-outs ÷ messages sent × 1,000"),
        1, 1000, _opted_out, _messages,
    ),
    Kpi(
        "blocked",
        noop("Share refused by rule"),
        noop("refused ÷ (made + refused)"),
        2, 100, _refused, lambda p: Contact.objects.filter(pk__in=_refused(p).values("pk")) | made(p),
    ),
    Kpi(
        "leaks",
        noop("Non-compliant contacts per 100,000"),
        noop(
            "contacts without a permit or with a finding ÷ made × 100,000 "
            "(target 0; the page of non-compliant contacts asks the rules again besides)"
        ),
        1, 100_000, _leaked, lambda p: made(p, steps=True), "pk",
    ),
    Kpi(
        "complaints",
        noop("Complaints per 10,000"),
        noop("complaints ÷ borrowers contacted × 10,000"),
        2, 10_000, _complaints, made, "borrower_id",
    ),
    Kpi(
        "upheld",
        noop("Complaints upheld"),
        noop("upheld in whole or part ÷ complaints answered"),
        1, 100,
        lambda p: _answered(p).filter(kind="complaint", outcome__in=("upheld", "partly")),
        lambda p: _answered(p).filter(kind="complaint"),
    ),
    Kpi(
        "in_time",
        noop("Answered in time"),
        noop("answered by the last day ÷ requests answered"),
        1, 100, lambda p: _answered(p).filter(answered_at__date__lte=F("due_on")), _answered,
    ),
    Kpi(
        "first_answer",
        noop("Minutes to the first answer"),
        noop("Σ minutes from a message to the first answer or act of a person ÷ messages first answered in the period"),
        1, 1, _answered_messages, _answered_messages, between=("at", "answered_at"),
    ),
    Kpi(
        "read_in_day",
        noop("Messages read within a day"),
        noop("read within 24 hours ÷ messages of the period that a person had to read"),
        1, 100, lambda p: _received_messages(p).filter(read_at__lte=F("at") + timedelta(days=1)), _received_messages,
    ),
    Kpi(
        "heard",
        noop("Payments reported by the next day"),
        noop(
            "reported by the day after their value date ÷ payments reported in the period; "
            "contact stops as soon as one is reported"
        ),
        1, 100, lambda p: _received(p).filter(received_at__date__lte=F("paid_on") + timedelta(days=1)), _received,
    ),
)  # fmt: skip
BY_KEY = {kpi.key: kpi for kpi in KPIS}
#: The tables whose rows the parts and wholes of figures are.
ROWS = (Case, Consent, Contact, Inbound, Payment, Plan, Promise, Request, Settlement)


def figure(kpi: Kpi, period: Period) -> Figure:
    """The KPI's value in a period."""
    return Figure(kpi, *kpi.computed(period, {}))


def figures(period: Period) -> list[Figure]:
    """All of them."""
    known: dict[str, int] = {}
    return [Figure(kpi, *kpi.computed(period, known)) for kpi in KPIS]
