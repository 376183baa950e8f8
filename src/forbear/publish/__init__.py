"""A night's results written to the desk's tables."""
