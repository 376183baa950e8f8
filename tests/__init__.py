"""Forbear's tests, by room."""
