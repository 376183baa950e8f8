"""Until when a debt can be sued on, and what restarts that time.

- China: three years from the day the last instalment was due (民法典 188, 189). It restarts with a demand that
  reached the person, with whatever shows that they agree to pay (a part payment, a promise, a plan), and with a
  lawsuit (195). Twenty years after the debt began it is over whatever happened (188).
- United Kingdom (England and Wales): six years from the default; an acknowledgement in writing or a payment begins it
  again, a demand does not (Limitation Act 1980 s. 5, 29, 30).
- Scotland: five years, and twenty at the latest; then the debt is gone, not only the lawsuit (Prescription and
  Limitation (Scotland) Act 1973 s. 6, 7).
- United States: by state and kind of contract, from three years up; without the state nobody can tell, so the shortest
  counts, and nothing is done near it without a lawyer.

Days are whole: on the day itself a lawsuit is still in time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: What can restart the time.
EVENTS = ("demand", "payment", "agreement", "lawsuit")


@dataclass(frozen=True, slots=True)
class Limit:
    """How many years, which events restart them, and after how many years it is over in any case (0: never)."""

    years: int
    restarted_by: tuple[str, ...]
    longest: int
    clause: str


LIMITS: dict[str, Limit] = {
    "cn": Limit(3, EVENTS, 20, "民法典 第188、189、195条"),
    "uk": Limit(6, ("payment", "agreement", "lawsuit"), 0, "Limitation Act 1980 s. 5, 29, 30"),
    "uk-scotland": Limit(
        5,
        ("payment", "agreement", "lawsuit"),
        20,
        "Prescription and Limitation (Scotland) Act 1973 s. 6, 7, 9, 10",
    ),
    "us": Limit(3, ("payment", "lawsuit"), 0, "state law; the shortest counts"),
}


#: Regions with a limitation of their own within a pack's country, in lower case.
PLACES: dict[str, dict[str, str]] = {
    "uk": {"scotland": "uk-scotland", "sct": "uk-scotland", "sco": "uk-scotland"},
}


def place_of(pack: str, region: str) -> str:
    """The limitation that counts for somebody who lives in a region, as feeds name it: `GB-SCT` or `Scotland`."""
    plain = region.strip().casefold()
    return PLACES.get(pack, {}).get(plain.rpartition("-")[2], pack)


@dataclass(frozen=True, slots=True)
class Running:
    """The last day a lawsuit is in time, and what the time runs from: an event, or `due` for the last due date."""

    last_day: date
    since: date
    event: str
    clause: str

    def barred(self, today: date) -> bool:
        """Whether it is too late today."""
        return today > self.last_day


def limitation(
    pack: str, last_due_on: date, begun_on: date | None, events: Iterable[tuple[str, date]], today: date
) -> Running:
    """The limitation of one debt as it stands `today`.

    `last_due_on` is the due date of its last instalment, `begun_on` when the debt began, `events` (kind, day) in any
    order. An event counts only while the time still runs: what comes after it is over restarts nothing, but for an
    agreement or a payment, by which the person gives the defence up (民法典 192).
    """
    limit = LIMITS[pack]
    since, event = last_due_on, "due"
    for kind, day in sorted(events, key=lambda one: (one[1], one[0])):
        assert kind in EVENTS, kind
        if day > today or kind not in limit.restarted_by or day <= since:
            continue
        if day <= _after(since, limit.years) or (pack == "cn" and kind in ("payment", "agreement")):
            since, event = day, kind
    last = _after(since, limit.years)
    if limit.longest and begun_on is not None and _after(begun_on, limit.longest) < last:
        last, since, event = _after(begun_on, limit.longest), begun_on, "longest"
    return Running(last, since, event, limit.clause)


def _after(day: date, years: int) -> date:
    """The same day a number of years later; the 29th of February becomes the 1st of March."""
    year = day.year + years
    return date(year, 3, 1) if (day.month, day.day) == (2, 29) and not _leap(year) else day.replace(year=year)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
