"""What is in force when, as the desk knows it, and the register by which the night knows it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings

from forbear.core.base.problem import Problem
from forbear.core.strategy.parse import parse_strategy
from forbear.interchange.home.lender import HomeError, read_text
from forbear.interchange.home.pack_cases import check_home_cases
from forbear.interchange.home.planned_steps import refused_steps
from forbear.interchange.home.strategies import read_register, strategy_on, version_on, write_register
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import PublishedNight, Staff, StrategyStep, StrategyVersion


def unlawful(text: str, day: date) -> Problem | None:
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
    decided = sorted([*_signed_whole(), *_steps()], key=lambda entry: entry[0])
    write_register(settings.HOME, [(first, version, text) for _, first, version, text in decided])


_Entry = tuple[datetime, date, str, str]


def _signed_whole() -> Iterator[_Entry]:
    """When it was decided, from which day, and the text, of what was signed for all borrowers at once."""
    for one in StrategyVersion.objects.filter(state="signed", steps=None).order_by("decided_at", "pk"):
        assert one.decided_at is not None, "somebody signed it"
        yield one.decided_at, starts_on(one), one.version, one.text


def _steps() -> Iterator[_Entry]:
    """The same of the steps of canaries, those that never came into force left out."""
    for step in StrategyStep.objects.filter(undone=False).order_by("decided_at", "pk"):
        yield step.decided_at, step.from_day, step.text_version, step.text


def starts_on(version: StrategyVersion) -> date:
    assert version.from_day is not None, "what is proposed has its first day"
    return version.from_day


def held(version_id: int, state: str) -> StrategyVersion | Problem:
    version = StrategyVersion.objects.select_for_update().filter(pk=version_id, state=state).first()
    return (
        version
        if version is not None
        else Problem("strategy_state_changed", "the state of this strategy has changed; look at it again")
    )


def log_event(
    version: StrategyVersion, what: str, staff: Staff | None, now: datetime, **more: object
) -> None:
    """An event of the house, of the night's where no person did it: written last in its transaction."""
    body = {
        "what": what,
        "strategy": version.name,
        "version": version.version,
        "from": str(version.from_day),
        "number": version.pk,
        **more,
    }
    evidence.append("change", at=now, actor=f"staff:{staff.number}" if staff else "night", body=body)
