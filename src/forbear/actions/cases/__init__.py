"""A case as new facts arrive: recomputed, assigned, paid, released."""
