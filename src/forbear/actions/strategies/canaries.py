"""A strategy on its way to the whole book: on a share of the borrowers, on more of them, on all, or back.

Two people sign before it begins. A person who neither wrote nor proposed it makes the share larger or brings it to
all. Anybody who may sign takes it back, and the night does by itself when a guardrail is passed. Each step is on
record, and is undone by one more. One canary runs at a time.
"""

from datetime import date, datetime

from django.db import transaction

from forbear.actions.signatures.second_signature import signature_problem
from forbear.actions.strategies.in_force import (
    first_day,
    held,
    in_force_text,
    in_force_version,
    log_event,
    starts_on,
    unlawful,
    write_strategies,
)
from forbear.core.base.problem import Problem
from forbear.core.strategy.canary import SHARES, canary_name, canary_text
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.parse import parse_strategy
from forbear.store.models import Staff, StrategyStep, StrategyVersion

#: The shares with which a strategy can begin: as a canary, or whole.
FIRST_SHARES = (*SHARES, WHOLE)


def running_canary() -> StrategyVersion | None:
    """The version that decides a share of the borrowers, or will from its day; None where there is none."""
    return StrategyVersion.objects.filter(state="canary").order_by("-pk").first()


def text_beside_canary(day: date) -> str:
    """The text by which all who are not in a canary's new arm are decided on a day: what a draft begins with."""
    running, text = running_canary(), in_force_text(day)
    if running is not None and _last_step(running).text == text:
        return running.base_text
    return text


def canary_problem(text: str, share: int, day: date) -> Problem | None:
    """Why a strategy can't begin with this share on a day; None where it can."""
    if share not in FIRST_SHARES:
        return Problem("canary_share_invalid", "a strategy begins with 5, 10, 20, 50 or 100 %")
    if running := running_canary():
        return _runs_already(running)
    if share == WHOLE:
        return None
    mixed = canary_text(in_force_text(day), text, share, day)
    return mixed if isinstance(mixed, Problem) else None


def _runs_already(running: StrategyVersion) -> Problem:
    return Problem(
        "canary_running",
        "%(name)s %(version)s is on a share of the borrowers; bring it to all or take it back first",
        name=running.name,
        version=running.version,
    )


def begin_canary(version: StrategyVersion, staff: Staff, now: datetime) -> Problem | None:
    """The second signature begins it: inside the transaction that signs."""
    day = starts_on(version)
    if refused := canary_problem(version.text, version.share, day):
        return refused
    version.base_text = in_force_text(day)
    version.state, version.decided_by, version.decided_at = "canary", staff, now
    version.save(update_fields=["base_text", "state", "decided_by", "decided_at"])
    _step(version, version.share, day, staff, now)
    log_event(version, "strategy_canary_begun", staff, now, share=_percent(version.share))
    transaction.on_commit(write_strategies)
    return None


def set_share(version_id: int, share: int, staff: Staff, now: datetime) -> StrategyStep | Problem:
    """Let more borrowers in from the next night on, or bring the strategy to all of them."""
    with transaction.atomic():
        version = held(version_id, "canary")
        if isinstance(version, Problem):
            return version
        if refused := _second_person(version, staff, now):
            return refused
        last, day = _last_step(version), first_day(now)
        if share not in FIRST_SHARES or share <= last.share:
            return Problem("canary_share_smaller", "a step goes to a larger share; take it back for less")
        if first_day(now) <= starts_on(version):
            return Problem("canary_not_begun", "no night has decided by it yet; wait for its first")
        if why := unlawful(version.text, day) or _moved_on(last, day):
            return why
        return _go_to(version, share, day, staff, now)


def take_back(
    version_id: int,
    note: str,
    staff: Staff | None,
    now: datetime,
    *,
    day: date | None = None,
    passed: str = "",
) -> StrategyStep | Problem:
    """All borrowers are decided as before again, from the next night, or from the night `day` that found it harmful."""
    if not note.strip() and not passed:
        return Problem("strategy_reason_missing", "say why; it is saved with the strategy")
    with transaction.atomic():
        version = held(version_id, "canary")
        if isinstance(version, Problem):
            return version
        return _back(version, note, staff, now, day=day, passed=passed)


def undo_step(version_id: int, staff: Staff, now: datetime) -> StrategyStep | Problem:
    """Undo the last step: go to the share of the one before it. What the night took back for harm is not undone."""
    with transaction.atomic():
        version = (
            StrategyVersion.objects.select_for_update().filter(pk=version_id).exclude(steps=None).first()
        )
        if version is None:
            return Problem(
                "strategy_state_changed", "the state of this strategy has changed; look at it again"
            )
        steps = list(version.steps.filter(undone=False).order_by("-decided_at", "-pk")[:2])
        if not steps:
            return Problem("canary_nothing_to_undo", "there is no step to undo")
        if steps[0].guardrail:
            return Problem(
                "canary_guardrail_stays",
                "a guardrail took it back (%(measures)s); write and sign a better one",
                measures=steps[0].guardrail,
            )
        share, day = steps[1].share if len(steps) > 1 else 0, first_day(now)
        if why := _moved_on(steps[0], day):
            return why
        if share == 0:
            return _back(version, "", staff, now)
        if share > steps[0].share:
            other = running_canary()
            if other is not None and other.pk != version.pk:
                return _runs_already(other)
            if refused := _second_person(version, staff, now) or unlawful(version.text, day):
                return refused
        return _go_to(version, share, day, staff, now, undoes=True)


def take_back_harmful(name: str, measures: str, now: datetime, day: date) -> bool:
    """The night takes a canary back whose guardrail it found passed; whether the experiment was a canary's at all."""
    version = running_canary()
    if version is None or canary_name(version.version) != name:
        return False
    take_back(version.pk, "", None, now, day=day, passed=measures)
    return True


def end_canary(staff: Staff, now: datetime, note: str) -> None:
    """Take back what runs because another strategy comes into force; inside that transaction."""
    version = running_canary()
    if version is not None:
        _back(version, note, staff, now)


def _go_to(
    version: StrategyVersion, share: int, day: date, staff: Staff, now: datetime, *, undoes: bool = False
) -> StrategyStep:
    step = _step(version, share, day, staff, now)
    version.state = "signed" if share == WHOLE else "canary"
    fields = ["state"]
    if share == WHOLE:
        version.decided_by, version.decided_at = staff, now
        fields += ["decided_by", "decided_at"]
    version.save(update_fields=fields)
    what = "strategy_step_undone" if undoes else "strategy_share_set"
    log_event(version, what, staff, now, share=_percent(share), step_from=str(day))
    transaction.on_commit(write_strategies)
    return step


def _back(
    version: StrategyVersion,
    note: str,
    staff: Staff | None,
    now: datetime,
    *,
    day: date | None = None,
    passed: str = "",
) -> StrategyStep:
    first, last = day or first_day(now), _last_step(version)
    if last.from_day >= first and version.steps.filter(undone=False).count() == 1 and not passed:
        # no night was decided by it: as if it had never been
        last.undone = True
        last.save(update_fields=["undone"])
        step = last
    else:
        step = _step(version, 0, first, staff, now, note=note, guardrail=passed)
    version.state = "withdrawn"
    version.save(update_fields=["state"])
    more = {"guardrail": passed} if passed else {"note": note.strip()[:300]}
    log_event(version, "strategy_taken_back", staff, now, step_from=str(first), **more)
    transaction.on_commit(write_strategies)
    return step


def _step(
    version: StrategyVersion,
    share: int,
    day: date,
    staff: Staff | None,
    now: datetime,
    *,
    note: str = "",
    guardrail: str = "",
) -> StrategyStep:
    """The record of a step, with the text that is in force by it."""
    text = version.text if share == WHOLE else version.base_text
    if 0 < share < WHOLE:
        mixed = canary_text(version.base_text, version.text, share, starts_on(version))
        assert isinstance(mixed, str), mixed
        text = mixed
    return StrategyStep.objects.create(
        strategy=version, share=share, from_day=day, text=text,
        text_version=parse_strategy(text, "strategy").version, decided_by=staff, decided_at=now,
        guardrail=guardrail[:100], reason_note=note.strip()[:300],
    )  # fmt: skip


def _last_step(version: StrategyVersion) -> StrategyStep:
    return version.steps.filter(undone=False).order_by("-decided_at", "-pk")[0]


def _second_person(version: StrategyVersion, staff: Staff, now: datetime) -> Problem | None:
    if staff.pk in (version.proposed_by_id, version.made_by_id):
        return Problem(
            "own_strategy_approval", "it must be approved by somebody who neither wrote nor proposed it"
        )
    return signature_problem([version.proposed_by_id, version.made_by_id], staff, now)


def _moved_on(last: StrategyStep, day: date) -> Problem | None:
    """Another strategy came into force since: this one's steps are over."""
    if in_force_version(max(day, last.from_day)) == last.text_version:
        return None
    return Problem(
        "canary_moved_on", "another strategy has come into force since; look at what is in force now"
    )


def _percent(share: int) -> str:
    return f"{share / WHOLE:.0%}"
