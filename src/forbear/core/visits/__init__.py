"""A visit to a borrower: what it needs, its states and its outcomes."""
