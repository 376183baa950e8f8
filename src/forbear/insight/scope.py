"""Whose rows a figure counts: all borrowers', or those a filter chooses; the same choice for every figure of a page.

A filter chooses borrowers, never rows of one table alone, so that the parts and wholes of all figures stay comparable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, QuerySet

from forbear.store.models import (
    Borrower,
    Case,
    Consent,
    Contact,
    Inbound,
    Loan,
    Payment,
    Placement,
    Plan,
    Promise,
    Request,
    Settlement,
    StatementLine,
)

#: How a row leads to its borrower.
_PATHS: Mapping[type[Model], str] = {
    **dict.fromkeys((Case, Consent, Contact, Inbound, Plan, Promise, Request, Settlement), "borrower"),
    Payment: "loan__borrower",
    Loan: "borrower",
    StatementLine: "placement__borrower",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Borrowers with a loan of `product`, one owed to `creditor`, an open case at `stage`, a case with `agency` now, or
    whom somebody of `team` contacted in the period; "" chooses all. Several together choose those of whom all is true.
    """

    product: str = ""
    stage: str = ""
    agency: str = ""
    team: str = ""
    creditor: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nobody is left out."""
        return not (self.product or self.stage or self.agency or self.team or self.creditor)

    @property
    def name(self) -> str:
        """What tells one choice from another."""
        return "|".join((self.product, self.stage, self.agency, self.team, self.creditor))

    def borrowers(self, starts: datetime, ends: datetime) -> QuerySet[Borrower] | None:
        """Those chosen; None for all. `starts` and `ends` bound the period for a team's contacts."""
        if self.is_all:
            return None
        rows = Borrower.objects.order_by()
        if self.product:
            rows = rows.filter(pk__in=Loan.objects.filter(product=self.product).values("borrower"))
        if self.creditor:
            rows = rows.filter(pk__in=Loan.objects.filter(creditor=self.creditor).values("borrower"))
        if self.stage:
            rows = rows.filter(
                pk__in=Case.objects.filter(stage=self.stage, closed_on=None).values("borrower")
            )
        if self.agency:
            with_agency = Placement.objects.filter(agency=self.agency, ended_at=None)
            rows = rows.filter(pk__in=with_agency.values("borrower"))
        if self.team:
            contacts = Contact.objects.filter(staff__team=self.team, at__gte=starts, at__lt=ends)
            rows = rows.filter(pk__in=contacts.values("borrower"))
        return rows

    def narrow(self, rows: QuerySet, starts: datetime, ends: datetime) -> QuerySet:
        """Only the rows of those chosen."""
        chosen = self.borrowers(starts, ends)
        return rows if chosen is None else rows.filter(**{f"{_PATHS[rows.model]}__in": chosen.values("pk")})


#: Nobody is left out.
ALL = Scope()
