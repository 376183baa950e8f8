"""What every rule stands on: money, days, hashes, and problems as values."""
