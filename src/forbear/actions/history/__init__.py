"""What already stands in the system before Forbear becomes rows of the desk, each with its evidence."""
