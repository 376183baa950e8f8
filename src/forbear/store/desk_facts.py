"""What the desk knows of borrowers and the night decides on: holds, promises, placements, contacts so far.

One function for all borrowers at a night and for one borrower by day, so both decide on the same.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from forbear.core.facts.context import HOLD_KINDS
from forbear.core.facts.conversation import COUNTS_FOR_DAYS
from forbear.core.facts.vocabulary import facts_known
from forbear.store import rows
from forbear.store.assignments import untold_assignments
from forbear.store.business_date import business_date, day_start
from forbear.store.charge_offs import untold_charge_offs
from forbear.store.sql_value import SqlValue

Facts = dict[str, int | bool | str]

#: What a night may ask of the desk; a kind of hold without a fact of its own puts the case on hold.
_NAMES = frozenset(fact.name for fact in facts_known({"desk"}))
_RUNNING = (
    "select distinct borrower_id, kind from store_hold where starts_at <= %s and (ends_at is null or ends_at > %s) "
    "and (lifted_at is null or lifted_at > %s) {among}"
)
_PLACED = (
    "select borrower_id from store_placement "
    "where placed_at <= %s and (ended_at is null or ended_at > %s) {among}"
)
_BROKEN = (
    "select borrower_id, count(*) from store_promise where state = 'broken' and decided_on <= %s {among} "
    "group by borrower_id"
)
#: The last contact that reached each borrower, and how many there were in the last seven days.
_CONTACTS = (
    "select borrower_id, max(at) filter (where outcome in ('connected', 'conversation', 'delivered')), "
    "count(*) filter (where at >= %s) from store_contact where at <= %s {among} group by borrower_id"
)
#: What each borrower last said of one of the two questions of a call.
_SAID = (
    "select borrower_id, {answer} from (select borrower_id, {answer}, "
    "row_number() over (partition by borrower_id order by at desc, id desc) as place "
    "from store_conversation where {answer} <> '' and at > %s and at <= %s {{among}}) newest where place = 1"
)
_ANSWERS = {"willingness": "willingness", "arrears_reason": "situation"}
#: Kinds of hold that stop all chasing, though the night has no fact of their own for them.
_STOPS_ALL = (
    "moratorium",
    "cease",
    "deceased",
    "bankrupt",
    "verification",
    "other",
    "unapplied",
    "unconfirmed",
    "forbearance",
)


def desk_facts(moment: datetime, borrowers: Collection[str] | None = None) -> dict[str, Facts]:
    """By borrower what differs from the facts' defaults, as it stood at `moment`; of all, or of these only."""
    facts: dict[str, Facts] = defaultdict(dict)
    for borrower, kind in _fetch(_RUNNING, [moment, moment, moment], borrowers):
        name = "on_hold" if kind in _STOPS_ALL else HOLD_KINDS[kind]
        if name in _NAMES:
            facts[borrower][name] = True
    for (borrower,) in _fetch(_PLACED, [moment, moment], borrowers):
        facts[borrower]["placed"] = True
    for borrower, _loan in untold_charge_offs(moment, borrowers):
        facts[borrower]["charge_off_untold"] = True
    for borrower, _loan in untold_assignments(moment, borrowers):
        facts[borrower]["assignment_untold"] = True
    today = business_date(moment)
    for borrower, count in _fetch(_BROKEN, [today], borrowers):
        facts[borrower]["promises_broken"] = count
    week = day_start(today - timedelta(days=6))
    for borrower, last, recent in _fetch(_CONTACTS, [week, moment], borrowers):
        if last is not None:
            facts[borrower]["days_since_contact"] = (today - business_date(rows.as_datetime(last))).days
        if recent:
            facts[borrower]["contacts_last_7_days"] = recent
    since = moment - timedelta(days=COUNTS_FOR_DAYS)
    for name, answer in _ANSWERS.items():
        for borrower, said in _fetch(_SAID.format(answer=answer), [since, moment], borrowers):
            facts[borrower][name] = said
    return dict(facts)


def _fetch(text: str, values: list[SqlValue], borrowers: Collection[str] | None) -> list[tuple]:
    """The rows of a statement, of all borrowers or of these."""
    if borrowers is None:
        return rows.fetch_rows(text.format(among=""), values)
    marks = ", ".join(["%s"] * len(borrowers))
    return rows.fetch_rows(text.format(among=f"and borrower_id in ({marks})"), [*values, *borrowers])
