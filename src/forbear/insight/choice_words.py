"""What the limits of a choice cost, in words."""

from collections.abc import Callable

from forbear.core.base.money import format_amount
from forbear.core.base.problem import Phrase, noop
from forbear.core.strategy.model import Choose
from forbear.insight.choice_program import Limit

_BRINGS = {
    "calls": noop("One more hour of calls, %(calls)s calls, would bring %(amount)s."),
    "cost": noop("%(unit)s more to spend a day would bring %(amount)s beyond that."),
    "agencies": noop("One more case placed with an agency a day would bring %(amount)s."),
    "complaints": noop("Allowing one more complaint would bring %(amount)s: the budget holds."),
    "contacts": noop("Allowing one more contact with each borrower would bring %(amount)s."),
}
_LEFT = {
    "calls": noop("There is room for more calls; more of it would bring nothing."),
    "cost": noop("Not all that may be spent is; more would bring nothing."),
    "agencies": noop("Agencies could get more cases; that would bring nothing."),
    "complaints": noop("The budget for complaints isn't used up; a larger one would bring nothing."),
    "contacts": noop("Borrowers could be contacted more often; that would bring nothing."),
}
_PASSED = {
    "calls": noop(
        "The limit on calls can't be kept: floors, and the ladder where little is known, plan more."
    ),
    "cost": noop("The limit on cost can't be kept: floors, and the ladder where little is known, cost more."),
    "agencies": noop(
        "The limit on agencies can't be kept: floors, and the ladder where little is known, place more."
    ),
    "complaints": noop(
        "The budget for complaints can't be kept: floors, and the ladder where little is known, bring more."
    ),
    "contacts": noop(
        "The limit on contacts can't be kept everywhere: floors, and the ladder where little is known, plan more."
    ),
}


def price_words(choose: Choose, limit: Limit, currency: Callable[[int], str] | None = None) -> Phrase:
    """One limit in a sentence; `currency` writes an amount in minor units."""
    shown = currency or (lambda minor: f"{choose.currency} {format_amount(minor, choose.currency)}")
    if not limit.kept:
        return Phrase(_PASSED[limit.name])
    more = choose.limits.calls_an_hour if limit.name == "calls" else 1
    unit = _one_unit(choose) if limit.name == "cost" else 1
    amount = round(limit.price * more * unit)
    if amount < 1:
        return Phrase(_LEFT[limit.name])
    named = {"calls": {"calls": str(more)}, "cost": {"unit": shown(unit)}}.get(limit.name, {})
    return Phrase(_BRINGS[limit.name], amount=shown(amount), **named)


def _one_unit(choose: Choose) -> int:
    """One unit of the currency, in minor units."""
    return 10 ** len(format_amount(0, choose.currency).partition(".")[2])
