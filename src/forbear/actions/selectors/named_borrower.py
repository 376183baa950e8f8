"""Whom a number stands for that people have at hand: of a borrower, a loan, a request, or the code of a contact."""

from django.db.models import QuerySet

from forbear.store.models import Borrower, Contact, Loan, Request


def borrower_id_of(text: str) -> str:
    """The borrower's id; the text as it is where it is no number of anybody."""
    named = text.strip()
    code = named.replace("-", "").upper()
    tries: tuple[QuerySet, ...] = (
        Borrower.objects.filter(pk=named).values_list("pk", flat=True),
        Loan.objects.filter(pk=named).values_list("borrower_id", flat=True),
        Request.objects.filter(number=code).values_list("borrower_id", flat=True),
        Contact.objects.filter(code=code).values_list("borrower_id", flat=True),
    )
    return next((found for rows in tries if (found := rows.first())), named)
