"""The agency's face: its own cases, what is allowed, what it earned, and how it does."""
