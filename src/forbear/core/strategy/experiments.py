"""The parts of a strategy about chance: its hold-out and its experiments.

    holdout: {share: 0.05, salt: fenghe-2026, ends: {day: 30, stage: intensive}, keeps: [help_offer]}
    experiments:
      - experiment: spaced
        title: {zh: 隔日联系, en: Every other day}
        salt: spaced-1                       # the default is the name
        eligible: days_past_due between 4 and 29
        share: 0.20                          # of those eligible; the default is all
        arms:                                # the first is what the others are compared with
          usual: 0.50
          spaced: {share: 0.50, title: {zh: 隔日, en: Every other day}}
        outcome: {measure: cash, days: 30}
        guardrails: {complaints: 0.01}       # by how much worse than the first arm another may be
        first_day: 2026-12-01
        last_day: 2027-01-31
    canary: {outcome: {measure: cash, days: 7}, guardrails: {cash: 5.00}}    # for when it is tried on a share

All mistakes are noted on the sheet, each at its place.
"""

from datetime import date
from decimal import Decimal, InvalidOperation

import yaml

from forbear.core.base.problem import Problem, noop, with_hint
from forbear.core.conditions.parse import Place
from forbear.core.conditions.terms import Comparison, FactTerm, Literal, Member, Term, experiment_of, walk
from forbear.core.files.hints import nearest, one_of
from forbear.core.files.sheet import Entries
from forbear.core.strategy.arms import HOLDOUT
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.choice import CHOICE
from forbear.core.strategy.measures import MEASURES, WINDOWS
from forbear.core.strategy.model import Arm, Canary, Experiment, HoldOut, StageRule
from forbear.core.strategy.reader import Reader

_KEYS = (
    "experiment", "title", "salt", "eligible", "share", "arms", "outcome", "guardrails", "first_day", "last_day",
)  # fmt: skip
_NEEDED = ("experiment", "eligible", "arms", "outcome", "first_day", "last_day")
#: The last day past due on which a hold-out can still be silent.
_LATEST_END = 9998


class ExperimentReader:
    """Reads the hold-out and the experiments after the stages, on the same sheet."""

    def __init__(self, reader: Reader, stages: list[StageRule]) -> None:
        self.reader = reader
        self.sheet = reader.sheet
        self.stages = stages
        self.arm_names: dict[str, list[str]] = {}

    def holdout(self, entries: Entries) -> HoldOut | None:
        """The hold-out, where there is one."""
        if HOLDOUT not in entries:
            return None
        node = entries[HOLDOUT][1]
        parts = self.sheet.entries(
            node, "`holdout`", ("share", "salt", "ends", "keeps"), ("share", "salt", "ends")
        )
        if parts is None:
            return None
        share, salt = self.share(parts, "share"), self.reader.name(parts, "salt")
        day, stage = self.ends(parts)
        keeps = self.keeps(parts)
        if share is None or salt is None:
            return None
        if share == WHOLE:
            everybody = Problem(
                "holdout_everybody", "a hold-out of everybody leaves nobody to compare it with"
            )
            self.sheet.say(parts["share"][1], everybody)
        return HoldOut(share, salt, day, stage, keeps, self.sheet.place(node))

    def ends(self, parts: Entries) -> tuple[int | None, str]:
        """The day and the stage with which the hold-out ends for a case; one of the two has to be given."""
        if "ends" not in parts:
            return None, ""
        node = parts["ends"][1]
        ends = self.sheet.entries(node, "`ends`", ("day", "stage"))
        if ends is None:
            return None, ""
        if not ends and not getattr(node, "value", None):
            never = Problem(
                "holdout_never_ends", "`ends` needs a `day` or a `stage`: silence can cost rights"
            )
            self.sheet.say(node, never)
        day = self.whole(ends, "day", 1, _LATEST_END)
        stage = self.reader.name(ends, "stage") or ""
        names = [rule.stage for rule in self.stages]
        if stage and stage not in names:
            unknown = Problem("holdout_stage_unknown", "no stage is called `%(name)s`", name=stage)
            self.sheet.say(ends["stage"][1], with_hint(unknown, nearest(stage, names) or one_of(names)))
        return day, stage

    def keeps(self, parts: Entries) -> frozenset[str]:
        """The templates that go to the hold-out, too; each has to be one of the stages'."""
        if "keeps" not in parts:
            return frozenset()
        used = sorted({treatment.template for rule in self.stages for treatment in rule.treatments})
        read = set()
        for node in self.sheet.items(parts["keeps"][1], "`keeps`"):
            name = self.sheet.scalar(node, "`keeps`")
            if name is None:
                continue
            if name not in used:
                unused = Problem("holdout_keeps_unknown", "no stage plans `%(name)s`", name=name)
                self.sheet.say(node, with_hint(unused, nearest(name, used)))
            read.add(name)
        return frozenset(read)

    def experiments(self, entries: Entries) -> tuple[Experiment, ...]:
        """All experiments; afterwards the conditions of the file are held against their names and arms."""
        read: list[Experiment] = []
        named: dict[str, int] = {}
        nodes = (
            self.sheet.items(entries["experiments"][1], "`experiments`") if "experiments" in entries else []
        )
        for node in nodes:
            parts = self.sheet.entries(node, noop("an experiment"), _KEYS, _NEEDED)
            if parts is None:
                continue
            self.unlike_others(parts, named)
            experiment = self.experiment(node, parts)
            if experiment is not None:
                self.check_salt(parts, experiment, read, entries)
                read.append(experiment)
        # an experiment with a mistake of its own is no unknown one
        arms = {name: self.arm_names.get(name, []) for name in named}
        arms |= {CHOICE: self.arm_names[CHOICE]} if CHOICE in self.arm_names else {}
        for condition, place in self.reader.conditions:
            for term in walk(condition.term):
                self.check_names(term, place, arms)
        return tuple(read)

    def unlike_others(self, parts: Entries, named: dict[str, int]) -> None:
        """Two experiments of one name would be one record with two meanings."""
        if "experiment" not in parts or not isinstance(parts["experiment"][1], yaml.ScalarNode):
            return
        node = parts["experiment"][1]
        name, line = str(node.value), self.sheet.line_column(node.start_mark.index)[0]
        if name == HOLDOUT:
            self.sheet.say(
                node, Problem("experiment_called_holdout", "`holdout` is the name of the hold-out")
            )
        if name == CHOICE:
            self.sheet.say(node, Problem("experiment_called_choice", "`choice` is the name of the choice"))
        if name in named:
            repeated = Problem(
                "experiment_repeated",
                "experiment `%(name)s` is already on line %(line)s; give each its own name",
                name=name,
                line=named[name],
            )
            self.sheet.say(node, repeated)
        named.setdefault(name, line)

    def check_salt(
        self, parts: Entries, experiment: Experiment, earlier: list[Experiment], entries: Entries
    ) -> None:
        """Two with one salt would have the same borrowers in the same places, so neither would be by chance."""
        salts = {each.salt: each.name for each in earlier}
        if HOLDOUT in entries and isinstance(entries[HOLDOUT][1], yaml.MappingNode):
            salts |= {
                str(value.value): HOLDOUT for key, value in entries[HOLDOUT][1].value if key.value == "salt"
            }
        if experiment.salt in salts:
            shared = Problem(
                "salt_shared",
                "`%(other)s` has the salt `%(salt)s` already; give each its own",
                other=salts[experiment.salt],
                salt=experiment.salt,
            )
            self.sheet.say(parts["salt" if "salt" in parts else "experiment"][1], shared)

    def experiment(self, node: yaml.Node, parts: Entries) -> Experiment | None:
        """One experiment."""
        name = self.reader.name(parts, "experiment")
        title = self.reader.title(parts, name or "")
        salt = self.reader.name(parts, "salt") if "salt" in parts else name
        eligible = self.reader.condition(
            parts, "eligible", before=("days_in_stage", "in_holdout"), arms=False
        )
        share = self.share(parts, "share") if "share" in parts else WHOLE
        arms = self.arms(parts)
        self.arm_names[name or ""] = [arm.name for arm in arms]
        outcome, window = self.outcome(parts)
        guardrails = self.guardrails(parts)
        first, last = self.day(parts, "first_day"), self.day(parts, "last_day")
        if first and last and last < first:
            turned = Problem("experiment_ends_first", "the last day %(last)s is before the first", last=last)
            self.sheet.say(parts["last_day"][1], turned)
        if not (name and salt and eligible and share and arms and outcome and window and first and last):
            return None
        return Experiment(
            name, title, salt, eligible, share, arms, outcome, window, guardrails, first, last, self.sheet.place(node)
        )  # fmt: skip

    def canary(self, entries: Entries) -> Canary | None:
        """What is looked at while the strategy is tried on a share of borrowers."""
        if "canary" not in entries:
            return None
        needed = ("outcome", "guardrails")
        parts = self.sheet.entries(entries["canary"][1], "`canary`", needed, needed)
        if parts is None:
            return None
        (outcome, window), guardrails = self.outcome(parts), self.guardrails(parts)
        return Canary(outcome, window, guardrails) if outcome and window else None

    def arms(self, parts: Entries) -> tuple[Arm, ...]:
        """The arms, at least two, whose shares add up to one."""
        if "arms" not in parts:
            return ()
        node = parts["arms"][1]
        names = [
            key.value for key, _ in getattr(node, "value", []) if isinstance(key, yaml.ScalarNode)
        ] if isinstance(node, yaml.MappingNode) else []  # fmt: skip
        entries = self.sheet.entries(node, "`arms`", names)
        if entries is None:
            return ()
        if len(entries) < 2:
            self.sheet.say(node, Problem("experiment_one_arm", "an experiment has at least two arms"))
            return ()
        arms, broken = [], False
        for name, (key, value) in entries.items():
            if self.reader.name({name: (key, key)}, name) is None:
                broken = True
            share, title = self.share_and_title(name, key, value)
            broken = broken or share is None
            arms.append(Arm(name, share or 0, title, self.sheet.place(key)))
        total = sum(arm.share for arm in arms)
        if not broken and total != WHOLE:
            uneven = Problem(
                "experiment_shares",
                "the shares of the arms add up to %(total)s, not to 1",
                total=str(Decimal(total) / WHOLE),
            )
            self.sheet.say(node, uneven)
        return () if broken else tuple(arms)

    def share_and_title(
        self, name: str, key: yaml.ScalarNode, value: yaml.Node
    ) -> tuple[int | None, dict[str, str]]:
        """What an arm is given: its share, or a mapping with its share and title."""
        if not isinstance(value, yaml.MappingNode):
            return self.share({name: (key, value)}, name), self.reader.title({}, name)
        parts = self.sheet.entries(value, f"`{name}`", ("share", "title"), ("share",))
        return (None, {}) if parts is None else (self.share(parts, "share"), self.reader.title(parts, name))

    def outcome(self, parts: Entries) -> tuple[str, int]:
        """What decides the experiment, and after how many days."""
        if "outcome" not in parts:
            return "", 0
        entries = self.sheet.entries(
            parts["outcome"][1], "`outcome`", ("measure", "days"), ("measure", "days")
        )
        if entries is None:
            return "", 0
        measure = self.measure(entries["measure"][1]) if "measure" in entries else None
        days = self.whole(entries, "days", min(WINDOWS), max(WINDOWS))
        if days is not None and days not in WINDOWS:
            listed = tuple(str(window) for window in WINDOWS)
            unknown = Problem("experiment_window", "there is no window of %(days)s days", days=days)
            self.sheet.say(entries["days"][1], with_hint(unknown, one_of(listed)))
            days = None
        return measure or "", days or 0

    def measure(self, node: yaml.Node) -> str | None:
        """The name of a measure."""
        text = self.sheet.scalar(node, "`measure`")
        if text is None or text in MEASURES:
            return text
        unknown = Problem("measure_unknown", "unknown measure `%(text)s`", text=text)
        self.sheet.say(node, with_hint(unknown, nearest(text, tuple(MEASURES)) or one_of(tuple(MEASURES))))
        return None

    def guardrails(self, parts: Entries) -> dict[str, str]:
        """By measure how much worse than the first arm another may be, in the measure's own unit."""
        if "guardrails" not in parts:
            return {}
        entries = self.sheet.entries(parts["guardrails"][1], "`guardrails`", MEASURES) or {}
        read = {}
        for measure, (_, node) in entries.items():
            amount = self.decimal(node, measure)
            if amount is not None and amount < 0:
                self.sheet.say(node, Problem("guardrail_below_zero", "a guardrail is 0 or more"))
            elif amount is not None:
                read[measure] = str(amount)
        return read

    def share(self, parts: Entries, key: str) -> int | None:
        """A share above 0 and up to 1, with at most six decimals, in millionths."""
        if key not in parts:
            return None
        node = parts[key][1]
        share = self.decimal(node, key)
        if share is None:
            return None
        millionths = share * WHOLE
        if not 0 < share <= 1 or millionths != millionths.to_integral_value():
            wrong = Problem(
                "share_invalid", "`%(key)s` is a share above 0 and up to 1, with at most 6 decimals", key=key
            )
            self.sheet.say(node, wrong)
            return None
        return int(millionths)

    def decimal(self, node: yaml.Node, key: str) -> Decimal | None:
        """A number as it is written."""
        text = self.sheet.scalar(node, f"`{key}`")
        if text is None:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not text.isascii():
            self.sheet.say(node, Problem("decimal_expected", "`%(key)s` is a number, as 0.05", key=key))
            return None
        return number

    def whole(self, parts: Entries, key: str, least: int, most: int) -> int | None:
        """A whole number within bounds."""
        if key not in parts:
            return None
        node = parts[key][1]
        text = self.sheet.scalar(node, f"`{key}`")
        if text is None:
            return None
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            wrong = Problem(
                "whole_expected",
                "`%(key)s` is a whole number from %(least)s to %(most)s",
                key=key,
                least=least,
                most=most,
            )
            self.sheet.say(node, wrong)
            return None
        return int(text)

    def day(self, parts: Entries, key: str) -> date | None:
        """A day."""
        if key not in parts:
            return None
        node = parts[key][1]
        text = self.sheet.scalar(node, f"`{key}`")
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.sheet.say(node, Problem("day_expected", "`%(key)s` is a day, as 2026-12-01", key=key))
            return None

    def check_names(self, term: Term, place: Place, arms: dict[str, list[str]]) -> None:
        """Every `arm_of` names an experiment, and what it is compared with is one of its arms."""
        if isinstance(term, FactTerm):
            name = experiment_of(term.name)
            if name and name not in arms:
                unknown = Problem("experiment_unknown", "no experiment is called `%(name)s`", name=name)
                self.sheet.problems.append(
                    (*place(term.start), with_hint(unknown, nearest(name, list(arms))))
                )
            return
        match term:
            case Comparison(left=left, right=right):
                sides: tuple[Term, ...] = (left, right)
            case Member(term=inner, items=items):
                sides = (inner, *items)
            case _:
                return
        asked = [experiment_of(side.name) for side in sides if isinstance(side, FactTerm)]
        known = [arm for name in asked if name for arm in arms.get(name, [])]
        for side in sides:
            if known and isinstance(side, Literal) and side.value and side.value not in known:
                never = Problem(
                    "arm_unknown",
                    "experiment `%(name)s` has no arm `%(arm)s`",
                    name=next(name for name in asked if name),
                    arm=str(side.value),
                )
                hint = nearest(str(side.value), known) or one_of(known)
                self.sheet.problems.append((*place(side.start), with_hint(never, hint)))
