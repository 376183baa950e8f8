"""A rule as SQL over what is known of planned steps, for all of them at once.

SQL's own third value stands for what nobody knows yet: a fact without a column is NULL. So the expression is TRUE where
the rule refuses whatever the open facts will be, FALSE where it lets the step pass, and NULL where it depends on them.
"""

from collections.abc import Mapping

from forbear.core.conditions.terms import Arithmetic, Call, Term, facts_in, walk
from forbear.core.conditions.to_sql import sql_of
from forbear.core.facts.contact import THIRD_PARTIES, PlannedContact
from forbear.core.facts.context import Facts
from forbear.core.facts.vocabulary import MINOR_UNIT
from forbear.core.permits.rules import COUNTED_OUTCOMES, Count, Rule

#: What stands for a fact that nobody knows when a step is planned.
OPEN = "NULL"


def refusal_sql(rule: Rule, settled: Facts, columns: Mapping[str, str]) -> str:
    """When the rule surely refuses a step: a boolean expression, NULL where that depends on what is not known.

    `settled` are the facts of the step itself, `columns` the SQL of each fact that a column has, `minor_unit` and
    `counted` among them. Everything else is open.
    """
    refuses = _sql(rule.refuse_when.term, settled, columns)
    if rule.unless is not None:
        refuses = f"({refuses} AND NOT {_sql(rule.unless.term, settled, columns)})"
    if rule.regions:
        named = ", ".join(_literal(region) for region in sorted(rule.regions))
        refuses = f"({columns.get('place', OPEN)} IN ({named}) AND {refuses})"
    days = [f"day >= DATE '{rule.starts}'"] if rule.starts.year > 1 else []
    days += [f"day < DATE '{rule.ends}'"] if rule.ends.year < 9999 else []
    return f"({' AND '.join([*days, refuses])})"


def counted_sql(count: Count, planned: PlannedContact) -> str:
    """Which earlier contacts `p` a rule counts for the planned step `t`, as `Count.selects` and the decision do.

    `p` has the columns of `PastContact` with `day`, its day where the borrower is; `t` has `day`, `loan_id`, `point`.
    What is planned before it on the way counts where any outcome does (its outcome is `planned`).
    """
    outcomes = COUNTED_OUTCOMES[count.outcome]
    terms = ["p.outcome <> 'not_sent'", f"p.day > t.day - {count.days} and p.day <= t.day"]
    if outcomes is not None:
        going = ("planned",) if count.outcome == "rang" else ()
        terms.append(f"p.outcome in ({_listed((*outcomes, *going))})")
    for column, values in (
        ("channel", count.channels),
        ("party", count.parties),
        ("purpose", count.purposes),
    ):
        if values:
            terms.append(f"p.{column} in ({_listed(values)})")
    if count.same_person:
        terms.append(f"p.party = {_literal(planned.party)}")
        if planned.party in THIRD_PARTIES:
            terms.append("p.point = t.point")
    if not count.consented:
        terms.append("not p.consented")
    terms.append("p.point = t.point" if count.by == "number" else "p.borrower_id = t.borrower_id")
    if count.by == "debt":
        terms.append("(len(p.loans) = 0 or list_contains(p.loans, t.loan_id))")
    return " and ".join(terms)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(_literal(value) for value in values)


def _sql(term: Term, settled: Facts, columns: Mapping[str, str]) -> str:
    known = settled.keys() | columns.keys()
    if _hides_open(term, known):
        return "CAST(NULL AS BOOLEAN)"

    def column(name: str) -> str:
        if name in settled:
            return _literal(settled[name])
        return columns.get(name, OPEN)

    return sql_of(term, column)


def _hides_open(term: Term, known: frozenset[str] | set[str]) -> bool:
    """Whether some part makes a value of an open fact: `least(NULL, 3)` is 3, and NULL divided is taken as 0."""
    return any(
        isinstance(part, (Call, Arithmetic)) and facts_in(part) - known - {MINOR_UNIT} for part in walk(term)
    )


def _literal(value: int | str | bool) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value).upper()
