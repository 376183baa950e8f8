"""Tests of what already stood before Forbear."""
