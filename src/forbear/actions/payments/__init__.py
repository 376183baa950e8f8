"""Payments by the borrower, and what follows the end of a debt: letters, charge-off, sale."""
