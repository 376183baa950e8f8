"""Versions of strategies: drafted, approved, in force, rolled back."""
