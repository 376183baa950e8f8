"""Scores: what a signed model says of a borrower, in whole numbers that every machine gets alike."""
