"""How a contact leaves and what comes back: one folder per channel and provider."""
