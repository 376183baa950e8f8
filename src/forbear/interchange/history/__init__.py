"""What already stands in the system before Forbear, as files that are imported once."""
