"""What a borrower is found by at the desk."""

from django.db import models

from forbear.store.models.borrower import Borrower


class SearchTerm(models.Model):
    """The digest of a term (`core.search.terms`) and whom it finds. Nothing can be read out of it.

    `source` is "feed" for what a night brings again, or "borrower" for what they gave themselves.
    """

    term = models.CharField(max_length=16)
    source = models.CharField(max_length=16, default="feed")
    borrower = models.ForeignKey(Borrower, on_delete=models.CASCADE, related_name="search_terms")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "borrower"], name="search_term_of_borrower")]
