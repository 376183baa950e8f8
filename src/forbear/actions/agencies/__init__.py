"""Agencies and placements: who collects which case, until when, and what it costs."""
