"""What an agency earned, as a statement that both sides can compute again: from the payments, to the cent.

A statement's lines never change. A payment that is reversed later is taken back on the next one. The agency accepts a
statement or disputes lines of it; the lender answers each.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from forbear.actions.selectors.payments import payments_on
from forbear.core.agencies.commission import Line, Placed, digest, statement, totals
from forbear.core.agencies.placement import WITH_TAIL
from forbear.core.base.problem import Problem
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Agency, Placement, Staff, Statement, StatementLine

_BATCH = 1_000


def make_statement(code: str, until: date, now: datetime, *, actor: str) -> Statement | Problem:
    """The agency's next statement, up to and with `until`; Problem when there is nothing to tell."""
    if until >= business_date(now):
        return Problem(
            "statement_ends_too_late", "a statement ends before today: payments of today may still come"
        )
    with transaction.atomic():
        agency = Agency.objects.select_for_update().filter(code=code).first()
        if agency is None:
            return Problem("no_such_agency", "there is no agency %(agency)s", agency=code)
        last = agency.statements.aggregate(last=Max("until"), number=Max("number"))
        if last["last"] is not None and until <= last["last"]:
            return Problem(
                "statement_exists", "the statement up to %(last_day)s is made already", last_day=last["last"]
            )
        placed = [_placed(row) for row in agency.placements.all()]
        lines_before = _reported_lines(agency)
        loans = {loan for one in placed for loan in one.loans}
        first = min((one.first for one in placed), default=until)
        lines = statement(placed, payments_on(loans, first), lines_before, until)
        if not lines:
            return Problem("statement_empty", "no payment came on its cases since the last statement")
        agency_statement = Statement.objects.create(
            agency=agency,
            number=(last["number"] or 0) + 1,
            until=until,
            made_at=now,
            totals={currency: list(sums) for currency, sums in totals(lines).items()},
            sha256=digest(lines),
        )
        StatementLine.objects.bulk_create(
            (
                StatementLine(
                    statement=agency_statement, placement_id=line.placement,
                    payment_id=line.payment_id, loan_id=line.loan_id,
                    paid_on=line.paid_on, currency=line.currency, amount=line.amount, rate=line.rate,
                    commission=line.commission,
                )
                for line in lines
            ),
            batch_size=_BATCH,
        )  # fmt: skip
        body = {
            "agency": code,
            "what": "statement",
            "number": agency_statement.number,
            "until": str(until),
            "totals": agency_statement.totals,
            "sha256": agency_statement.sha256,
        }
        evidence.append("agency", at=now, actor=actor, body=body)
        return agency_statement


def _placed(row: Placement) -> Placed:
    terms = policy(settings.HOME).placement
    tail = terms.tail_days if row.ended_reason_code in WITH_TAIL else 0
    last = business_date(row.ended_at) if row.ended_at else None
    return Placed(row.pk, tuple(row.loans), business_date(row.placed_at), last, row.rate, tail)


def _reported_lines(agency: Agency) -> dict[str, Line]:
    """Every line reported before and not taken back since, by payment."""
    lines: dict[str, Line] = {}
    names = ("placement_id", "payment_id", "loan_id", "paid_on", "currency", "amount", "rate", "commission")
    rows = StatementLine.objects.filter(statement__agency=agency).order_by("pk")
    for row in rows.values_list(*names):
        line = Line(*row)
        if line.back:
            lines.pop(line.payment_id, None)
        else:
            lines[line.payment_id] = line
    # what was reported once is never reported again, also when its payment is gone from the book
    return lines


def dispute_line(
    line_id: int, agency: str, words: str, now: datetime, *, actor: str
) -> StatementLine | Problem:
    """The agency says that a line is wrong, and why."""
    if not words.strip():
        return Problem("dispute_reason_missing", "say what is wrong with the line")
    with transaction.atomic():
        rows = StatementLine.objects.filter(pk=line_id, statement__agency_id=agency)
        line = rows.select_for_update(of=("self",)).select_related("statement").first()
        if line is None:
            return Problem("no_such_line", "there is no such line")
        if line.statement.accepted_at is not None:
            return Problem("statement_accepted", "this statement was accepted already")
        line.disputed, line.answered = words.strip()[:300], ""
        line.save(update_fields=["disputed", "answered"])
        _log_event(line, "line disputed", now, actor)
        return line


def answer_line(line_id: int, words: str, staff: Staff, now: datetime) -> StatementLine | Problem:
    """The lender's answer to a disputed line. What it owes more or less comes with the payments, never by hand."""
    if not words.strip():
        return Problem("dispute_answer_missing", "an answer has words that the agency can read")
    with transaction.atomic():
        rows = StatementLine.objects.filter(pk=line_id).exclude(disputed="")
        line = rows.select_for_update(of=("self",)).select_related("statement").first()
        if line is None:
            return Problem("no_such_disputed_line", "there is no such disputed line")
        line.answered = words.strip()[:300]
        line.save(update_fields=["answered"])
        _log_event(line, "line answered", now, f"staff:{staff.number}")
        return line


def accept_statement(statement_id: int, agency: str, now: datetime, *, actor: str) -> Statement | Problem:
    """The agency accepts; not while a line of it waits for an answer."""
    with transaction.atomic():
        agency_statement = (
            Statement.objects.select_for_update().filter(pk=statement_id, agency_id=agency).first()
        )
        if agency_statement is None or agency_statement.accepted_at is not None:
            return Problem("no_statement_to_accept", "no such statement is waiting to be accepted")
        if agency_statement.lines.exclude(disputed="").filter(answered="").exists():
            return Problem("disputed_line_open", "a disputed line has no answer yet")
        agency_statement.accepted_at = now
        agency_statement.save(update_fields=["accepted_at"])
        body = {"agency": agency, "what": "statement accepted", "number": agency_statement.number}
        evidence.append("agency", at=now, actor=actor, body=body)
        return agency_statement


def month_end(today: date) -> date:
    """The last day of the month before."""
    return today.replace(day=1) - timedelta(days=1)


def _log_event(line: StatementLine, what: str, now: datetime, actor: str) -> None:
    body = {
        "agency": line.statement.agency_id,
        "what": what,
        "number": line.statement.number,
        "line": line.pk,
    }
    evidence.append("agency", at=now, actor=actor, body=body)
