"""Visits before they happen: proposed, decided, routed, called off."""
