"""Strategies at the desk: drafted, tried dry, proposed, signed by a second person, in force from a day, rolled back.

Nothing is proposed that was not tried against what is in force, nor signed while the rule packs refuse one of its steps
on every day. A decided night is never decided again by a later
signature: a strategy begins after the last night the desk has. Rolling back to what two people signed before takes one.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.strategy.parse import StrategyError, parse_strategy
from forbear.interchange.home.lender import HomeError, read_text
from forbear.interchange.home.pack_cases import check_home_cases
from forbear.interchange.home.planned_steps import refused_steps
from forbear.interchange.home.strategies import read_register, strategy_on, version_on, write_register
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import PublishedNight, Staff, StrategyVersion

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
        version = _held(version_id, "draft")
        if isinstance(version, Problem):
            return version
        if version.trial_state in ("waiting", "running"):
            return Problem("strategy_tested", "it is being tried already")
        version.trial_state, version.trial_at, version.trial_said = "waiting", now, ""
        version.save(update_fields=["trial_state", "trial_at", "trial_said"])
        return version


def propose_strategy(
    version_id: int, from_day: date, note: str, staff: Staff, now: datetime
) -> StrategyVersion | Problem:
    """Propose a draft that was tried and of which every step can be permitted; another person signs."""
    if not note.strip():
        return Problem("approval_reason_missing", "say why; the approver reads it")
    first = first_day(now)
    if not first <= from_day <= first + FURTHEST:
        return Problem(
            "strategy_start_invalid", "it can be in force from %(first)s, within a year", first=first
        )
    with transaction.atomic():
        version = _held(version_id, "draft")
        if isinstance(version, Problem):
            return version
        if version.trial_state != "done" or version.trial_base != in_force_version(business_date(now)):
            return Problem("strategy_untested", "try it first on the last book, against what is in force now")
        if refused := refused_steps(settings.HOME, version.text, from_day):
            return refused[0]
        version.state, version.from_day, version.reason_note = "proposed", from_day, note.strip()[:300]
        version.proposed_by, version.proposed_at = staff, now
        version.save()
        _log_event(version, "strategy_proposed", staff, now)
        return version


def sign_strategy(version_id: int, staff: Staff, now: datetime) -> StrategyVersion | Problem:
    """The second signature: in force from its day. The rules are asked again: a pack may have changed."""
    with transaction.atomic():
        version = _held(version_id, "proposed")
        if isinstance(version, Problem):
            return version
        if staff.pk in (version.proposed_by_id, version.made_by_id):
            return Problem(
                "own_strategy_approval", "it must be approved by somebody who neither wrote nor proposed it"
            )
        if in_one_hand := signature_problem([version.proposed_by_id, version.made_by_id], staff, now):
            return in_one_hand
        if _starts_on(version) < first_day(now):
            return Problem("strategy_start_passed", "its day has passed; propose it again for a later one")
        if unlawful := _unlawful(version.text, _starts_on(version)):
            return unlawful
        version.state, version.decided_by, version.decided_at = "signed", staff, now
        version.save(update_fields=["state", "decided_by", "decided_at"])
        _log_event(version, "strategy_signed", staff, now)
        transaction.on_commit(write_strategies)
        return version


def decline_strategy(version_id: int, note: str, staff: Staff, now: datetime) -> StrategyVersion | Problem:
    """Say no to one that waits."""
    if not note.strip():
        return Problem("strategy_reason_missing", "say why; it is saved with the strategy")
    with transaction.atomic():
        version = _held(version_id, "proposed")
        if isinstance(version, Problem):
            return version
        version.state, version.decided_by, version.decided_at = "declined", staff, now
        version.save(update_fields=["state", "decided_by", "decided_at"])
        _log_event(version, "strategy_declined", staff, now, note=note.strip()[:300])
        return version


def withdraw_strategy(version_id: int, note: str, staff: Staff, now: datetime) -> StrategyVersion | Problem:
    """Take back what is signed for a day to come."""
    if not note.strip():
        return Problem("strategy_reason_missing", "say why; it is saved with the strategy")
    with transaction.atomic():
        version = _held(version_id, "signed")
        if isinstance(version, Problem):
            return version
        if _starts_on(version) < first_day(now):
            return Problem("strategy_used", "nights were decided by it; roll back to another one instead")
        version.state = "withdrawn"
        version.save(update_fields=["state"])
        _log_event(version, "strategy_withdrawn", staff, now, note=note.strip()[:300])
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
            former = _held(version_id, "signed")
            if isinstance(former, Problem):
                return former
            text = former.text
        else:
            text = read_text(settings.HOME.strategy)
        first = first_day(now)
        read = parse_strategy(text, "strategy")
        if read.version == in_force_version(first):
            return Problem("strategy_in_force", "this is what is in force")
        if unlawful := _unlawful(text, first):
            return unlawful
        # what was signed for a day to come would undo this
        for later in StrategyVersion.objects.select_for_update().filter(state="signed", from_day__gte=first):
            later.state = "withdrawn"
            later.save(update_fields=["state"])
            _log_event(later, "strategy_withdrawn", staff, now, reason=Reason.of("rolled_back").as_dict())
        version = StrategyVersion.objects.create(
            name=read.name, version=read.version, text=text, state="signed", made_by=staff, made_at=now,
            from_day=first, reason_note=note.strip()[:300], decided_by=staff, decided_at=now,
        )  # fmt: skip
        _log_event(version, "strategy_rolled_back", staff, now, note=version.reason_note)
        transaction.on_commit(write_strategies)
        return version


def _unlawful(text: str, day: date) -> Problem | None:
    """Why a strategy may not come into force: a step refused on every day, or a pack that gets a case wrong."""
    try:
        check_home_cases(settings.HOME)
    except HomeError as error:
        return Problem("pack_cases_wrong", "no strategy comes into force while %(why)s", why=str(error))
    refused = refused_steps(settings.HOME, text, day)
    return refused[0] if refused else None


def first_day(now: datetime) -> date:
    """The first day whose night is not decided: after the last night the desk has, and not in the past."""
    last = PublishedNight.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    today = business_date(now)
    return max(today, last + timedelta(days=1)) if last else today


def in_force_version(day: date) -> str:
    """The version in force on a day, the lender's own file's too."""
    return version_on(read_register(settings.HOME), day) or _file_version()


def _file_version() -> str:
    path = settings.HOME.strategy
    return parse_strategy(read_text(path), path.name).version


def in_force_text(day: date) -> str:
    """The text in force on a day."""
    return read_text(strategy_on(settings.HOME, day))


def write_strategies() -> None:
    """Write what is signed into the home, where the night reads it. Done after each change, and before each night."""
    signed = StrategyVersion.objects.filter(state="signed").order_by("decided_at", "pk")
    write_register(settings.HOME, [(_starts_on(one), one.version, one.text) for one in signed])


def _starts_on(version: StrategyVersion) -> date:
    assert version.from_day is not None, "what is proposed has its first day"
    return version.from_day


def _held(version_id: int, state: str) -> StrategyVersion | Problem:
    version = StrategyVersion.objects.select_for_update().filter(pk=version_id, state=state).first()
    return (
        version
        if version is not None
        else Problem("strategy_state_changed", "the state of this strategy has changed; look at it again")
    )


def _log_event(version: StrategyVersion, what: str, staff: Staff, now: datetime, **more: object) -> None:
    """An event of the house: written last in its transaction."""
    body = {
        "what": what,
        "strategy": version.name,
        "version": version.version,
        "from": str(version.from_day),
        "number": version.pk,
        **more,
    }
    evidence.append("change", at=now, actor=f"staff:{staff.number}", body=body)
