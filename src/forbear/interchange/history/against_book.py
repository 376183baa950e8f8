"""Hold what already stands against the book: whose loans they are, in which currency, and what makes no sense there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from forbear.core.base.money import minor_digits, parse_amount
from forbear.core.base.problem import Problem, at_place
from forbear.engine.columnar import connected
from forbear.interchange.book.book import Book
from forbear.interchange.history.read_history import History, HistoryError, Line

#: Files whose rows are about an amount, so that their loans must be of one currency.
_OF_MONEY = ("promises", "plans", "placements")


@dataclass(frozen=True, slots=True)
class _Loan:
    borrower: str
    currency: str
    closed: bool


def against_book(history: History, book: Book) -> History:
    """The rows with their borrower, loans and currency as the book has them; HistoryError with all that doesn't fit.

    A row that names no loans is about all of the borrower's, and stays so; where there is an amount it is about those
    that are not closed.
    """
    loans, borrowers = _looked_up(history, book)
    problems: list[Problem] = []
    lines = [_fitted(line, loans, borrowers, problems) for line in history.lines]
    problems += _plan_problems(history.of("plans"))
    if problems:
        raise HistoryError(problems)
    return History(lines, history.digests)


def minor_unit(line: Line) -> int:
    """How many of the smallest unit make one of the row's currency."""
    return 10 ** minor_digits(line.currency)


def amount_of(line: Line) -> int:
    """The row's amount in minor units; it was checked."""
    amount = parse_amount(line.values["amount"], line.currency)
    assert isinstance(amount, int), "an amount was checked when it was held against the book"
    return amount


def _looked_up(history: History, book: Book) -> tuple[dict[str, _Loan], dict[str, list[str]]]:
    """The loans of everybody who is named, and of each borrower their loans."""
    people = sorted({line.borrower for line in history.lines if line.borrower})
    named = sorted({loan for line in history.lines for loan in line.loans})
    loans: dict[str, _Loan] = {}
    borrowers: dict[str, list[str]] = {}
    with connected(1) as engine:
        rows = engine.execute(
            f"""select loan_id, borrower_id, currency, status = 'closed' from {book.rows("loans")}
            where borrower_id in (select unnest($people)) or loan_id in (select unnest($named)) order by all""",
            {"people": people, "named": named},
        ).fetchall()
    for loan, borrower, currency, closed in rows:
        loans[loan] = _Loan(borrower, currency, closed)
        borrowers.setdefault(borrower, []).append(loan)
    return loans, borrowers


def _fitted(
    line: Line, loans: dict[str, _Loan], borrowers: dict[str, list[str]], problems: list[Problem]
) -> Line:
    if line.file == "notices":
        return _notice(line, loans, problems)
    if line.borrower not in borrowers:
        unknown = Problem(
            "history_no_borrower", "there is no borrower %(name)s in the book", name=line.borrower
        )
        problems.append(at_place(line.place("borrower_id"), unknown))
        return line
    if wrong := list(_loan_problems(line, loans)):
        problems += [at_place(line.place("loans"), problem) for problem in wrong]
        return line
    if line.file not in _OF_MONEY:
        return line
    about = line.loans or tuple(loan for loan in borrowers[line.borrower] if not loans[loan].closed)
    currencies = sorted({loans[loan].currency for loan in about})
    if len(currencies) != 1:
        several = Problem(
            "history_currencies", "name the loans it is about, all in one currency and not closed"
        )
        problems.append(at_place(line.place("loans"), several))
        return line
    line = replace(line, loans=about, currency=currencies[0])
    if "amount" in line.values:
        amount = parse_amount(line.values["amount"], line.currency)
        if not isinstance(amount, Problem) and amount <= 0:
            amount = Problem("history_amount_zero", "must be more than 0")
        if isinstance(amount, Problem):
            problems.append(at_place(line.place("amount"), amount))
    return line


def _loan_problems(line: Line, loans: dict[str, _Loan]) -> Iterable[Problem]:
    for loan in line.loans:
        if loan not in loans:
            yield Problem("history_no_loan", "there is no loan %(name)s in the book", name=loan)
        elif loans[loan].borrower != line.borrower:
            yield Problem(
                "history_other_borrower",
                "loan %(name)s is of borrower %(other)s in the book",
                name=loan,
                other=loans[loan].borrower,
            )


def _notice(line: Line, loans: dict[str, _Loan], problems: list[Problem]) -> Line:
    """A notice names its loan, whose borrower the book knows."""
    (loan,) = line.loans
    if loan in loans:
        return replace(line, borrower=loans[loan].borrower)
    unknown = Problem("history_no_loan", "there is no loan %(name)s in the book", name=loan)
    problems.append(at_place(line.place("loan_id"), unknown))
    return line


def _plan_problems(lines: list[Line]) -> list[Problem]:
    """A plan's rows are its instalments: what they say of the plan itself is the same in each."""
    found: list[Problem] = []
    first: dict[str, Line] = {}
    for line in lines:
        before = first.setdefault(line.values["plan_id"], line)
        for column in ("borrower_id", "agreed_on"):
            if line.values[column] != before.values[column]:
                found.append(at_place(line.place(column), _differs(before)))
        if line.loans != before.loans:
            found.append(at_place(line.place("loans"), _differs(before)))
        if line.day("due_on") < date.fromisoformat(line.values["agreed_on"]):
            early = Problem("history_days_turned", "is before %(first)s", first="agreed_on")
            found.append(at_place(line.place("due_on"), early))
    return found


def _differs(before: Line) -> Problem:
    return Problem("history_plan_differs", "is not what line %(row)s says of this plan", row=before.number)
