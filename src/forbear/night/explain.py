"""Why a loan stands where it stands: core's computation line by line, beside what the night decided.

The figures come from the pure rules, one loan at a time, not from the night's
files; `agrees` says whether the two are the same, as they must be.
"""

from dataclasses import asdict
from datetime import date
from pathlib import Path

from forbear.core.base.money import minor_digits
from forbear.core.conditions.to_python import Row
from forbear.core.facts.borrower import facts_of, standing, worst
from forbear.core.facts.vocabulary import facts_known
from forbear.core.loans.allocation import allocate, allocate_each, counted_payments
from forbear.core.loans.delinquency import Arrears, arrears
from forbear.core.loans.loan import Amounts, Loan, Payment, Product
from forbear.core.loans.products import Products
from forbear.core.scores.model import ScoreModel, parse_model
from forbear.core.scores.score import score_facts, score_reasons
from forbear.core.scores.targets import TARGETS
from forbear.core.strategy.arms import InArm, active, arm_facts, arms_on
from forbear.core.strategy.choice import NO_TABLE, ChoiceTable, choice_table
from forbear.core.strategy.least import least_for
from forbear.core.strategy.model import Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.core.strategy.stage import SILENCE, Decision, decide, looks_ahead
from forbear.engine.columnar import Connection, connected, parquet
from forbear.interchange.book.book import Book
from forbear.interchange.book.read import BorrowerRecord, find_borrower
from forbear.night.arms import columns_of, on_record
from forbear.night.run import Night, NightError, latest_night, open_night


def explain(
    book: Book, name: str, as_of: date, strategy_text: str, origin: str, nights: Path, night: Night | None,
    desk_facts: Path | None = None,
) -> dict:  # fmt: skip
    """Everything behind the loan or borrower `name` on `as_of`, as plain data; amounts in minor units.

    Raises `NightError` when the book has neither a loan nor a borrower of that name.
    """
    record = find_borrower(book, name)
    if record is None:
        raise NightError(f"{name}: the book has no loan and no borrower with this name")
    products = book.products()
    strategy = parse_strategy(strategy_text, origin)
    shown = [loan for loan in record.loans if loan.loan_id == name] or list(record.loans)
    stopped = frozenset(night.manifest.get("stopped", ())) if night else frozenset()
    scores = _scores(night)
    decided = _decided(record, products, strategy, as_of, nights, desk_facts, stopped, scores)
    return {
        "as_of": str(as_of),
        "book_version": book.version,
        "borrower_id": record.borrower.borrower_id,
        "feed_doubt": record.feed_doubt,
        "loans": [_loan(loan, products.get(loan.product), as_of) for loan in shown],
        "decision": decided,
        "night": _agreement(record, night, book, decided, products, as_of),
    }


def _loan(loan: Loan, product: Product, as_of: date) -> dict:
    state = arrears(loan, product, as_of)
    counted = counted_payments(loan.payments, as_of)
    rule = {"due_date_rule": product.due_date_rule, "calendar": product.calendar}
    spread = allocate(loan.instalments, sum(p.amount for p in counted), product.allocation_order, **rule)
    allocations = {
        a.payment: a for a in allocate_each(loan.instalments, counted, product.allocation_order, **rule)
    }
    reversed_by = {p.reverses: p.payment_id for p in loan.all_payments if p.reverses}
    payments = []
    for payment in sorted(loan.all_payments, key=lambda p: (p.paid_on, p.payment_id)):
        allocation = allocations.get(payment)
        payments.append(
            {
                "payment_id": payment.payment_id,
                "paid_on": str(payment.paid_on),
                "amount": payment.amount,
                "counts": allocation is not None,
                "why_not": _why_not(payment, loan, reversed_by, as_of) if allocation is None else "",
                "spread": [
                    {"number": s.instalment.number, **asdict(s.paid)}
                    for s in allocation.spreads
                    if s.paid.total
                ]
                if allocation
                else [],
                "credit": allocation.credit if allocation else 0,
            }
        )
    return {
        "loan_id": loan.loan_id,
        "product": loan.product,
        "currency": loan.currency,
        "minor_unit": 10 ** minor_digits(loan.currency),
        "status": loan.status,
        "principal": loan.principal,
        "disbursed_on": str(loan.disbursed_on) if loan.disbursed_on else None,
        "terms": {
            "grace_days": product.grace_days,
            "tolerance": str(product.tolerance),
            "allocation_order": list(product.allocation_order),
            "due_date_rule": product.due_date_rule,
            "calendar": product.calendar,
            "due_date_counts": product.due_date_counts,
            "pauses": product.pauses,
        },
        "instalments": [
            {
                "number": s.instalment.number,
                "due_on": "" if s.instalment.kind == "rest" else str(s.instalment.due_on),
                "falls_due_on": "" if s.instalment.kind == "rest" else str(s.falls_due_on),
                "amounts": asdict(s.instalment.amounts),
                "paid": s.paid.total,
                "unpaid": asdict(s.unpaid),
                "state": _state(s.falls_due_on, s.unpaid, product, loan.currency, as_of),
            }
            for s in spread.spreads
        ],
        "payments": payments,
        "pauses": [
            {"starts_on": str(p.starts_on), "ends_on": str(p.ends_on) if p.ends_on else None}
            for p in loan.pauses
        ],
        "arrears": _plain(state),
    }


def _plain(state: Arrears) -> dict:
    return {
        key: (str(value) if isinstance(value, date) else value)
        for key, value in asdict(state).items()
    }  # fmt: skip


def _why_not(payment: Payment, loan: Loan, reversed_by: dict[str, str], as_of: date) -> str:
    if payment.reverses:
        return f"reverses {payment.reverses}"
    if payment.payment_id in reversed_by:
        return f"reversed by {reversed_by[payment.payment_id]}"
    if payment in loan.shown and loan.account is not None:
        return f"in the balance of {loan.account.as_of}"
    assert payment.paid_on > as_of, "every other payment counts"
    return f"dated after {as_of}"


def _state(falls_due_on: date, unpaid: Amounts, product: Product, currency: str, as_of: date) -> str:
    due = falls_due_on < as_of or (product.due_date_counts and falls_due_on == as_of)
    if not unpaid.total:
        return "paid"
    if not due:
        return "not due yet"
    return "past due" if unpaid.total > product.tolerance_minor(currency) else "short, within tolerance"


def _decided(
    record: BorrowerRecord,
    products: Products,
    strategy: Strategy,
    as_of: date,
    nights: Path,
    desk_facts: Path | None,
    stopped: frozenset[str],
    scores: ScoreModel | None,
) -> dict:
    """The facts, each stage's condition on them, and the treatments, as core decides."""
    previous = latest_night(nights, before=as_of)
    before, since = _stage_before(previous, record)
    facts = facts_of(
        record.borrower,
        record.loans,
        products,
        as_of,
        lookahead=looks_ahead(strategy),
        feed_doubt=record.feed_doubt,
        previous_stage=before,
        desk=_desk_row(desk_facts, record),
    )
    if facts is None:
        return {
            "facts": None,
            "worst_loan": "",
            "stage": "",
            "handler": "",
            "held": False,
            "stages": [],
            "treatments": [],
        }
    facts |= score_facts(scores, facts)
    recorded = _recorded_arms(previous, record)
    table = _choice_table(open_night(nights, as_of), record.borrower.borrower_id)
    given = (strategy, record.borrower.borrower_id, facts, recorded, as_of, stopped, table)
    arms = active(strategy, arms_on(*given), as_of, stopped)
    facts |= arm_facts(*given)
    first = decide(strategy, facts)
    facts["days_in_stage"] = (as_of - since).days if since and first.stage == before else 0
    decision = decide(strategy, facts)
    standings = [standing(loan, products.get(loan.product), as_of) for loan in record.loans]
    stages, matched = [], False
    for rule in strategy.stages:
        holds = rule.when.python()(facts)
        stages.append(
            {
                "stage": rule.stage,
                "when": rule.when.text,
                "holds": holds,
                "decides": holds and not matched,
                "terms": [term._asdict() for term in rule.when.explain(facts)],
            }
        )
        matched = matched or holds
    return {
        "strategy": strategy.name,
        "strategy_version": strategy.version,
        "worst_loan": worst([s for s in standings if s.in_sight(looks_ahead(strategy))]).loan.loan_id,
        "facts": facts,
        "stages": stages,
        "stage": decision.stage,
        "handler": decision.handler,
        "held": decision.held,
        "hold_terms": [term._asdict() for term in strategy.hold_when.explain(facts)],
        "treatments": _treatments(strategy, decision, facts),
        "arms": [{**asdict(each), "since": str(each.since)} for each in arms],
        "scores": _reasons(scores, facts),
    }


def _scores(night: Night | None) -> ScoreModel | None:
    """The model that the night was decided with, which its folder has."""
    if night is None or "scores" not in night.manifest:
        return None
    path = night.folder / "scores.json"
    return parse_model(path.read_text(encoding="utf-8"), str(path))


def _reasons(scores: ScoreModel | None, facts: Row) -> dict:
    """The model, and by target its score with what speaks for and against it."""
    if scores is None:
        return {}
    row = dict(facts)
    targets = {
        name: {
            "score": facts[TARGETS[name].fact],
            "reasons": [asdict(each) for each in score_reasons(scores, name, row)],
        }
        for name in scores.targets
    }
    return {"model": scores.version, "targets": targets}


def _treatments(strategy: Strategy, decision: Decision, facts: Row) -> list[dict]:
    """The treatments of the stage decided: whether each one's condition holds, and whether it is planned."""
    decided = strategy.stage(decision.stage)
    return [
        {
            "channel": treatment.channel,
            "template": treatment.template,
            "when": treatment.when.text,
            "holds": treatment.when.python()(facts),
            "planned": treatment in decision.treatments,
            "least": least_for(strategy, treatment.channel, str(facts["currency"]))
            if treatment in decision.too_small
            else 0,
        }
        for treatment in (
            *(decided.treatments if decided else ()),
            *(each for each in decision.treatments if each == SILENCE),
        )
    ]


def _stage_before(previous: Night | None, record: BorrowerRecord) -> tuple[str, date | None]:
    if previous is None:
        return "", None
    rows = _rows(previous.folder / "cases", record.borrower.borrower_id, "stage, stage_since")
    return (rows[0][0], rows[0][1]) if rows and rows[0][0] else ("", None)


def _recorded_arms(previous: Night | None, record: BorrowerRecord) -> dict[str, InArm]:
    """The borrower's arms as the night before left them."""
    if previous is None or not (previous.folder / "arms").is_dir():
        return {}
    with connected() as connection:
        names = on_record(connection, previous.folder / "arms")
        columns = ", ".join(column for name in names for column in columns_of(name))
        rows = (
            _select(connection, previous.folder / "arms", record.borrower.borrower_id, columns)
            if names
            else []
        )
    found = zip(*[iter(rows[0])] * 3, strict=True) if rows else ()
    return {name: InArm(name, *each) for name, each in zip(names, found, strict=False) if each[0] is not None}


def _choice_table(night: Night | None, borrower_id: str) -> ChoiceTable:
    """The probabilities that a night drew options by, and what was refused to the borrower."""
    if night is None or not (night.folder / "choice.json").is_file():
        return NO_TABLE
    refused: list[tuple] = []
    if (night.folder / "refused.parquet").is_file():
        with connected() as connection:
            refused = connection.execute(
                f"select borrower_id, option from {parquet(night.folder, 'refused.parquet')} where borrower_id = $who",
                {"who": borrower_id},
            ).fetchall()
    text = (night.folder / "choice.json").read_text(encoding="utf-8")
    return ChoiceTable(choice_table(text), frozenset(refused))


def _desk_row(desk_facts: Path | None, record: BorrowerRecord) -> dict:
    """What the desk has given of the borrower; empty cells leave the default."""
    if desk_facts is None:
        return {}
    with connected() as connection:
        desk_row = connection.execute(
            f"select * from {parquet(desk_facts.parent, desk_facts.name)} where borrower_id = $who",
            {"who": record.borrower.borrower_id},
        )
        names = [column[0] for column in desk_row.description]
        row = desk_row.fetchone()
    known = {fact.name for fact in facts_known({"desk"})}
    return {n: v for n, v in zip(names, row, strict=True) if n in known and v is not None} if row else {}


def _rows(folder: Path, borrower_id: str, columns: str) -> list[tuple]:
    with connected() as connection:
        return _select(connection, folder, borrower_id, columns)


def _select(connection: Connection, folder: Path, borrower_id: str, columns: str) -> list[tuple]:
    rows = parquet(folder, "part-*.parquet")
    return connection.execute(
        f"select {columns} from {rows} where borrower_id = $who order by all", {"who": borrower_id}
    ).fetchall()


def _agreement(
    record: BorrowerRecord, night: Night | None, book: Book, decided: dict, products: Products, as_of: date
) -> dict | None:
    """The published night's word on the same borrower, and whether core says the same."""
    if night is None:
        return None
    borrower_id = record.borrower.borrower_id
    with connected() as connection:
        cases = _select(connection, night.folder / "cases", borrower_id, "stage, handler, held")
        late = _select(
            connection, night.folder / "arrears", borrower_id, "loan_id, days_past_due, past_due_amount"
        )
        treatments = _select(
            connection, night.folder / "treatments", borrower_id, "position, channel, template"
        )
    computed = [
        (loan.loan_id, state.days_past_due, state.past_due_amount)
        for loan in sorted(record.loans, key=lambda one: one.loan_id)
        if (state := arrears(loan, products.get(loan.product), as_of)).days_past_due
    ]
    stage, handler, held = cases[0] if cases else ("", "", False)
    planned = [(t["channel"], t["template"]) for t in decided["treatments"] if t["planned"]]
    same = (
        late == computed
        and stage == decided["stage"]
        and [(channel, template) for _, channel, template in treatments] == planned
    )
    return {
        "version": night.manifest["version"],
        "same_book": night.manifest["book_version"] == book.version,
        "stage": stage,
        "handler": handler,
        "held": held,
        "agrees": same,
    }
