"""Payments by a provider over HTTP: signed orders, and signed news of them."""
