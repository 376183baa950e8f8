"""The part of a strategy that chooses: what may be done with whom, within which limits.

    choose:
      salt: choice-1
      currency: CNY
      eligible: days_past_due between 4 and 29
      days: 30                             # an option is kept so long, and what it brings is counted within them
      floor: 0.05                          # no open option is less probable, so that it goes on learning
      strata: {days_past_due: [8, 16], total_past_due: [500.00, 2000.00]}
      options:
        - {option: ladder}                                  # the first: all that the stages plan
        - {option: messages, only: [sms, email, push]}      # of what they plan, only these channels
        - {option: nothing, only: [], like: {spaced: wait}} # past nights: what this arm brought
      limits: {calls: 200, calls_an_hour: 12, cost: 500.00, agencies: 10, complaints: 2, contacts: 8}
      harm: 300.00                         # the price of one complaint

All mistakes are noted on the sheet, each at its place.
"""

from decimal import Decimal

import yaml

from forbear.core.base.money import currencies, parse_amount
from forbear.core.base.problem import Problem, noop, with_hint
from forbear.core.conditions.parse import Condition, ConditionError, parse
from forbear.core.facts.contact import CHANNELS
from forbear.core.facts.vocabulary import FACTS
from forbear.core.files.hints import nearest, one_of
from forbear.core.files.sheet import Entries
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.choice import CHOICE
from forbear.core.strategy.experiments import ExperimentReader
from forbear.core.strategy.measures import WINDOWS
from forbear.core.strategy.model import CALLS_AN_HOUR, Choose, Dimension, Limits, Option

_KEYS = (
    "salt", "currency", "eligible", "days", "floor", "strata", "options", "limits", "harm",
)  # fmt: skip
_NEEDED = ("currency", "eligible", "days", "floor", "strata", "options", "harm")
_LIMITS = ("calls", "calls_an_hour", "cost", "agencies", "complaints", "contacts")
#: More options than this would leave too few borrowers for each.
MOST_OPTIONS = 6
_MOST = 10_000_000
_EARLY = ("days_in_stage", "in_holdout")


class ChoiceReader:
    """Reads `choose`, with the readers of numbers and names that experiments have."""

    def __init__(self, chance: ExperimentReader) -> None:
        self.chance = chance
        self.reader, self.sheet = chance.reader, chance.sheet

    def choose(self, entries: Entries) -> Choose | None:
        """The choice, where there is one."""
        if "choose" not in entries:
            return None
        node = entries["choose"][1]
        parts = self.sheet.entries(node, "`choose`", _KEYS, _NEEDED)
        if parts is None:
            return None
        salt = self.reader.name(parts, "salt") if "salt" in parts else CHOICE
        currency = self.currency(parts)
        eligible = self.reader.condition(parts, "eligible", before=_EARLY, arms=False)
        days, floor = self.days(parts), self.chance.share(parts, "floor")
        strata, options = self.strata(parts), self.options(parts)
        self.chance.arm_names[CHOICE] = [option.name for option in options]
        if floor and options and floor * len(options) > WHOLE:
            high = Problem("choose_floor_high", "the floors of all options together are more than 1")
            self.sheet.say(parts["floor"][1], high)
        limits, harm = Limits(), None
        if currency:
            limits, harm = self.limits(parts, currency), self.amount(parts, "harm", currency)
        if not (salt and currency and eligible and days and floor and strata and options) or harm is None:
            return None
        place = self.sheet.place(node)
        return Choose(
            salt, currency, eligible, days, floor, strata, options, limits, harm, place, self.complaints_at(parts)
        )  # fmt: skip

    def currency(self, parts: Entries) -> str | None:
        """The currency of all amounts; cases in another one are not chosen for."""
        if "currency" not in parts:
            return None
        node = parts["currency"][1]
        text = self.sheet.scalar(node, "`currency`")
        if text is not None and text not in currencies():
            unknown = Problem("choose_currency_unknown", "there is no currency `%(text)s`", text=text)
            self.sheet.say(node, unknown)
            return None
        return text

    def days(self, parts: Entries) -> int | None:
        """For how many days an option is kept, one of the windows that experiments have."""
        days = self.chance.whole(parts, "days", min(WINDOWS), max(WINDOWS))
        if days is not None and days not in WINDOWS:
            listed = tuple(str(window) for window in WINDOWS)
            unknown = Problem("choose_window", "an option can't be kept for %(days)s days", days=days)
            self.sheet.say(parts["days"][1], with_hint(unknown, one_of(listed)))
            return None
        return days

    def strata(self, parts: Entries) -> tuple[Dimension, ...]:
        """What cases are told apart by: bounds of a number, or the values of a text or a truth."""
        if "strata" not in parts:
            return ()
        node = parts["strata"][1]
        known = [
            name for name, fact in FACTS.items() if fact.known in ("night", "desk") and name not in _EARLY
        ]
        entries = self.sheet.entries(node, "`strata`", known)
        if entries is not None and not entries and not getattr(node, "value", None):
            self.sheet.say(
                node, Problem("choose_no_strata", "`strata` names at least one fact with its bounds")
            )
        read = [self.dimension(name, value) for name, (_, value) in (entries or {}).items()]
        return tuple(each for each in read if each is not None)

    def dimension(self, name: str, node: yaml.Node) -> Dimension | None:
        """One fact with its bounds, each as it is written."""
        kind, numbered, bounds = FACTS[name].kind, [], []
        for at, item in enumerate(self.sheet.items(node, f"`{name}`"), start=1):
            text = self.sheet.scalar(item, f"`{name}`")
            if text is None or (kind in ("int", "money") and self.chance.decimal(item, name) is None):
                return None
            quoted = "'" + text.replace("'", "''") + "'"
            asked = {"text": f"{name} = {quoted}", "bool": f"{name} = {text}"}.get(kind, f"{name} >= {text}")
            condition = self.bound(item, asked)
            if condition is None:
                return None
            numbered.append((at, condition))
            bounds.append(text)
        if kind in ("int", "money") and [Decimal(each) for each in bounds] != sorted(
            {Decimal(each) for each in bounds}
        ):
            mixed = Problem(
                "choose_bounds_mixed", "the bounds of `%(name)s` rise from one to the next", name=name
            )
            self.sheet.say(node, mixed)
        return Dimension(name, tuple(bounds), tuple(numbered)) if bounds else None

    def bound(self, node: yaml.Node, asked: str) -> Condition | None:
        """The condition of one bound; a mistake stands at the bound."""
        try:
            return parse(asked, known=frozenset({"night", "desk"}))
        except ConditionError as error:
            self.sheet.say(node, error.problems[0].what)
            return None

    def options(self, parts: Entries) -> tuple[Option, ...]:
        """The options, at least two; the first is all that the stages plan, for everybody."""
        if "options" not in parts:
            return ()
        node = parts["options"][1]
        read: list[Option] = []
        for item in self.sheet.items(node, "`options`"):
            option = self.option(item, first=not read)
            if option is None:
                return ()
            if option.name in [each.name for each in read]:
                twice = Problem(
                    "choose_option_repeated", "option `%(name)s` is there twice", name=option.name
                )
                self.sheet.say(item, twice)
            read.append(option)
        if not 2 <= len(read) <= MOST_OPTIONS:
            number = Problem("choose_options_number", "a choice has 2 to %(most)s options", most=MOST_OPTIONS)
            self.sheet.say(node, number)
            return ()
        return tuple(read)

    def option(self, node: yaml.Node, *, first: bool) -> Option | None:
        """One option."""
        parts = self.sheet.entries(
            node, noop("an option"), ("option", "title", "only", "when", "like"), ("option",)
        )
        if parts is None:
            return None
        name = self.reader.name(parts, "option")
        title = self.reader.title(parts, name or "")
        when = self.reader.condition(parts, "when", default="true", before=_EARLY, arms=False)
        if first and ("only" in parts or "when" in parts):
            plain = Problem(
                "choose_first_plain",
                "the first option is what the stages plan, for everybody: leave `only` and `when` out",
            )
            self.sheet.say(node, plain)
        only = self.only(parts)
        like = self.like(parts)
        return (
            None
            if name is None or when is None
            else Option(name, only, when, like, title, self.sheet.place(node))
        )

    def only(self, parts: Entries) -> frozenset[str] | None:
        """The channels that an option leaves; None where it leaves all."""
        if "only" not in parts:
            return None
        read = set()
        for item in self.sheet.items(parts["only"][1], "`only`"):
            text = self.sheet.scalar(item, "`only`")
            if text is not None and text not in CHANNELS:
                unknown = Problem("choose_channel_unknown", "there is no channel `%(text)s`", text=text)
                self.sheet.say(item, with_hint(unknown, nearest(text, CHANNELS) or one_of(CHANNELS)))
            elif text is not None:
                read.add(text)
        return frozenset(read)

    def like(self, parts: Entries) -> dict[str, str]:
        """By experiment the arm that stands for the option. The experiment may be over and gone from the file."""
        if "like" not in parts:
            return {}
        node = parts["like"][1]
        names = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        entries = self.sheet.entries(node, "`like`", names) or {}
        read = {name: self.sheet.scalar(value, f"`{name}`") for name, (_, value) in entries.items()}
        return {name: arm for name, arm in read.items() if arm is not None}

    def limits(self, parts: Entries, currency: str) -> Limits:
        """The limits, each of which may be left out."""
        if "limits" not in parts:
            return Limits()
        entries = self.sheet.entries(parts["limits"][1], "`limits`", _LIMITS) or {}
        return Limits(
            self.chance.whole(entries, "calls", 0, _MOST),
            self.chance.whole(entries, "calls_an_hour", 1, _MOST) or CALLS_AN_HOUR,
            self.amount(entries, "cost", currency),
            self.chance.whole(entries, "agencies", 0, _MOST),
            self.rate(entries, "complaints"),
            self.rate(entries, "contacts"),
        )

    def rate(self, entries: Entries, key: str) -> Decimal | None:
        """A number of 0 or more."""
        if key not in entries:
            return None
        node = entries[key][1]
        number = self.chance.decimal(node, key)
        if number is not None and number < 0:
            self.sheet.say(node, Problem("choose_limit_below_zero", "`%(key)s` is 0 or more", key=key))
            return None
        return number

    def amount(self, parts: Entries, key: str, currency: str) -> int | None:
        """An amount of 0 or more, in minor units."""
        if key not in parts:
            return None
        node = parts[key][1]
        text = self.sheet.scalar(node, f"`{key}`")
        minor = None if text is None else parse_amount(text, currency)
        if isinstance(minor, Problem):
            self.sheet.say(node, minor)
            return None
        if minor is not None and minor < 0:
            self.sheet.say(node, Problem("choose_amount_negative", "`%(key)s` is below 0", key=key))
            return None
        return minor

    def complaints_at(self, parts: Entries) -> tuple[int, int] | None:
        """Where the limit on complaints stands in the text."""
        limits = parts["limits"][1] if "limits" in parts else None
        if not isinstance(limits, yaml.MappingNode):
            return None
        found = [value for key, value in limits.value if key.value == "complaints"]
        return (found[0].start_mark.index, found[0].end_mark.index) if found else None
