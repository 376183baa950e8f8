"""Charge-off and debt sale: what may be charged off or sold, and the file a buyer gets."""
