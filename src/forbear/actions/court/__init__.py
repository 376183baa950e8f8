"""Lawsuits: the claim, the letter before it, the papers and the dates."""
