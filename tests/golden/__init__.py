"""Cases with known answers, in YAML that a domain person can edit, and their reader."""
