"""The permit before a judge: whatever was granted broke no rule, and `until` is the first moment that breaks none.

Packs, histories and wishes are random, in several time zones, over days on which clocks change. The judge (see
judge.py) shares no code with the decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from forbear.core.facts.contact import OUTCOMES, PARTIES, VOICE, PastContact, PlannedContact
from forbear.core.facts.context import ActiveHold, ConsentRecord, ContactContext, LoanStatus, NoticeGiven
from forbear.core.facts.vocabulary import FACTS
from forbear.core.permits.decision import decide
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import Rulebook, merge
from tests import profile
from tests.core.judge import HOLD_FACTS, KINDS, Told, as_yaml, broken
from tests.profile import examples

CHANNELS = ("call", "voice", "sms", "visit")
PURPOSES = ("collect", "remind", "answer")
LOANS = ("L1", "L2", "L3")
POINTS = ("", "p1", "p2")
NOTICE = "arrears_notice"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
#: Three days before clocks change: in the United States (both ways), Europe, Chile and New Zealand; and a plain day.
DAYS_OF_2026 = ((3, 5), (10, 29), (3, 26), (4, 2), (4, 3), (6, 1))
STARTS = [datetime(2026, month, day, tzinfo=UTC) for month, day in DAYS_OF_2026]
#: In each set there is an hour that is lawful in all its places, whatever the hours of the packs below.
ZONES = [
    ("Asia/Shanghai",),
    ("America/New_York", "America/Los_Angeles"),
    ("Europe/London", "America/Santiago"),
    ("Asia/Kathmandu", "Asia/Shanghai", "Asia/Urumqi"),
    ("Pacific/Auckland",),
]
#: A failing story is made small; why each part of it matters is not asked, which takes minutes.
PHASES = tuple(phase for phase in profile.PHASES if phase is not Phase.explain)
GRID = timedelta(minutes=15)
SIGHT = timedelta(days=20)


@dataclass(frozen=True)
class Attempt:
    """Somebody wants a contact at `at`; if granted it becomes `outcome`, `lasts` later."""

    at: datetime
    planned: PlannedContact
    outcome: str
    lasts: timedelta
    consented: bool

    def made(self, at: datetime) -> PastContact:
        """The contact as it is known in the end."""
        one = self.planned
        told = (one.channel, one.purpose, one.party, self.outcome, one.point, one.loans, one.agency)
        return PastContact(at, *told, self.consented)


# what is drawn


def some(values: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """None of the values twice as often as a few of them."""
    few = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)
    return st.one_of(st.just(()), st.just(()), few)


def times(start: datetime, first: int, last: int) -> st.SearchStrategy[datetime]:
    """Moments from day `first` to day `last` after the start, half of them about a full hour, midnights too."""
    near = st.builds(
        lambda day, hour, minute: start + day * DAY + timedelta(hours=hour, minutes=minute),
        st.integers(first, last - 1),
        st.integers(0, 23),
        st.sampled_from([-1, 0, 1]),
    )
    any_minute = st.integers(first * 1440, last * 1440 - 1).map(lambda minutes: start + minutes * MINUTE)
    return st.one_of(near, any_minute)


OF_KIND: dict[str, dict[str, st.SearchStrategy]] = {
    "cap": {
        "by": st.sampled_from(("debtor", "debt", "number")),
        "days": st.sampled_from((1, 1, 2, 3, 7)),
        "outcome": st.sampled_from(("any", "connected", "conversation", "unanswered")),
        "counted_channels": some(CHANNELS),
        "counted_parties": some(PARTIES[:2]),
        "asked_for_too": st.booleans(),
        "most": st.integers(1, 3),
    },
    "hours": {"opens": st.integers(7, 10), "closes": st.integers(18, 23)},
    "weekday": {"weekday": st.integers(1, 7)},
    "hold": {"hold": st.sampled_from(sorted(HOLD_FACTS))},
    "opt_out": {},
    "consent": {},
    "notice": {"age": st.sampled_from((1, 3, 14))},
}
TIMELY = ("cap", "hours", "weekday", "hold", "notice")


@st.composite
def rules(draw: st.DrawFn, start: datetime) -> list[Told]:
    """A few rules of the vocabulary; caps come most often."""
    found = []
    for n in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(("cap", "cap", "cap", *KINDS)))
        first = draw(st.sampled_from((None, None, None, 0, 1, 2, 3)))
        # one that waiting doesn't lift has no end here either: see `to` in docs/rules/permit.md
        end = draw(st.sampled_from((None, None, None, 4, 5, 9))) if kind in TIMELY else None
        rule = Told(
            f"r{n}",
            kind,
            channels=draw(some(CHANNELS)),
            purposes=draw(some(PURPOSES)),
            parties=draw(some(PARTIES[:2])),
            collector=draw(st.sampled_from(("", "", "", "lender", "agency"))),
            first=None if first is None else (start + first * DAY).date(),
            end=None if end is None else (start + end * DAY).date(),
            enabled=draw(st.sampled_from((True,) * 9 + (False,))),
            spared=draw(st.sampled_from(("", "", "", "night_consent", "consent_given"))),
        )
        rule = replace(rule, **{name: draw(drawn) for name, drawn in OF_KIND[kind].items()})
        found.append(rule)
    return found


wishes = st.builds(
    PlannedContact,
    channel=st.sampled_from(CHANNELS),
    purpose=st.sampled_from(PURPOSES),
    party=st.sampled_from(PARTIES[:2]),
    point=st.sampled_from(POINTS),
    loans=st.sampled_from(((), ("L1",), ("L1",), ("L2",), ("L1", "L2"), ("L2", "L3"))),
    agency=st.sampled_from(("", "", "a1")),
)
outcomes = st.sampled_from([outcome for outcome in OUTCOMES if outcome != "pending"])


@st.composite
def situations(draw: st.DrawFn, start: datetime, upto: int) -> ContactContext:
    """A borrower with a history before the start, and holds, notices and agreements until day `upto`."""
    past = []
    for at in draw(st.lists(times(start, -8, 0), max_size=6)):
        planned = draw(wishes)
        made = Attempt(at, planned, draw(st.sampled_from(OUTCOMES)), 0 * DAY, draw(st.booleans())).made(at)
        past.append(replace(made, other=draw(st.integers(0, 4)) == 0))
    spans = []
    for begins in draw(st.lists(times(start, -3, 4), max_size=3)):
        lasts = draw(st.sampled_from((None, 90 * MINUTE, DAY, 3 * DAY + MINUTE, 9 * DAY)))
        ends = None if lasts is None else begins + lasts
        about = draw(st.sampled_from(((), ("L1",), ("L2",))))
        spans.append(ActiveHold(draw(st.sampled_from(sorted(HOLD_FACTS))), begins, ends, about))
    notices = [
        NoticeGiven(NOTICE, draw(st.sampled_from(LOANS)), at)
        for at in draw(st.lists(times(start, -16, upto), max_size=5))
    ]
    agreed = [
        ConsentRecord(
            draw(st.booleans()),
            at,
            draw(st.sampled_from(("", *CHANNELS[:3]))),
            draw(st.sampled_from(("", *PURPOSES[:2]))),
            draw(st.sampled_from(POINTS)),
            draw(st.booleans()),
        )
        for at in draw(st.lists(times(start, -3, upto), max_size=4))
    ]
    return ContactContext(
        facts={},
        figures_at=start,
        zones=draw(st.sampled_from(ZONES)),
        debts=tuple(LoanStatus(loan) for loan in LOANS),
        spans=tuple(spans),
        notices=tuple(notices),
        agreed=tuple(agreed),
        past=tuple(sorted(past, key=lambda each: each.at)),
    )


def booked(*packs: list[Told]) -> Rulebook:
    """The packs as a lender would have them: written, read and merged."""
    return merge([parse_pack(as_yaml(f"p{n}", pack), "made up") for n, pack in enumerate(packs)])


@st.composite
def moments_of_doubt(draw: st.DrawFn) -> tuple[list[Told], PlannedContact, ContactContext, datetime]:
    """One wish at one moment, in a situation that nothing is known to change later but the end of its holds."""
    start = draw(st.sampled_from(STARTS))
    # with the history's busiest times in reach of `now`, caps bind
    now = draw(times(start, 0, 4))
    told = draw(rules(start))
    situation = draw(situations(now - now.hour * 60 * MINUTE, 1))
    known = replace(
        situation,
        agreed=tuple(each for each in situation.agreed if each.at <= now),
        notices=tuple(each for each in situation.notices if each.at <= now),
        past=tuple(each for each in situation.past if each.at <= now),
    )
    return told, draw(wishes), known, now


# what was granted broke nothing


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Told], ContactContext, list[Attempt]]:
    """Rules, a borrower, and several days of people who want to contact them."""
    start = draw(st.sampled_from(STARTS))
    attempts = []
    clusters = draw(st.lists(times(start, 0, 5), min_size=1, max_size=4))
    for about in sorted(clusters):
        usual = draw(wishes)
        for _ in range(draw(st.integers(1, 4))):
            planned = draw(st.one_of(st.just(usual), wishes))
            after = draw(st.sampled_from((0, 1, 2, 15, 61))) * MINUTE
            lasts = draw(st.sampled_from((1, 5, 45, 600, 3000))) * MINUTE
            attempts.append(Attempt(about + after, planned, draw(outcomes), lasts, draw(st.booleans())))
    attempts.sort(key=lambda each: each.at)
    return draw(rules(start)), draw(situations(start, 5)), attempts


def known_at(situation: ContactContext, granted: list[tuple], at: datetime) -> ContactContext:
    """The situation at a moment: contacts that have come to an end by then have their outcomes."""
    known = (each.made(old.at) if old.at + each.lasts <= at else old for each, old in granted)
    return replace(situation, past=(*situation.past, *known))


@given(stories())
@settings(max_examples=examples(150), phases=PHASES)
def test_no_sequence_of_permits_breaks_a_rule(story):
    told, situation, attempts = story
    book = booked(told)
    granted: list[tuple[Attempt, PastContact]] = []
    for each in attempts:
        known = known_at(situation, granted, each.at)
        decision = decide(book, each.planned, known, each.at)
        # at the door both say the same ...
        names = {refusal.rule.removeprefix("p0.") for refusal in decision.refusals}
        assert names == broken(told, each.planned, known, known.past, each.at)
        if decision.permitted:
            granted.append((each, replace(each.made(each.at), outcome="pending")))
    # ... and afterwards, when every outcome is known, no contact turns out to have broken a rule
    before = list(situation.past)
    for each, pending in granted:
        assert broken(told, each.planned, situation, before, pending.at) == set()
        before.append(each.made(pending.at))


# each kind of rule by itself, with much that is just in or just out of its reach

AGES = [0 * DAY, MINUTE, *(days * DAY + off * MINUTE for days in (1, 2, 3, 7, 14) for off in (-1, 0, 1))]
ages = st.sampled_from(AGES)
lists_of_loans = st.sampled_from((("L1",), ("L2",), ("L1", "L2"), ("L2", "L3"), ()))


@st.composite
def edges(draw: st.DrawFn, kind: str) -> tuple[Told, PlannedContact, ContactContext, datetime]:
    """One rule about every contact, and a situation full of what it asks for."""
    now = draw(times(draw(st.sampled_from(STARTS)), 0, 4))
    rule = replace(Told("r", kind), **{name: draw(drawn) for name, drawn in OF_KIND[kind].items()})
    planned = replace(draw(wishes), loans=draw(lists_of_loans))
    past, spans, notices, agreed = [], [], [], []
    if kind == "cap":
        for age in draw(st.lists(ages, max_size=6)):
            like = replace(planned, loans=draw(lists_of_loans), point=draw(st.sampled_from(POINTS)))
            made = Attempt(now - age, like, draw(st.sampled_from(OUTCOMES)), MINUTE, False).made(now - age)
            past.append(replace(made, other=draw(st.booleans()), consented=draw(st.booleans())))
    if kind == "hold":
        for about in draw(st.lists(lists_of_loans, min_size=1, max_size=2)):
            ends = draw(st.sampled_from((None, now - MINUTE, now, now + MINUTE, now + 2 * DAY)))
            starts = draw(st.sampled_from((now - DAY, now, now + MINUTE)))
            spans.append(ActiveHold(rule.hold, starts, ends, about))
    if kind == "notice":
        given_to = st.tuples(st.sampled_from(LOANS), ages)
        notices = [NoticeGiven(NOTICE, loan, now - age) for loan, age in draw(st.lists(given_to, max_size=6))]
    if kind in ("opt_out", "consent"):
        for yes, age in draw(st.lists(st.tuples(st.booleans(), st.sampled_from(AGES[:3])), max_size=4)):
            channel = draw(st.sampled_from(("", planned.channel, "visit")))
            point = draw(st.sampled_from(POINTS))
            agreed.append(ConsentRecord(yes, now - age, channel, "", point, draw(st.integers(0, 3)) == 0))
    situation = ContactContext(
        facts={},
        figures_at=now,
        zones=draw(st.sampled_from(ZONES)),
        debts=tuple(LoanStatus(loan) for loan in LOANS),
        spans=tuple(spans),
        notices=tuple(notices),
        agreed=tuple(agreed),
        past=tuple(past),
    )
    return rule, planned, situation, now


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_rule_is_kept_to_the_minute(kind):
    @given(edges(kind))
    @settings(max_examples=examples(300 if kind in ("cap", "notice") else 120), phases=PHASES)
    def check(drawn):
        rule, planned, situation, now = drawn
        decision = decide(booked([rule]), planned, situation, now)
        assert decision.permitted is not bool(broken([rule], planned, situation, situation.past, now))
        if decision.until is not None:
            assert broken([rule], planned, situation, situation.past, decision.until - MINUTE)
            assert not broken([rule], planned, situation, situation.past, decision.until)

    check()


# until


@given(moments_of_doubt())
@settings(max_examples=examples(110), phases=PHASES)
def test_until_is_the_first_lawful_moment(drawn):
    told, planned, situation, now = drawn
    book = booked(told)
    decision = decide(book, planned, situation, now)
    if decision.permitted:
        assert decision.until is None
        return
    last = now + SIGHT
    if decision.until is not None:
        assert now < decision.until
        assert decide(book, planned, situation, decision.until).permitted
        last = min(last, decision.until - MINUTE)
    of_the_grid = now.replace(minute=now.minute // 15 * 15) + GRID
    while of_the_grid <= last:
        assert broken(told, planned, situation, situation.past, of_the_grid), (of_the_grid, decision.until)
        of_the_grid += GRID


@given(moments_of_doubt())
@settings(max_examples=examples(50), phases=PHASES)
def test_each_refusal_says_when_it_alone_is_over(drawn):
    told, planned, situation, now = drawn
    by_name = {rule.name: rule for rule in told}
    for refusal in decide(booked(told), planned, situation, now).refusals:
        alone = [by_name[refusal.rule.removeprefix("p0.")]]
        assert decide(booked(alone), planned, situation, now).until == refusal.until
        if refusal.until is not None:
            assert broken(alone, planned, situation, situation.past, refusal.until - MINUTE)
            assert not broken(alone, planned, situation, situation.past, refusal.until)


# many packs


@given(moments_of_doubt(), st.data())
@settings(max_examples=examples(50), phases=PHASES)
def test_the_strictest_wins(drawn, data):
    told, planned, situation, now = drawn
    more = data.draw(rules(now.replace(hour=0, minute=0)))
    book = booked(told, more)
    first, second = (
        replace(book, bound=tuple(bound for bound in book.bound if bound.rule.id.startswith(pack)))
        for pack in ("p0.", "p1.")
    )
    both, of_one, added = (decide(each, planned, situation, now) for each in (book, first, second))
    assert both.refusals == (*of_one.refusals, *added.refusals)
    assert both.permitted == (of_one.permitted and added.permitted)
    if not both.permitted:
        alone = [each for each in (of_one, added) if not each.permitted]
        if any(each.until is None for each in alone):
            assert both.until is None
        if both.until is not None:
            assert both.until >= max(each.until for each in alone)


@given(moments_of_doubt(), st.randoms(use_true_random=False))
@settings(max_examples=examples(40), phases=PHASES)
def test_the_order_of_rules_and_packs_is_no_matter(drawn, random):
    told, planned, situation, now = drawn
    book = booked(told)
    shuffled = list(book.bound)
    random.shuffle(shuffled)
    usual, other = (
        decide(each, planned, situation, now) for each in (book, replace(book, bound=tuple(shuffled)))
    )
    assert sorted(usual.refusals, key=lambda each: each.rule) == sorted(
        other.refusals, key=lambda each: each.rule
    )
    assert usual.until == other.until
    zones = list(situation.zones)
    random.shuffle(zones)
    assert decide(book, planned, replace(situation, zones=tuple(zones)), now).refusals == usual.refusals
    past = list(situation.past)
    random.shuffle(past)
    assert decide(book, planned, replace(situation, past=tuple(past)), now).refusals == usual.refusals


# what nobody could tell


def binding(rule: Told, planned: PlannedContact, on: date) -> bool:
    """Whether the rule is about such a contact and in force that day."""
    return (
        rule.enabled
        and planned.channel in (rule.channels or CHANNELS)
        and planned.purpose in (rule.purposes or PURPOSES)
        and planned.party in (rule.parties or PARTIES)
        and rule.collector in ("", "agency" if planned.agency else "lender")
        and (rule.first is None or rule.first <= on)
        and (rule.end is None or on < rule.end)
    )


def reads(rule: Told) -> set[str]:
    """The facts such a rule asks for."""
    asked = {
        "cap": "counted",
        "hours": "local_hour",
        "weekday": "local_weekday",
        "hold": HOLD_FACTS[rule.hold],
        "opt_out": "opted_out",
        "consent": "consent_given",
        "notice": f"days_since_{rule.notice}",
    }
    return {asked[rule.kind], *({rule.spared} if rule.spared else ())}


@given(moments_of_doubt(), st.data())
@settings(max_examples=examples(50), phases=PHASES)
def test_a_question_without_an_answer_refuses(drawn, data):
    told, planned, situation, now = drawn
    situation = replace(situation, zones=("UTC",))
    concerned = [rule for rule in told if binding(rule, planned, now.date())]
    assume(concerned)
    fact = data.draw(st.sampled_from(sorted({name for rule in concerned for name in reads(rule)})))
    assert fact in FACTS
    doubtful = replace(situation, unanswered=frozenset({fact, "days_in_stage"}))
    decision = decide(booked(told), planned, doubtful, now)
    untold = {f"p0.{rule.name}" for rule in concerned if fact in reads(rule)}
    refused = {refusal.rule: refusal for refusal in decision.refusals}
    assert untold <= set(refused)
    assert all(refused[name].until is None and fact in str(refused[name].message) for name in untold)
    assert decision.until is None
    certain = {refusal.rule for refusal in decide(booked(told), planned, situation, now).refusals}
    assert set(refused) == certain | untold


@given(moments_of_doubt())
@settings(max_examples=examples(40), phases=PHASES)
def test_without_a_time_zone_the_clock_and_the_calendar_refuse(drawn):
    told, planned, situation, now = drawn
    refused = {
        each.rule for each in decide(booked(told), planned, replace(situation, zones=()), now).refusals
    }
    by_clock = [rule for rule in told if rule.kind in ("cap", "hours", "weekday")]
    assert {f"p0.{rule.name}" for rule in by_clock if binding(rule, planned, now.date())} <= refused


# the edges that random days may miss

NIGHT = Told("night", "hours", opens=8, closes=21)
ONCE = Told("once", "cap", most=1)


@pytest.mark.parametrize(
    ("zones", "now", "until"),
    [
        pytest.param(("Asia/Shanghai",), "2026-03-10T13:00", "2026-03-11T00:00", id="nine in the evening"),
        pytest.param(("America/New_York",), "2026-03-08T03:00", "2026-03-08T12:00", id="clocks go forward"),
        pytest.param(("America/New_York",), "2026-11-01T03:00", "2026-11-01T13:00", id="clocks go back"),
        pytest.param(
            ("America/New_York", "America/Los_Angeles"),
            "2026-06-01T12:30",
            "2026-06-01T15:00",
            id="the later",
        ),
        pytest.param(
            ("Asia/Shanghai", "America/New_York"), "2026-01-05T06:00", "2026-01-06T00:00", id="far apart"
        ),
    ],
)
def test_the_first_hour_of_the_day(zones, now, until):
    situation = ContactContext(facts={}, figures_at=None, zones=zones)
    planned = PlannedContact("call", "collect")
    asked = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert decide(booked([NIGHT]), planned, situation, asked).until == datetime.fromisoformat(until).replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("counted", ["any", "connected", "conversation", "unanswered"])
def test_what_a_contact_counts_as(counted, outcome):
    now = datetime(2026, 3, 10, 7, tzinfo=UTC)
    past = PastContact(now - MINUTE, VOICE[0], "collect", "debtor", outcome)
    situation = ContactContext(facts={}, figures_at=None, zones=("Asia/Shanghai",), past=(past,))
    rule = replace(ONCE, outcome=counted)
    planned = PlannedContact("call", "collect")
    expected = bool(broken([rule], planned, situation, situation.past, now))
    assert decide(booked([rule]), planned, situation, now).permitted is not expected
    if outcome == "pending":
        assert expected
