"""How agencies did, on the three things that count: record, conduct, and what borrowers say.

Record is money recovered against what like cases brought on average in the same number of days, so that nobody looks
good for having had the easy cases. Conduct is findings against contacts, the grave ones weighing more. Feedback is
borrowers' answers. Each is shrunk (see insight.shrink), and each comes with the rows it was made of.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q

from forbear.actions.selectors.payments import payments_on
from forbear.core.agencies.commission import Paid
from forbear.core.agencies.conduct import WEIGHTS
from forbear.insight.shrink import Estimate, shrink
from forbear.store.business_date import business_date
from forbear.store.models import Agency, Contact, Feedback, Finding, Placement, Request

VERSION = 1
#: The days after placing by whose end results are compared.
STEPS = (30, 60, 90)
#: How the three make one score, in percent: what is lawful and humane counts most (GB/T 45251-2025 §5.4).
SHARES = {"conduct": 50, "record": 30, "feedback": 20}
#: Weighted findings per 1,000 contacts at which conduct scores nothing.
WORST_CONDUCT = 50.0


@dataclass(frozen=True, slots=True)
class Result:
    """A placement's result: `paid` by step of STEPS that has passed, net of reversals; amounts in minor units."""

    placement: int
    agency: str
    stratum: str
    amount: int
    chance: bool
    days: int
    paid: Mapping[int, int]

    @property
    def step(self) -> int:
        """The longest step that has passed; 0 while none has."""
        return max((step for step in STEPS if step <= self.days), default=0)


@dataclass(frozen=True, slots=True)
class Card:
    """An agency's scorecard; a part is None while nothing is known of it. Scores go from 0 to 100."""

    agency: str
    record: Estimate | None
    conduct: Estimate | None
    feedback: Estimate | None
    placed: int
    amount: int
    paid: int
    contacts: int
    findings: Mapping[str, int]
    answers: int
    refusals: int

    def score(self, part: str) -> float | None:
        """One part from 0 to 100."""
        value = getattr(self, part)
        return None if value is None else SCORED[part](value.shrunk)

    @property
    def total(self) -> float | None:
        """The parts weighed by SHARES, over those that are known; conduct alone can't be made up for."""
        known = {part: score for part in SHARES if (score := self.score(part)) is not None}
        if not known:
            return None
        whole = sum(known[part] * SHARES[part] for part in known) / sum(SHARES[part] for part in known)
        return min(whole, known["conduct"] + 20) if "conduct" in known else whole


#: From a part's figure to its score: like cases' average is 50; no findings are 100; 1 to 5 becomes 0 to 100.
SCORED = {
    "record": lambda figure: max(0.0, min(100.0, 50 * figure)),
    "conduct": lambda figure: max(0.0, 100 * (1 - figure / WORST_CONDUCT)),
    "feedback": lambda figure: max(0.0, min(100.0, 25 * (figure - 1))),
}


def results(now: datetime, since: date) -> list[Result]:
    """Every placement made since that day, with what came in on it while it ran."""
    rows = list(Placement.objects.filter(placed_at__date__gte=since).order_by("pk"))
    loans = {loan for row in rows for loan in row.loans}
    by_loan: dict[str, list[Paid]] = defaultdict(list)
    for paid in payments_on(loans, since) if loans else []:
        if paid.reversed_on is None:
            by_loan[paid.loan_id].append(paid)
    today = business_date(now)
    return [_result(row, by_loan, today) for row in rows]


def _result(row: Placement, by_loan: Mapping[str, list[Paid]], today: date) -> Result:
    first = business_date(row.placed_at)
    # a case that came back stays in the comparison: else an agency could send back what does not pay
    last = business_date(row.ended_at) if row.ended_at else today
    paid = {}
    for step in STEPS:
        until = min(first + timedelta(days=step), last)
        mine = (one for loan in row.loans for one in by_loan.get(loan, ()))
        paid[step] = sum(one.amount for one in mine if first <= one.paid_on <= until)
    return Result(row.pk, row.agency_id, row.stratum, row.amount, row.chance, (today - first).days, paid)


def likely(outcomes: Iterable[Result]) -> dict[tuple[str, int], float]:
    """The share that like cases brought by each step, over all agencies; by stratum "" over all strata."""
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for one in outcomes:
        for step in STEPS:
            if one.days >= step:
                for stratum in (one.stratum, ""):
                    sums[stratum, step][0] += min(one.paid[step], one.amount)
                    sums[stratum, step][1] += one.amount
    return {key: paid / amount for key, (paid, amount) in sums.items() if amount}


def record(outcomes: list[Result]) -> dict[str, tuple[float, float, int]]:
    """By agency what was paid against what like cases brought (1: just as much), its variance, and the cases.

    A case mostly pays all or little: its variance is that of a coin with the usual share, scaled by how much more
    cases scatter than that over all agencies. So an agency that was paid nothing on three cases isn't sure to be bad.
    """
    usual = likely(outcomes)
    cases: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for one in outcomes:
        if one.step:
            expected = usual.get((one.stratum, one.step), 0.0) * one.amount
            coin = expected * (one.amount - expected)
            cases[one.agency].append((float(min(one.paid[one.step], one.amount)), expected, coin))
    every = [row for rows in cases.values() for row in rows]
    coins = sum(coin for _, _, coin in every)
    scale = sum((paid - expected) ** 2 for paid, expected, _ in every) / coins if coins > 0 else 1.0
    groups = {}
    for agency, rows in cases.items():
        expected = sum(row[1] for row in rows)
        if expected > 0:
            variance = scale * sum(row[2] for row in rows) / expected**2
            groups[agency] = (sum(row[0] for row in rows) / expected, variance, len(rows))
    return groups


def scorecards(now: datetime, days: int = 365) -> dict[str, Card]:
    """The cards of all agencies that ever worked, over the last `days`."""
    since = business_date(now) - timedelta(days=days)
    outcomes = results(now, since)
    recorded = shrink(record(outcomes))
    contacts = _contacts(since)
    findings = _findings(since)
    conducted = shrink(_conduct(contacts, findings))
    said = _feedback(since)
    fed = shrink(means(said), 1.0)
    refused = dict(
        Contact.objects.filter(state="refused", queued_at__date__gte=since, agency__isnull=False)
        .order_by().values_list("agency_id").annotate(Count("pk"))
    )  # fmt: skip
    cards = {}
    for agency in Agency.objects.exclude(state__in=("proposed", "declined")).order_by("code"):
        mine = [one for one in outcomes if one.agency == agency.code]
        cards[agency.code] = Card(
            agency.code,
            recorded.get(agency.code),
            conducted.get(agency.code),
            fed.get(agency.code),
            len(mine),
            sum(one.amount for one in mine),
            sum(one.paid[max(STEPS)] for one in mine),
            contacts.get(agency.code, 0),
            findings.get(agency.code, {}),
            len(said.get(agency.code, [])),
            refused.get(agency.code, 0),
        )
    return cards


def _contacts(since: date) -> dict[str, int]:
    rows = Contact.objects.filter(at__date__gte=since, agency__isnull=False).exclude(channel="agency")
    return dict(rows.exclude(outcome="not_sent").order_by().values_list("agency_id").annotate(Count("pk")))


def _findings(since: date) -> dict[str, dict[str, int]]:
    """By agency and kind: what was looked into and holds, complaints upheld, and recordings handed in late or never."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = Finding.objects.filter(at__date__gte=since).order_by().values_list("agency_id", "kind")
    for agency, kind, count in rows.annotate(Count("pk")):
        counts[agency][kind] += count
    upheld = Request.objects.filter(
        kind="complaint", outcome__in=("upheld", "partly"), answered_at__date__gte=since
    )
    about = upheld.filter(
        Q(borrower__placements__ended_at=None) | Q(borrower__placements__ended_at__gte=F("opened_at")),
        borrower__placements__placed_at__lte=F("opened_at"),
    )
    for agency, count in (
        about.order_by().values_list("borrower__placements__agency_id").annotate(Count("pk", distinct=True))
    ):
        counts[agency]["complaint"] += count
    return {agency: dict(kinds) for agency, kinds in counts.items()}


def _conduct(
    contact_counts: Mapping[str, int], findings: Mapping[str, Mapping[str, int]]
) -> dict[str, tuple[float, float, int]]:
    """Weighted findings per 1,000 contacts, and how they scatter by chance.

    The scatter is that of all agencies together: an agency without findings so far isn't thereby sure to have none.
    """
    contacts = sum(contact_counts.values())
    if not contacts:
        return {}
    squared = sum(
        WEIGHTS[kind] ** 2 * count
        for agency in contact_counts
        for kind, count in findings.get(agency, {}).items()
    )
    scatter = 1000**2 * max(squared, 1) / contacts
    return {
        agency: (1000 * _weighted(findings.get(agency, {})) / number, scatter / number, number)
        for agency, number in contact_counts.items()
    }


def _weighted(kinds: Mapping[str, int]) -> int:
    return sum(WEIGHTS[kind] * count for kind, count in kinds.items())


def _feedback(since: date) -> dict[str, list[float]]:
    rows = Feedback.objects.filter(answered_at__date__gte=since, agency__isnull=False)
    answers: dict[str, list[float]] = defaultdict(list)
    for agency, respect, clear in rows.values_list("agency_id", "respect", "clear"):
        given = [value for value in (respect, clear) if value is not None]
        if given:
            answers[agency].append(sum(given) / len(given))
    return answers


def means(said: Mapping[str, list[float]]) -> dict[str, tuple[float, float, int]]:
    """The mean of answers by agency, its variance, and their number; the scatter is that of all answers together."""
    every = [(row - sum(rows) / len(rows)) ** 2 for rows in said.values() for row in rows]
    # few answers that happen to be alike are not taken for certainty: one that differs by 1 is always thought of
    scatter = (sum(every) + 1.0) / len(every) if every else 0.0
    return {agency: (sum(rows) / len(rows), scatter / len(rows), len(rows)) for agency, rows in said.items()}
