"""A seeded lender with borrowers who live, faults that happen, and invariants that must hold all the same."""
