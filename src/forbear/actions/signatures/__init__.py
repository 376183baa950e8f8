"""A second person's signature, and whether it counts."""
