"""Credit reporting: what is reported of a loan, in which form, and what it means to the borrower."""
