"""Strategies: YAML files that say, in order, which stage a borrower is in and what is done there.

    strategy: consumer-cn
    title: {zh: 消费贷款, en: Consumer loans}
    hold_when: on_hold or feed_doubt           # the default
    least_amounts: {CNY: {call: 50.00}}        # from what amount a step is worth it; see core.strategy.least
    stages:                                    # first match wins
      - stage: reminder
        title: {zh: 提醒, en: Reminder}
        when: days_past_due between 1 and 3
        handler: system
        treatments:
          - {sms: overdue_reminder}
          - {voice: overdue_reminder, when: days_in_stage = 1}

Conditions may use facts known at night or to the desk. `days_in_stage` depends on the stage, so only treatments and
`hold_when` may use it. The hold-out, the experiments and `canary` are read by `experiments`, `choose` by
`choice_reader`. A file with mistakes is
refused with all of them at once.
"""

import hashlib

import yaml

from forbear.core.base.money import currencies, parse_amount
from forbear.core.base.problem import FileMistakes, Problem, noop, with_hint
from forbear.core.facts.contact import CHANNELS
from forbear.core.files.hints import nearest, one_of
from forbear.core.files.sheet import Entries, Sheet
from forbear.core.strategy.choice_reader import ChoiceReader
from forbear.core.strategy.experiments import ExperimentReader
from forbear.core.strategy.least import STEPS
from forbear.core.strategy.lint import lint
from forbear.core.strategy.model import HANDLERS, NOTHING, StageRule, Strategy, TreatmentRule
from forbear.core.strategy.reader import Reader

__all__ = ["HANDLERS", "StageRule", "Strategy", "StrategyError", "TreatmentRule", "lint", "parse_strategy"]

HOLD_WHEN = "on_hold or feed_doubt"


class StrategyError(FileMistakes):
    """A strategy file that can't be used; ``problems`` has one `origin:line:column: ...` per mistake."""


def parse_strategy(text: str, origin: str) -> Strategy:
    """Read a strategy; ``origin`` is how its file is called in messages.

    Raises StrategyError with every mistake in the file, and nothing else for any text.
    """
    sheet = Sheet(origin, text)
    root = sheet.compose()
    strategy = None if root is None else _Reader(sheet).strategy(root, text)
    if sheet.problems:
        raise StrategyError(sheet.ordered_problems())
    assert strategy is not None, "a sheet without problems is a strategy"
    return strategy


class _Reader(Reader):
    """Reads a strategy's nodes."""

    def strategy(self, root: yaml.Node, text: str) -> Strategy | None:
        entries = self.sheet.entries(
            root,
            noop("a strategy"),
            (
                *("strategy", "title", "hold_when", "least_amounts", "holdout", "experiments", "canary"),
                *("choose", "stages"),
            ),
            ("strategy", "stages"),
        )
        if entries is None:
            return None
        name = self.name(entries, "strategy")
        title = self.title(entries, name or "")
        hold_when = self.condition(entries, "hold_when", default=HOLD_WHEN)
        least_amounts = self.least_amounts(entries)
        stages = self.stages(entries)
        chance = ExperimentReader(self, stages)
        choose = ChoiceReader(chance).choose(entries)
        holdout, experiments = chance.holdout(entries), chance.experiments(entries)
        canary = chance.canary(entries)
        if name is None or hold_when is None:
            return None
        version = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return Strategy(
            name,
            title,
            tuple(stages),
            hold_when,
            version,
            self.sheet.origin,
            least_amounts,
            holdout,
            experiments,
            canary,
            choose,
        )

    def stages(self, entries: Entries) -> list[StageRule]:
        if "stages" not in entries:
            return []
        key, node = entries["stages"]
        nodes = self.sheet.items(node, "`stages`")
        if isinstance(node, yaml.SequenceNode) and not nodes:
            self.sheet.say(
                key,
                Problem("stages_empty", "`stages` is empty; a strategy needs at least one"),
            )
        stages: list[StageRule] = []
        seen: dict[str, int] = {}
        for stage_node in nodes:
            parts = self.sheet.entries(
                stage_node,
                noop("a stage"),
                ("stage", "title", "when", "handler", "treatments"),
                ("stage", "when", "handler"),
            )
            if parts is None:
                continue
            self.unlike_others(parts, seen)
            stage = self.stage(stage_node, parts)
            if stage is not None:
                stages.append(stage)
        return stages

    def unlike_others(self, parts: Entries, seen: dict[str, int]) -> None:
        """Two stages of one name would be one case's state with two meanings."""
        if "stage" not in parts or not isinstance(parts["stage"][1], yaml.ScalarNode):
            return
        node = parts["stage"][1]
        name, line = node.value, self.sheet.line_column(node.start_mark.index)[0]
        if name in seen:
            self.sheet.say(
                node,
                Problem(
                    "stage_repeated",
                    "stage `%(name)s` is already on line %(line)s; give each its own name",
                    name=name,
                    line=seen[name],
                ),
            )
        seen.setdefault(name, line)

    def stage(self, node: yaml.Node, parts: Entries) -> StageRule | None:
        name = self.name(parts, "stage")
        title = self.title(parts, name or "")
        when = self.condition(parts, "when", before=("days_in_stage", "in_holdout"))
        handler = self.handler(parts)
        treatments = self.treatments(parts)
        if name is None or when is None or handler is None:
            return None
        return StageRule(name, when, handler, tuple(treatments), title, self.sheet.place(node))

    def treatments(self, parts: Entries) -> list[TreatmentRule]:
        """The treatments of a stage, which may have none."""
        if "treatments" not in parts:
            return []
        read = [self.treatment(node) for node in self.sheet.items(parts["treatments"][1], "`treatments`")]
        return [treatment for treatment in read if treatment is not None]

    def treatment(self, node: yaml.Node) -> TreatmentRule | None:
        entries = self.sheet.entries(node, noop("a treatment"), (*CHANNELS, NOTHING, "when", "required"))
        if entries is None:
            return None
        channels = [name for name in entries if name not in ("when", "required")]
        when = self.condition(entries, "when", default="true")
        if len(channels) != 1:
            # an unknown channel has been named already; only speak up when there is none or one too many
            if channels or len(node.value) == len(entries):
                self.sheet.say(
                    node,
                    Problem("treatment_channels", "a treatment has one channel, as {sms: template_name}"),
                )
            return None
        template = self.name(entries, channels[0])
        if template is None or when is None:
            return None
        return TreatmentRule(
            channels[0], template, when, self.sheet.place(node), self.yes_or_no(entries, "required")
        )

    def least_amounts(self, entries: Entries) -> dict[str, dict[str, int]]:
        """By currency and step the least amount, in minor units."""
        if "least_amounts" not in entries:
            return {}
        by_currency = self.sheet.entries(entries["least_amounts"][1], "`least_amounts`", currencies()) or {}
        read: dict[str, dict[str, int]] = {}
        for currency, (_, node) in by_currency.items():
            steps = self.sheet.entries(node, f"`{currency}`", STEPS) or {}
            amounts = {step: self.amount(value, step, currency) for step, (_, value) in steps.items()}
            read[currency] = {step: amount for step, amount in amounts.items() if amount is not None}
        return read

    def amount(self, node: yaml.Node, step: str, currency: str) -> int | None:
        """An amount in the currency's unit, as minor units: 0 or more."""
        text = self.sheet.scalar(node, f"`{step}`")
        if text is None:
            return None
        minor = parse_amount(text, currency)
        if isinstance(minor, Problem):
            self.sheet.say(node, minor)
            return None
        if minor < 0:
            below = Problem("least_amount_negative", "the least amount for `%(step)s` is below 0", step=step)
            self.sheet.say(node, below)
            return None
        return minor

    def handler(self, parts: Entries) -> str | None:
        if "handler" not in parts:
            return None
        node = parts["handler"][1]
        text = self.sheet.scalar(node, "`handler`")
        if text is not None and text not in HANDLERS:
            unknown = Problem("handler_unknown", "unknown handler `%(text)s`", text=text)
            self.sheet.say(node, with_hint(unknown, nearest(text, HANDLERS) or one_of(HANDLERS)))
            return None
        return text
