"""What was granted on a loan and its feed doesn't show yet: it counts over the lender's lines until they say the same.

A moved due date, a line that was found wrong, an agreed pause and a kept settlement are promises of the lender. Its own
system may need days to book them. Until it has, the loan is read with them, and the feed's older lines ask nobody for
anything. What the feed says meanwhile is compared: open (as before), booked (as granted) or contradicted (otherwise).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from forbear.core.loans.allocation import counted_payments
from forbear.core.loans.loan import COMPONENTS, Amounts, Instalment, Loan, Pause

#: pause: payments rest between two days. due_date: one instalment falls due later. line: an instalment is at most so
#: much. settled: less than all was agreed and paid. plan: paid in instalments of its own, which changes no line.
KINDS = ("pause", "due_date", "line", "settled", "plan")
#: Somebody else's since a sale: known here without an instruction, and nothing is asked for it any more.
SOLD = "sold"
#: A penalty grows between an answer and its booking. A line counts as booked this near to what was granted, in
#: percent of what was taken off.
_GROWTH = 10
#: What was paid before a correction in whose place no payment can be booked: more than anybody ever pays.
NO_PAYMENT_INSTEAD = 2**62


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One thing that was granted on a loan on `granted_on`. Amounts are minor units.

    due_date: instalment `number` fell due on `before_on` and falls due on `on`, its penalty is at most `most.penalty`.
    line: instalment `number` asked for `before` and asks for `most` at most; `paid_before` was paid by then, or
    NO_PAYMENT_INSTEAD where what was wrong is the line itself.
    pause: from `granted_on` until `on`, the first day on which payments run again. settled: nothing more is owed.
    """

    kind: str
    loan_id: str
    granted_on: date
    number: int = 0
    on: date | None = None
    before_on: date | None = None
    before: Amounts = Amounts.ZERO
    most: Amounts = Amounts.ZERO
    paid_before: int = 0
    plan_lines: tuple[tuple[date, int], ...] = ()

    def __post_init__(self) -> None:
        assert self.kind in (*KINDS, SOLD), self.kind

    @property
    def difference(self) -> int:
        """What a corrected line asks less than before."""
        return (self.before - self.most).total


def adjusted(loan: Loan, granted: Iterable[Adjustment]) -> Loan:
    """The loan with what was granted on it: no line asks for more, or sooner, than was promised."""
    for adjustment in granted:
        assert adjustment.loan_id == loan.loan_id, "an adjustment is of one loan"
        if adjustment.kind in ("settled", SOLD):
            loan = replace(loan, status="closed")
        elif adjustment.kind == "pause":
            assert adjustment.on is not None, "a pause has an end"
            loan = replace(loan, pauses=(*loan.pauses, Pause(adjustment.granted_on, adjustment.on)))
        elif adjustment.kind in ("due_date", "line") and not _paid_instead(loan, adjustment):
            lines = tuple(
                _capped(line, adjustment) if line.number == adjustment.number else line
                for line in loan.instalments
            )
            # the lender's own figure doesn't know of it yet
            loan = replace(loan, instalments=lines, quote=None)
    return loan


def _capped(line: Instalment, adjustment: Adjustment) -> Instalment:
    """The instalment as granted: later if its date was moved, and never more than `most`."""
    if adjustment.kind == "due_date":
        assert adjustment.on is not None, "a moved date is a date"
        penalty = min(line.amounts.penalty, adjustment.most.penalty)
        amounts = replace(line.amounts, penalty=penalty)
        return replace(line, due_on=max(line.due_on, adjustment.on), amounts=amounts)
    parts = {name: min(getattr(line.amounts, name), getattr(adjustment.most, name)) for name in COMPONENTS}
    return replace(line, amounts=Amounts(**parts))


def _paid_instead(loan: Loan, adjustment: Adjustment) -> bool:
    """Whether the lender booked a payment of before the answer in place of a smaller line."""
    if adjustment.kind != "line":
        return False
    paid = sum(payment.amount for payment in counted_payments(loan.payments, adjustment.granted_on))
    return paid >= adjustment.paid_before + adjustment.difference


def feed_state(loan: Loan | None, adjustment: Adjustment) -> str:
    """What the feed says of it: open, booked or contradicted. `loan` is as the feed alone has it, None without one.

    A loan that is closed, or no longer fed, asks for nothing: whatever was granted on it is booked.
    """
    if loan is None or loan.status == "closed":
        return "booked"
    if adjustment.kind == "settled":
        return "open"
    if adjustment.kind == "pause":
        return _pause_state(loan.pauses, adjustment)
    if adjustment.kind == "plan":
        dues = {(line.due_on, line.amounts.total) for line in loan.instalments}
        return "booked" if set(adjustment.plan_lines) <= dues else "open"
    line = next((one for one in loan.instalments if one.number == adjustment.number), None)
    if line is None or _paid_instead(loan, adjustment):
        return "booked"
    return _date_state(line, adjustment) if adjustment.kind == "due_date" else _line_state(line, adjustment)


def _pause_state(pauses: Sequence[Pause], adjustment: Adjustment) -> str:
    """Booked when the feed has a pause until that day or later; one that began with it and ends sooner contradicts."""
    assert adjustment.on is not None, "a pause has an end"
    running = [pause for pause in pauses if pause.covers(adjustment.granted_on)]
    if any(pause.ends_on is None or pause.ends_on >= adjustment.on for pause in running):
        return "booked"
    return "contradicted" if running else "open"


def _date_state(line: Instalment, adjustment: Adjustment) -> str:
    if line.due_on == adjustment.on:
        return "booked"
    return "open" if line.due_on == adjustment.before_on else "contradicted"


def _line_state(line: Instalment, adjustment: Adjustment) -> str:
    """Booked when the line fell to what was granted, save a little penalty that grew; contradicted when it rose.

    Penalty grows by the day and contradicts nothing.
    """
    most = adjustment.most.total
    if line.amounts.total <= most + adjustment.difference * _GROWTH // 100:
        return "booked"
    before, now = adjustment.before, line.amounts
    rose = any(getattr(now, part) > getattr(before, part) for part in ("principal", "interest", "fee"))
    return "contradicted" if rose else "open"


def reduced_line(amounts: Amounts, by: int) -> Amounts:
    """What a line asks for once `by` minor units of it are found wrong: charges first, then interest, then principal.

    What the borrower never owed is a charge before it is money that was lent.
    """
    assert 0 <= by <= amounts.total, "no line falls below nothing"
    left = {}
    for part in ("penalty", "fee", "interest", "principal"):
        taken = min(by, getattr(amounts, part))
        left[part], by = getattr(amounts, part) - taken, by - taken
    return Amounts(**left)
