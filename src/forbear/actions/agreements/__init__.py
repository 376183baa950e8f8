"""Promises, plans and settlements: made, evaluated, broken or kept."""
