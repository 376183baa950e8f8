"""Formats by language: Django drops the thousands separator in Chinese by default."""
