"""KPIs of the desk over a period, each with its formula, its parts and the rows behind it.

Formulas are versioned: a changed one gets a new version, so that figures of different versions aren't compared unseen.
Counts are of cases, contacts, promises and requests; amounts are minor units of one currency.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet

from forbear.store.models import Case, Consent, Contact, Plan, Promise, Request

_VOICE = ("call", "voice")
_MESSAGES = ("sms", "email", "push", "letter")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the lender, both ends included."""

    first: date
    last: date

    @property
    def starts(self) -> datetime:
        return datetime.combine(self.first, time(), ZoneInfo(settings.HOME.timezone))

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZoneInfo(settings.HOME.timezone))


@dataclass(frozen=True, slots=True)
class Kpi:
    """A share: `part` of `whole` rows. `formula` and names in (zh, en); `per` scales it (100 for percent)."""

    key: str
    name: tuple[str, str]
    formula: tuple[str, str]
    version: int
    per: int
    part: Callable[[Period], QuerySet]
    whole: Callable[[Period], QuerySet]
    distinct: str = ""

    def count(self, rows: QuerySet) -> int:
        """How many rows, or how many different values of `distinct`."""
        return rows.values(self.distinct).distinct().count() if self.distinct else rows.count()


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI's value in a period; None where the whole is nothing, which isn't 0."""

    kpi: Kpi
    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part * self.kpi.per / self.whole if self.whole else None


def made(period: Period) -> QuerySet[Contact]:
    """Contacts that were made in the period."""
    return Contact.objects.filter(at__gte=period.starts, at__lt=period.ends).exclude(outcome="not_sent")


def _calls(period: Period) -> QuerySet[Contact]:
    return made(period).filter(channel__in=_VOICE)


def _spoken(period: Period) -> QuerySet[Contact]:
    return _calls(period).filter(outcome="conversation")


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
    return Contact.objects.filter(wished_at__gte=period.starts, wished_at__lt=period.ends, state="refused")


def _opted_out(period: Period) -> QuerySet[Consent]:
    """Opt-outs that borrowers told; one that a feed brought was there before any message."""
    told = Consent.objects.filter(given=False, at__gte=period.starts, at__lt=period.ends)
    return told.exclude(source="feed")


KPIS: tuple[Kpi, ...] = (
    Kpi(
        "penetration",
        ("触达面", "Penetration"),
        ("有过联系尝试的借款人 ÷ 可作业案件的借款人", "borrowers with an attempt ÷ borrowers with a workable case"),
        1, 100, lambda p: made(p).filter(borrower_id__in=_workable(p).values("borrower_id")), _workable, "borrower_id",
    ),
    Kpi(
        "connect",
        ("接通率", "Connect rate"),
        ("有人接听 ÷ 拨打次数", "answered by a person ÷ attempts"),
        1, 100, lambda p: _calls(p).filter(outcome__in=("connected", "conversation")), _calls,
    ),
    Kpi(
        "rpc",
        ("本人接通率", "Right-party contact"),
        ("本人接听 ÷ 拨打次数", "talks with the borrower ÷ attempts"),
        1, 100, _spoken, _calls,
    ),
    Kpi(
        "account_rpc",
        ("本人可联率（户）", "Right-party contact by borrower"),
        ("接通过本人的借款人 ÷ 拨打过的借款人", "borrowers we spoke with ÷ borrowers dialled"),
        1, 100, _spoken, _calls, "borrower_id",
    ),
    Kpi(
        "reach",
        ("可联率", "Reach"),
        ("有人接听的借款人 ÷ 拨打过的借款人", "borrowers of whom somebody answered ÷ borrowers dialled"),
        1, 100, lambda p: _calls(p).filter(outcome__in=("connected", "conversation")), _calls, "borrower_id",
    ),
    Kpi(
        "ptp",
        ("承诺率", "Promise rate"),
        ("承诺还款 ÷ 本人接听", "promises ÷ talks with the borrower"),
        1, 100, _promised, _spoken,
    ),
    Kpi(
        "kept",
        ("承诺兑现率", "Promises kept"),
        ("已兑现 ÷ 本期到期且未取消的承诺", "kept ÷ promises due in the period, not cancelled"),
        1, 100, lambda p: _due(p).filter(state="kept"), _due,
    ),
    Kpi(
        "plan_break",
        ("分期中断率", "Plans broken"),
        ("中断的分期 ÷ 期间履行过的分期", "broken plans ÷ plans running in the period"),
        1, 100, lambda p: _begun(p).filter(state="broken"), _begun,
    ),
    Kpi(
        "delivered",
        ("消息送达率", "Messages delivered"),
        ("已送达 ÷ 已发出", "delivered ÷ sent"),
        1, 100, lambda p: _messages(p).filter(outcome="delivered"), _messages,
    ),
    Kpi(
        "opt_outs",
        ("每千条退订", "Opt-outs per 1,000"),
        ("退订 ÷ 已发出消息 × 1000", "opt-outs ÷ messages sent × 1,000"),
        1, 1000, _opted_out, _messages,
    ),
    Kpi(
        "blocked",
        ("规则拦截占比", "Refused by rule"),
        ("规则不允许的联系 ÷（已联系 + 不允许）", "refused ÷ (made + refused)"),
        1, 100, _refused, lambda p: Contact.objects.filter(pk__in=_refused(p).values("pk")) | made(p),
    ),
    Kpi(
        "complaints",
        ("每万户投诉", "Complaints per 10,000"),
        ("投诉 ÷ 有过联系的借款人 × 10000", "complaints ÷ borrowers contacted × 10,000"),
        1, 10_000, _complaints, made, "borrower_id",
    ),
    Kpi(
        "upheld",
        ("投诉成立率", "Complaints upheld"),
        ("成立或部分成立 ÷ 已答复的投诉", "upheld in whole or part ÷ complaints answered"),
        1, 100,
        lambda p: _answered(p).filter(kind="complaint", outcome__in=("upheld", "partly")),
        lambda p: _answered(p).filter(kind="complaint"),
    ),
    Kpi(
        "in_time",
        ("按期答复率", "Answered in time"),
        ("期限内答复 ÷ 已答复的申请", "answered by the last day ÷ requests answered"),
        1, 100, lambda p: _answered(p).filter(answered_at__date__lte=F("due_on")), _answered,
    ),
)  # fmt: skip
BY_KEY = {kpi.key: kpi for kpi in KPIS}


def figure(kpi: Kpi, period: Period) -> Figure:
    """The KPI's value in a period."""
    return Figure(kpi, kpi.count(kpi.part(period)), kpi.count(kpi.whole(period)))


def figures(period: Period) -> list[Figure]:
    """All of them."""
    return [figure(kpi, period) for kpi in KPIS]
