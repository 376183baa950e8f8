"""The payments behind the dashboard's cash."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from forbear.insight.cash import CashRow
from forbear.web.lists.columns import Amounts, Borrowers, Cells, ListTable, Moments
from forbear.web.lists.listing import Listing
from forbear.web.product_names import product_name


@dataclass(frozen=True, slots=True)
class Received:
    """A payment that counts, with its currency."""

    row: CashRow
    currency: str
    minor_unit: int

    @property
    def amount(self) -> int:
        """In minor units."""
        return self.row.amount

    @property
    def product(self) -> str:
        """What the loan's product is called."""
        return product_name(self.row.product)


class CashTable(ListTable):
    """Payments of this month and the last."""

    paid_on = Moments(_("Paid on"), "row__paid_on")
    amount = Amounts(_("Amount"), "amount", of="")
    borrower = Borrowers("row__borrower_id", name="")
    loan = Cells(_("Loan"), "row__loan_id")
    product = Cells(_("Product"), "product")
    agency = Cells(_("Agency"), "row__agency")
    payment = Cells(_("Payment"), "row__payment_id", shown=False)


CASH_ROWS = Listing(
    "cash",
    "desk:cash",
    "desk:floor:read",
    CashTable,
    (),
    _("Nothing came in this month or the last."),
)
