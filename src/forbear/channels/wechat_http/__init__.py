"""Template messages of a WeChat official account, and what its followers answer (carried on the push channel)."""
