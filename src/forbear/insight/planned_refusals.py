"""What the permit gate will refuse of planned treatments, by rule and for all of them at once.

Each rule that is about a step is asked in SQL of all its planned treatments (see `core.planning.known`). Counted is
what the rule refuses whatever the open facts will be: the hour, an answer, what happens until then. So the gate may
refuse more than that, and less of a count where an earlier planned step doesn't leave after all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forbear.core.facts.contact import PlannedContact
from forbear.core.facts.contact_facts import NOTICES
from forbear.core.facts.context import HOLD_KINDS
from forbear.core.facts.fact import NEVER_DAYS
from forbear.core.facts.purpose import AGAIN_AFTER, GIVEN_ONCE
from forbear.core.facts.vocabulary import MINOR_UNIT, facts_known
from forbear.core.permits.rules import Rule
from forbear.core.planning.known import OPEN, counted_sql, refusal_sql
from forbear.core.planning.step import planned_step, settled_facts
from forbear.engine.columnar import Connection, insert_rows, quote
from forbear.insight.planned_context import PlannedContext

#: The kind of address that each channel needs.
_KINDS = {"sms": "phone", "voice": "phone", "call": "phone", "email": "email", "push": "device"}
_KINDS |= {"letter": "address", "visit": "address"}
_HOLD_FACTS = tuple(dict.fromkeys((*HOLD_KINDS.values(), "lawyer_silent")))
_TABLES = {
    "people": (("borrower_id", "varchar"), ("place", "varchar"), ("born_on", "date")),
    "holds": (
        ("borrower_id", "varchar"),
        ("fact", "varchar"),
        ("loans", "varchar[]"),
        ("first", "date"),
        ("ends", "date"),
    ),
    "points": (
        ("borrower_id", "varchar"),
        ("kind", "varchar"),
        ("point", "varchar"),
        ("lawful", "boolean"),
        ("at_work", "boolean"),
        ("forbidden", "boolean"),
    ),
    "consents": (
        ("borrower_id", "varchar"),
        ("channel", "varchar"),
        ("purpose", "varchar"),
        ("point", "varchar"),
        ("given", "boolean"),
        ("at", "timestamptz"),
    ),
    "past": (
        ("borrower_id", "varchar"),
        ("day", "date"),
        ("channel", "varchar"),
        ("purpose", "varchar"),
        ("party", "varchar"),
        ("outcome", "varchar"),
        ("point", "varchar"),
        ("loans", "varchar[]"),
        ("consented", "boolean"),
    ),
    "loans": (("loan_id", "varchar"), ("barred", "date"), ("sold", "boolean"), ("unlawful", "boolean")),
    "notices": (("loan_id", "varchar"), ("kind", "varchar"), ("given", "date")),
}


@dataclass(frozen=True, slots=True)
class StepRefusals:
    """Of the `planned` treatments of a step, how many one rule surely refuses; `rule` "" is any of them together."""

    channel: str
    template: str
    rule: str
    clause: str
    force: str
    planned: int
    refused: int


def planned_refusals(
    engine: Connection,
    treatments: str,
    cases: str,
    rules: tuple[Rule, ...],
    purposes: Mapping[tuple[str, str], str],
    context: PlannedContext | None = None,
) -> list[StepRefusals]:
    """By step, how many treatments any rule refuses and how many each of them does; the largest first.

    `treatments` is SQL with day, borrower_id, loan_id, channel, template and position, `cases` with day, borrower_id
    and facts. Without the `context` of the desk only what the cases and the steps themselves say is known.
    """
    known = _fill(engine, treatments, cases, purposes, context)
    steps = [
        (planned_step(channel, template, purposes), count)
        for channel, template, count in engine.execute(_STEPS).fetchall()
    ]
    found: list[StepRefusals] = []
    for counting in (
        False,
        True,
    ):  # what is planned counts for later steps only where nothing else refuses it
        for planned, _ in steps:
            asked = [rule for rule in rules if rule.concerns(planned) and bool(rule.count) == counting]
            engine.execute(
                _ASKED.format(step=_step(planned), refusing=_refusing(asked, planned, known, context))
            )
        if not counting:
            engine.execute(_GOING)
    refusing = {row[:3]: row[3] for row in engine.execute(_REFUSED).fetchall()}
    by_id = {rule.id: rule for rule in rules}
    for planned, count in steps:
        name = (planned.channel, planned.template)
        found += [
            StepRefusals(
                *name,
                rule,
                by_id[rule].clause if rule else "",
                by_id[rule].force if rule else "",
                count,
                number,
            )
            for (channel, template, rule), number in refusing.items()
            if (channel, template) == name
        ]
    return sorted(found, key=lambda row: (row.channel, row.template, -row.refused, row.rule))


def _fill(
    engine: Connection,
    treatments: str,
    cases: str,
    purposes: Mapping[tuple[str, str], str],
    context: PlannedContext | None,
) -> dict[str, str]:
    """Make the table `planned`, a row a treatment with all that is known of it; the column of each known fact."""
    described = [row[0] for row in engine.execute(f"describe {cases}").fetchall()]
    facts = {fact.name for fact in facts_known({"night", "desk"})} & set(described)
    columns = {name: name for name in (*sorted(facts), MINOR_UNIT)}
    engine.execute(
        f"create or replace temp table base as select row_number() over () as id, t.*, "
        f"{', '.join(f'c.{name}' for name in columns)} from ({treatments}) t join ({cases}) c using (day, borrower_id)"
    )
    engine.execute("create or replace temp table refusing (id bigint, rule varchar)")
    for table, kinds in _TABLES.items():
        listed = ", ".join(f'"{name}" {kind}' for name, kind in kinds)
        engine.execute(f"create or replace temp table {table} ({listed}, position integer default -1)")
        if context is not None:
            names = ", ".join(f'"{name}"' for name, _ in kinds)
            insert_rows(engine, f"{table} ({names})", [kind for _, kind in kinds], getattr(context, table))
    if context is None:
        engine.execute(
            "create or replace temp table planned as select *, '' as point, '' as place, '' as purpose from base"
        )
        return columns
    more = dict(_desk_columns(facts))
    shown = ", ".join(f"{sql} as known_{name}" for name, sql in more.items())
    engine.execute(_PLANNED.format(columns=shown, kinds=_kinds(), purposes=_purposes(purposes)))
    return columns | {name: f"known_{name}" for name in more} | {"place": "place"}


def _desk_columns(facts: set[str]) -> Iterator[tuple[str, str]]:
    """The facts that the desk's tables settle, each as SQL over what `_PLANNED` joins."""
    for name in _HOLD_FACTS:
        held = f"coalesce(h.{name}, false)"
        yield name, f"(b.{name} or {held})" if name in facts else held
    yield (
        "age_years",
        f"coalesce(datesub('year', p.born_on, b.day), {'b.age_years' if 'age_years' in facts else 0})",
    )
    for name, sql in (
        ("point_on_file", "true"),
        ("point_invalid", "false"),
        ("point_lawful", "coalesce(q.lawful, true)"),
        ("at_workplace", "coalesce(q.at_work, false)"),
        ("workplace_forbidden", "coalesce(q.forbidden, false)"),
        ("opted_out", "not coalesce(g.newest, true)"),
        ("consent_given", "coalesce(g.newest, false)"),
        ("channel_consent", "coalesce(g.newest and g.of_channel, false)"),
        ("machines_revoked", "not coalesce(g.of_machines, true)"),
        ("time_barred", "coalesce(l.barred <= b.day, false)"),
        ("debt_sold", "coalesce(l.sold, false)"),
        ("debt_unlawful", "coalesce(l.unlawful, false)"),
    ):
        yield name, sql
    for kind in NOTICES:  # a notice that the days before bring is not on file yet
        since = f"coalesce(b.day - n.{kind}, {NEVER_DAYS})"
        yield f"days_since_{kind}", f"case when b.day = b.first_day then {since} end"


def _refusing(
    rules: list[Rule], planned: PlannedContact, known: Mapping[str, str], context: PlannedContext | None
) -> str:
    """SQL: the id of each treatment of a step with the rules that surely refuse it."""
    settled = settled_facts(planned)
    parts = []
    for rule in rules:
        columns = dict(known) | _notice_due(planned, known)
        if rule.count is not None:
            earlier = "(p.position < 0 or p.day < t.day or p.position < t.position)"
            counted = f"(select count(*) from past p where {counted_sql(rule.count, planned)} and {earlier})"
            columns["counted"] = counted if context is not None else OPEN
        parts.append(f"case when {refusal_sql(rule, settled, columns)} then {quote(rule.id)} end")
    return ", ".join(parts) or "null::varchar"


def _notice_due(planned: PlannedContact, known: Mapping[str, str]) -> dict[str, str]:
    """SQL for whether a notice is due again, where the days since the last one are known; see `core.facts.purpose`."""
    since = known.get(f"days_since_{planned.gives}")
    if planned.purpose != "notice" or since is None or planned.gives == "visit_notice":
        return {}
    return {"notice_due": f"{since} >= {NEVER_DAYS if planned.gives in GIVEN_ONCE else AGAIN_AFTER.days}"}


def _step(planned: PlannedContact) -> str:
    return f"t.channel = {quote(planned.channel)} and t.template = {quote(planned.template)}"


def _kinds() -> str:
    return " ".join(f"when '{channel}' then '{kind}'" for channel, kind in _KINDS.items())


def _purposes(purposes: Mapping[tuple[str, str], str]) -> str:
    cases = " ".join(
        f"when b.channel = {quote(channel)} and b.template = {quote(name)} then {quote(purpose)}"
        for (name, channel), purpose in purposes.items()
    )
    return f"case {cases} else 'collect' end" if cases else "'collect'"


_HELD = ", ".join(f"bool_or(h.fact = '{name}') as {name}" for name in _HOLD_FACTS)
_GIVEN = ", ".join(f"max(n.given) filter (where n.kind = '{kind}') as {kind}" for kind in NOTICES)
#: Of two words at one moment the no counts.
_NEWEST = "max_by(g.given, epoch_us(g.at) * 2 + (case when g.given then 0 else 1 end))"
_PLANNED = f"""
create or replace temp table planned as
with b as (
    select b.*, {{purposes}} as purpose, min(b.day) over () as first_day, case b.channel {{kinds}} else '' end as kind
    from base b),
addressed as (
    select b.*, q.point, q.lawful, q.at_work, q.forbidden from b
    left join points q on q.borrower_id = b.borrower_id and q.kind = b.kind
    where b.kind = '' or q.point is not null),
held as (
    select b.id, {_HELD} from addressed b join holds h on h.borrower_id = b.borrower_id
        and (len(h.loans) = 0 or list_contains(h.loans, b.loan_id)) and h.first <= b.day and h.ends > b.day
    group by b.id),
said as (
    select b.id, {_NEWEST} filter (where g.channel in ('', b.channel)) as newest,
        {_NEWEST} filter (where g.channel = b.channel) as of_channel,
        {_NEWEST} filter (where g.channel in ('', 'sms', 'voice')) as of_machines
    from addressed b join consents g on g.borrower_id = b.borrower_id
        and g.point in ('', b.point) and g.purpose in ('', b.purpose)
    group by b.id),
given as (select n.loan_id, {_GIVEN} from notices n group by n.loan_id)
select b.* exclude (point), coalesce(b.point, '') as point, p.place, {{columns}}
from addressed b
left join people p on p.borrower_id = b.borrower_id
left join addressed q on q.id = b.id
left join held h on h.id = b.id
left join said g on g.id = b.id
left join loans l on l.loan_id = b.loan_id
left join given n on n.loan_id = b.loan_id
"""
_STEPS = "select channel, template, count(*) from planned group by all order by 1, 2"
_ASKED = """
insert into refusing select id, rule from (
    select t.id, unnest([{refusing}]) as rule from planned t where {step}
) where rule is not null
"""
_GOING = """
insert into past
select t.borrower_id, t.day, t.channel, t.purpose, 'debtor', 'planned', t.point, [t.loan_id], false, t.position
from planned t where t.id not in (select id from refusing)
"""
_REFUSED = """
select channel, template, rule, count(*) from planned join refusing using (id) group by all
union all
select channel, template, '', count(distinct id) from planned join refusing using (id) group by all
"""
