"""The list of cases that the strategy would take to court."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from forbear.actions.court.lawsuits import candidates
from forbear.core.base.money import minor_digits
from forbear.core.court.lawsuit import Assessment
from forbear.store.models import Borrower
from forbear.web.lists.columns import Acts, Amounts, Borrowers, Listed, ListTable, Words
from forbear.web.lists.listing import Listing
from forbear.web.request import StaffRequest


@dataclass(frozen=True)
class Candidate:
    """A borrower's case with what a lawsuit may bring and cost, amounts in minor units of its currency."""

    borrower: Borrower
    one: Assessment
    currency: str

    @property
    def borrower_id(self) -> str:
        """Whose case it is."""
        return self.borrower.pk

    @property
    def minor_unit(self) -> int:
        """How many minor units make one of its currency."""
        return 10 ** minor_digits(self.currency)


class CandidateTable(ListTable):
    """What a lawsuit of each case may bring, what it costs, and what stands against it."""

    borrower = Borrowers(order="borrower")
    way = Words(_("Way"), "one__way", "lawsuit_procedure", order="way")
    expected = Amounts(_("Expected recovery"), "one__expected", order="expected")
    fee = Amounts(_("Court fee"), "one__fee", order="fee")
    cost = Amounts(_("Costs"), "one__cost", order="cost")
    net = Amounts(_("Net"), "one__net", order="net")
    against = Listed(_("Against it"), "one__against", "against")
    acts = Acts("desk/candidate_acts.html", _("Conclusion"))


def _rows(request: StaffRequest) -> list[Candidate]:
    return [Candidate(borrower, one, currency) for borrower, one, currency in candidates(request.now)]


CANDIDATES = Listing(
    "litigation-candidates",
    "desk:litigation_candidates",
    "desk:court:propose",
    CandidateTable,
    (),
    _("None now. Cases from the strategy's court action are listed here."),
    rows=_rows,
)
