"""A visit: two people at a borrower's door, proposed by one, approved by another, and proved from end to end.

What may follow what, what a visit can come to, and what its proof lacks. Sources: CBA 2026 art. 22 (two people),
GB/T 45251-2025 and CIFA 2018 (identity shown, recorded from end to end, leave when asked), CONC 7.9.12R–7.9.14R.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from forbear.core.base.problem import MessageId, Problem, noop
from forbear.core.base.setting import settings_class, whole

#: proposed: somebody or the strategy wants it. approved: a second person agrees and the rules would allow it.
#: refused: that person or the rules don't. planned: on a pair's route for a day. under_way: begun at the door.
#: ended: with an outcome. called_off: superseded before it began.
STATES: dict[str, MessageId] = {
    "proposed": noop("Waiting for approval"),
    "approved": noop("Approved"),
    "refused": noop("Not approved"),
    "planned": noop("On a route"),
    "under_way": noop("Under way"),
    "ended": noop("Completed"),
    "called_off": noop("Called off"),
}
#: A borrower has at most one visit in any of these.
OPEN = ("proposed", "approved", "planned", "under_way")

#: Each act with the states it may be done in, and the state after it. `take_place` is for a visit that was called off
#: while its two people, who had leave, were out of reach of the network: it happened, and the record says so.
MOVES: dict[str, dict[str, str]] = {
    "approve": {"proposed": "approved"},
    "refuse": {"proposed": "refused"},
    "plan": {"approved": "planned", "planned": "planned"},
    "unplan": {"planned": "approved"},
    "start": {"planned": "under_way"},
    "take_place": {"called_off": "under_way", "approved": "under_way"},
    "end": {"under_way": "ended"},
    "call_off": {"proposed": "called_off", "approved": "called_off", "planned": "called_off"},
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a visit came to: its name, how rules count the contact, the hold or the request that follows."""

    name: MessageId
    contact: str
    hold: str = ""
    request: str = ""


#: How a visit can end, in the order of the phone's buttons.
OUTCOMES: dict[str, Outcome] = {
    "will_pay": Outcome(noop("Says they will pay"), "conversation"),
    "talked": Outcome(noop("Talked with the borrower"), "conversation"),
    "cannot_pay": Outcome(noop("Can't pay now"), "conversation", request="hardship"),
    "disputes": Outcome(noop("Disputes the debt"), "conversation", request="dispute"),
    "asked_to_leave": Outcome(noop("Asked us to leave; we left"), "conversation", "no_visits"),
    "vulnerable": Outcome(noop("Seems vulnerable"), "conversation", "vulnerable"),
    "not_home": Outcome(noop("Nobody at home"), "unanswered"),
    "other_person": Outcome(noop("Somebody else; debt not named"), "connected"),
    "wrong_address": Outcome(noop("Wrong address"), "invalid"),
    "deceased": Outcome(noop("Has died"), "connected", "deceased"),
    "unsafe": Outcome(noop("Not safe; we left"), "unanswered"),
}

#: What a visit's proof can lack.
LACKS: dict[str, MessageId] = {
    "one_person": noop("Fewer than two people"),
    "no_leave": noop("No permit that was in force"),
    "no_end": noop("No end"),
    "no_outcome": noop("No outcome"),
    "no_start_place": noop("No place at the start"),
    "no_end_place": noop("No place at the end"),
    "far_away": noop("Not at the address"),
    "no_recording": noop("No recording"),
    "recording_missing": noop("A recording has not arrived"),
    "recording_short": noop("The recording does not cover the visit"),
}


@settings_class
class VisitPolicy:
    """How visits are made. Hours are those of the lender's clock, minutes and metres whole.

    Visits lie between `first_hour` and `last_hour`; `door_minutes` are computed for one, `most_a_day` for a pair.
    Ways are computed from coordinates at `speed_kmh`, longer than the crow flies by `detour_percent`; without
    coordinates `same_area_minutes` inside an area and `other_area_minutes` between areas. An approval is good for
    `approval_days`, a permit taken before setting out for `leave_minutes`. A place within `near_metres` of the
    address (and the phone's own error) is at the address. A recording comes in within `recording_hours`. From
    `plan_hour` on tomorrow's routes are worked out; 24 is never.
    """

    first_hour: Annotated[int, whole(noop("Earliest"), noop("No visit is before"), "clock")] = 9
    last_hour: Annotated[int, whole(noop("Latest"), noop("No visit is after"), "clock")] = 19
    door_minutes: Annotated[int, whole(noop("At the door"), noop("Calculated for one visit"), "minutes")] = 25
    most_a_day: Annotated[int, whole(noop("Most in a day"), noop("For a pair of visitors"), "visits")] = 12
    speed_kmh: Annotated[
        int, whole(noop("Speed"), noop("For calculating travel time"), "kmh", least=1, most=300)
    ] = 25
    detour_percent: Annotated[
        int,
        whole(
            noop("Detour"), noop("Real distance as a multiple of the straight line"), "percent", most=1_000
        ),
    ] = 140
    same_area_minutes: Annotated[
        int,
        whole(noop("Within an area"), noop("Between two doors of one area without coordinates"), "minutes"),
    ] = 15
    other_area_minutes: Annotated[
        int, whole(noop("Between areas"), noop("Between doors of two areas without coordinates"), "minutes")
    ] = 60
    approval_days: Annotated[
        int, whole(noop("Approval valid for"), noop("Later it needs another"), "days")
    ] = 30
    leave_minutes: Annotated[
        int, whole(noop("Permit valid for"), noop("Obtained before setting out"), "minutes")
    ] = 240
    near_metres: Annotated[
        int, whole(noop("Counts as there"), noop("From the address, besides the phone's own error"), "metres")
    ] = 300
    recording_hours: Annotated[
        int, whole(noop("Recording within"), noop("After the visit, for the whole visit"), "hours")
    ] = 24
    plan_hour: Annotated[
        int,
        whole(
            noop("Routes from"), noop("Tomorrow's routes are calculated from this hour; 24 is never"), "clock"
        ),
    ] = 20


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the globe in millionths of a degree, and how far off it may be."""

    latitude: int
    longitude: int
    accuracy_metres: int = 0

    def __post_init__(self) -> None:
        assert abs(self.latitude) <= 90_000_000, self.latitude
        assert abs(self.longitude) <= 180_000_000, self.longitude


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording made at the door: its SHA-256, its length, and whether the file has arrived."""

    sha256: str
    seconds: int
    arrived: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of how a visit went; `leave_from` to `leave_until` is when its permit was in force."""

    visitors: int
    started_at: datetime
    ended_at: datetime | None = None
    leave_from: datetime | None = None
    leave_until: datetime | None = None
    start: Place | None = None
    end: Place | None = None
    address: Place | None = None
    recordings: tuple[Recording, ...] = ()
    outcome: str = ""


def after(state: str, act: str) -> str | Problem:
    """The state of a visit after an act; Problem when the act may not be done in this state."""
    assert state in STATES, state
    next_state = MOVES[act].get(state)
    if next_state is None:
        return Problem(
            "visit_step_invalid",
            "a visit in the state “%(state)s” can't be changed in this way",
            state=STATES[state],
        )
    return next_state


#: Metres of one millionth of a degree along a meridian, in thousandths.
_MILLIMETRES = 111
#: What a recording may be shorter than the visit: it begins after the greeting and ends at the gate.
_SLACK_SECONDS = 60


def metres_between(one: Place, other: Place) -> int:
    """The way between two places as the crow flies, in whole metres.

    On a plane at their mean latitude: off by about two thousandths for the ways of a day's route.
    """
    middle = math.radians((one.latitude + other.latitude) / 2_000_000)
    north = (one.latitude - other.latitude) * _MILLIMETRES
    turned = (one.longitude - other.longitude + 180_000_000) % 360_000_000 - 180_000_000
    east = turned * _MILLIMETRES * math.cos(middle)
    return int(math.hypot(north, east)) // 1000


def lacks(proof: Proof, policy: VisitPolicy) -> tuple[str, ...]:
    """What the proof lacks, as codes of LACKS in their order; nothing when it is whole."""
    missing = {
        "one_person": proof.visitors < 2,
        "no_leave": not _had_leave(proof),
        "no_end": proof.ended_at is None,
        "no_outcome": proof.outcome not in OUTCOMES,
        "no_start_place": proof.start is None,
        "no_end_place": proof.end is None,
        "far_away": any(_far(place, proof.address, policy) for place in (proof.start, proof.end)),
        "no_recording": not proof.recordings,
        "recording_missing": any(not recording.arrived for recording in proof.recordings),
        "recording_short": bool(proof.recordings) and not _covered(proof),
    }
    return tuple(code for code in LACKS if missing[code])


def _had_leave(proof: Proof) -> bool:
    if proof.leave_from is None or proof.leave_until is None:
        return False
    return proof.leave_from <= proof.started_at <= proof.leave_until


def _far(place: Place | None, address: Place | None, policy: VisitPolicy) -> bool:
    if place is None or address is None:
        return False
    return metres_between(place, address) > policy.near_metres + place.accuracy_metres


def _covered(proof: Proof) -> bool:
    """Whether the recordings are as long as the visit, but for a tenth and a minute."""
    if proof.ended_at is None:
        return True
    lasted = int((proof.ended_at - proof.started_at).total_seconds())
    recorded = sum(recording.seconds for recording in proof.recordings)
    return recorded * 10 >= (lasted - _SLACK_SECONDS) * 9


def travel_minutes(
    one: tuple[Place | None, str], other: tuple[Place | None, str], policy: VisitPolicy
) -> tuple[int, int, str]:
    """Minutes and metres from one address to another, each (place, area), and how they are worked out.

    `coordinates` where both have them; else `same_area` or `other_area` with no metres.
    """
    (place, area), (next_place, next_area) = one, other
    if place is not None and next_place is not None:
        metres = metres_between(place, next_place) * policy.detour_percent // 100
        return -(-metres * 60 // (policy.speed_kmh * 1000)), metres, "coordinates"
    if area and area == next_area:
        return policy.same_area_minutes, 0, "same_area"
    return policy.other_area_minutes, 0, "other_area"


#: How the way to a visit is known, and why a visit is on no route.
ROUTE_NOTES: Mapping[str, MessageId] = {
    "first": noop("First of the day"),
    "coordinates": noop("Calculated from coordinates"),
    "same_area": noop("Same area"),
    "other_area": noop("Another area"),
    "no_pair": noop("No pair may take it"),
    "no_room": noop("No room that day"),
    "not_that_day": noop("The rules don't allow it that day"),
}
