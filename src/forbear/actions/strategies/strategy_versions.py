"""Strategies at the desk: drafted, tried dry, proposed, signed by a second person, in force from a day, rolled back.

Nothing is proposed that was not tried against what is in force, nor signed while the rule packs refuse one of its steps
on every day. A decided night is never decided again by a later signature: a strategy begins after the last night the
desk has, for all borrowers or for a share of them (`canaries`). Rolling back to what two people signed takes one.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.signatures.second_signature import signature_problem
from forbear.actions.strategies.canaries import begin_canary, canary_problem, end_canary
from forbear.actions.strategies.in_force import (
    first_day,
    held,
    in_force_version,
    log_event,
    starts_on,
    unlawful,
    write_strategies,
)
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.parse import StrategyError, parse_strategy
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.planned_steps import refused_steps
from forbear.store.business_date import business_date
from forbear.store.models import Staff, StrategyVersion

LONGEST = 200_000
#: At most so far ahead.
FURTHEST = timedelta(days=366)


def draft_strategy(text: str, staff: Staff, now: datetime) -> StrategyVersion | list[Problem]:
    """Keep a draft, or every mistake in it with its line and column."""
    text = text.replace("\r\n", "\n")
    if len(text) > LONGEST:
        return [
            Problem("strategy_too_long", "a strategy has at most %(most)s characters", most=f"{LONGEST:,}")
        ]
    try:
        read = parse_strategy(text, "strategy")
    except StrategyError as error:
        return error.problems
    if read.version == in_force_version(business_date(now)):
        return [Problem("strategy_unchanged", "this is what is in force; change something first")]
    return StrategyVersion.objects.create(
        name=read.name, version=read.version, text=text, state="draft", made_by=staff, made_at=now
    )


def try_strategy(version_id: int, now: datetime) -> StrategyVersion | Problem:
    """Ask a worker for a dry run on the last book."""
    with transaction.atomic():
        version = held(version_id, "draft")
        if isinstance(version, Problem):
            return version
        if version.trial_state in ("waiting", "running"):
            return Problem("strategy_tested", "it is being tried already")
        version.trial_state, version.trial_at, version.trial_said = "waiting", now, ""
        version.save(update_fields=["trial_state", "trial_at", "trial_said"])
        return version


def propose_strategy(
    version_id: int, from_day: date, note: str, staff: Staff, now: datetime, share: int = WHOLE
) -> StrategyVersion | Problem:
    """Propose a draft that was tried and of which every step can be permitted; another person signs.

    With less than the whole it begins as a canary on that share of the borrowers: see `canaries`.
    """
    if not note.strip():
        return Problem("approval_reason_missing", "say why; the approver reads it")
    first = first_day(now)
    if not first <= from_day <= first + FURTHEST:
        return Problem(
            "strategy_start_invalid", "it can be in force from %(first)s, within a year", first=first
        )
    with transaction.atomic():
        version = held(version_id, "draft")
        if isinstance(version, Problem):
            return version
        if version.trial_state != "done" or version.trial_base != in_force_version(business_date(now)):
            return Problem("strategy_untested", "try it first on the last book, against what is in force now")
        if refused := refused_steps(settings.HOME, version.text, from_day):
            return refused[0]
        if why := canary_problem(version.text, share, from_day):
            return why
        version.state, version.from_day, version.reason_note = "proposed", from_day, note.strip()[:300]
        version.share = share
        version.proposed_by, version.proposed_at = staff, now
        version.save()
        log_event(version, "strategy_proposed", staff, now)
        return version


def sign_strategy(version_id: int, staff: Staff, now: datetime) -> StrategyVersion | Problem:
    """The second signature: in force from its day. The rules are asked again: a pack may have changed."""
    with transaction.atomic():
        version = held(version_id, "proposed")
        if isinstance(version, Problem):
            return version
        if staff.pk in (version.proposed_by_id, version.made_by_id):
            return Problem(
                "own_strategy_approval", "it must be approved by somebody who neither wrote nor proposed it"
            )
        if in_one_hand := signature_problem([version.proposed_by_id, version.made_by_id], staff, now):
            return in_one_hand
        if starts_on(version) < first_day(now):
            return Problem("strategy_start_passed", "its day has passed; propose it again for a later one")
        if why := unlawful(version.text, starts_on(version)):
            return why
        if version.share < WHOLE:
            return begin_canary(version, staff, now) or version
        if why := canary_problem(version.text, WHOLE, starts_on(version)):
            return why
        version.state, version.decided_by, version.decided_at = "signed", staff, now
        version.save(update_fields=["state", "decided_by", "decided_at"])
        log_event(version, "strategy_signed", staff, now)
        transaction.on_commit(write_strategies)
        return version


def decline_strategy(version_id: int, note: str, staff: Staff, now: datetime) -> StrategyVersion | Problem:
    """Say no to one that waits."""
    if not note.strip():
        return Problem("strategy_reason_missing", "say why; it is saved with the strategy")
    with transaction.atomic():
        version = held(version_id, "proposed")
        if isinstance(version, Problem):
            return version
        version.state, version.decided_by, version.decided_at = "declined", staff, now
        version.save(update_fields=["state", "decided_by", "decided_at"])
        log_event(version, "strategy_declined", staff, now, note=note.strip()[:300])
        return version


def withdraw_strategy(version_id: int, note: str, staff: Staff, now: datetime) -> StrategyVersion | Problem:
    """Take back what is signed for a day to come."""
    if not note.strip():
        return Problem("strategy_reason_missing", "say why; it is saved with the strategy")
    with transaction.atomic():
        version = held(version_id, "signed")
        if isinstance(version, Problem):
            return version
        if starts_on(version) < first_day(now) or version.steps.exists():
            return Problem("strategy_used", "nights were decided by it; roll back to another one instead")
        version.state = "withdrawn"
        version.save(update_fields=["state"])
        log_event(version, "strategy_withdrawn", staff, now, note=note.strip()[:300])
        transaction.on_commit(write_strategies)
        return version


def roll_back(version_id: int, note: str, staff: Staff, now: datetime) -> StrategyVersion | Problem:
    """Put a strategy that was signed before in force again from the next night on; 0 is the lender's own file.

    The rules are asked again: packs change, and what was lawful when it was signed may be refused every day by now.
    """
    if not note.strip():
        return Problem("strategy_reason_missing", "say why; it is saved with the strategy")
    with transaction.atomic():
        if version_id:
            former = held(version_id, "signed")
            if isinstance(former, Problem):
                return former
            text = former.text
        else:
            text = read_text(settings.HOME.strategy)
        first = first_day(now)
        read = parse_strategy(text, "strategy")
        if read.version == in_force_version(first):
            return Problem("strategy_in_force", "this is what is in force")
        if why := unlawful(text, first):
            return why
        end_canary(staff, now, note)
        # what was signed for a day to come would undo this
        for later in StrategyVersion.objects.select_for_update().filter(state="signed", from_day__gte=first):
            later.state = "withdrawn"
            later.save(update_fields=["state"])
            log_event(later, "strategy_withdrawn", staff, now, reason=Reason.of("rolled_back").as_dict())
        version = StrategyVersion.objects.create(
            name=read.name, version=read.version, text=text, state="signed", made_by=staff, made_at=now,
            from_day=first, reason_note=note.strip()[:300], decided_by=staff, decided_at=now,
        )  # fmt: skip
        log_event(version, "strategy_rolled_back", staff, now, note=version.reason_note)
        transaction.on_commit(write_strategies)
        return version
