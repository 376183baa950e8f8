"""A case in five seconds: at most a line for each thing that decides what to say, each with the way to its event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, ngettext

from forbear.store.models import Conversation, Hold, Inbound, Plan, Promise, Request, Treatment
from forbear.web.desk.activity import Entry
from forbear.web.labels import word
from forbear.web.portal.owe import Paid
from forbear.web.templatetags.forbear import listed, money, when

#: Requests shown before the rest is left to their tab.
_REQUESTS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, and where on the page its event stands."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the page has read of a case.

    `paid` are its payments, each with its currency's unit and code; None where no book knows of any.
    """

    entries: Sequence[Entry]
    holds: Sequence[Hold]
    requests: Sequence[Request]
    replies: Sequence[Inbound]
    promises: Sequence[Promise]
    plans: Sequence[Plan]
    talks: Sequence[Conversation]
    treatments: Sequence[Treatment]
    paid: Sequence[tuple[Paid, int, str]] | None
    today: date


def brief(known: Known) -> list[Line]:
    """The lines of a case, what binds first."""
    return [
        *_holds(known),
        *_words(known),
        *_requests(known),
        *_agreements(known),
        *_talks(known),
        *_payments(known),
        *_planned(known),
    ]


def _place(known: Known, name: str, value: object, tab: str) -> str:
    """The entry whose events name it, else the tab where its kind stands."""
    for entry in known.entries:
        if any(event.body.get(name) == value for event in entry.events):
            return f"#event-{entry.number}"
    return f"#{tab}"


def _holds(known: Known) -> Iterable[Line]:
    for hold in known.holds:
        said = {"kind": word("hold", hold.kind), "day": when(hold.starts_at)[:10]}
        yield Line(
            gettext("On hold since %(day)s: %(kind)s.") % said, _place(known, "hold", hold.pk, "activity")
        )


def _words(known: Known) -> Iterable[Line]:
    unread = [reply for reply in known.replies if reply.needs_person and not reply.read_at]
    if unread:
        said = {"day": when(unread[0].at), "channel": word("channel", unread[0].channel)}
        text = gettext("The borrower wrote on %(day)s (%(channel)s). Nobody has read it yet.") % said
        yield Line(text, "#messages")


def _requests(known: Known) -> Iterable[Line]:
    waiting = [each for each in known.requests if each.state == "open"]
    for each in waiting[:_REQUESTS]:
        said = {"kind": word("request", each.kind), "number": each.number, "due": when(each.due_on)}
        text = gettext("%(kind)s asked for (%(number)s), to be answered by %(due)s.") % said
        yield Line(text, _place(known, "request", each.number, "requests"))


def _agreements(known: Known) -> Iterable[Line]:
    for promise in known.promises:
        if promise.state == "open":
            said = {
                "amount": money(promise.amount, promise.minor_unit, promise.currency),
                "day": when(promise.due_on),
            }
            text = gettext("Promised %(amount)s by %(day)s.") % said
            yield Line(text, _place(known, "promise", promise.pk, "agreements"))
    broken = [promise for promise in known.promises if promise.state == "broken"]
    if broken:
        number = len(broken)
        text = ngettext(
            "%(number)s of the last promises was broken.",
            "%(number)s of the last promises were broken.",
            number,
        )
        yield Line(text % {"number": number}, _place(known, "promise", broken[0].pk, "agreements"))
    for plan in known.plans:
        if plan.state == "active":
            paid = money(plan.paid, plan.minor_unit, plan.currency)
            said = {"paid": paid, "amount": money(plan.amount, plan.minor_unit, plan.currency)}
            text = gettext("A repayment plan runs: %(paid)s of %(amount)s paid.") % said
            yield Line(text, _place(known, "plan", plan.pk, "agreements"))


def _talks(known: Known) -> Iterable[Line]:
    if known.talks:
        last = known.talks[0]
        said = {"day": when(last.at)[:10], "result": word("result", last.result)}
        text = gettext("Last call on %(day)s: %(result)s.") % said
        yield Line(text, _place(known, "contact", last.contact_id, "activity"))
    answered = next((talk for talk in known.talks if talk.willingness or talk.situation), None)
    if answered:
        parts = [word("willingness", answered.willingness)] if answered.willingness else []
        parts += [word("situation", answered.situation)] if answered.situation else []
        text = gettext("In their words on %(day)s: %(said)s.")
        place = _place(known, "contact", answered.contact_id, "activity")
        yield Line(text % {"day": when(answered.at)[:10], "said": listed(parts)}, place)


def _payments(known: Known) -> Iterable[Line]:
    if known.paid is None:
        return
    kept = [each for each in known.paid if not each[0].bounced]
    last = max(kept, key=lambda each: each[0].payment.paid_on, default=None)
    if last is None:
        yield Line(gettext("No payment so far."), "#payments")
        return
    paid, unit, currency = last
    said = {"amount": money(paid.payment.amount, unit, currency), "day": when(paid.payment.paid_on)}
    place = _place(known, "payment", paid.payment.payment_id, "payments")
    yield Line(gettext("Last paid %(amount)s on %(day)s.") % said, place)


def _planned(known: Known) -> Iterable[Line]:
    today = [each for each in known.treatments if each.planned_on <= known.today]
    if today:
        channels = listed(dict.fromkeys(word("channel", each.channel) for each in today))
        yield Line(
            gettext("Planned by the strategy today: %(channels)s.") % {"channels": channels}, "#planned"
        )
