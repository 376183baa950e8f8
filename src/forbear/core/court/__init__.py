"""A lawsuit: its steps, deadlines and costs."""
