"""The house rules, held by tests; each rule is also shown to bite."""
