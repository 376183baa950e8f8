"""The REST interface: permits, contacts, payments, verification, hooks."""
