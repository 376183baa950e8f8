"""What people say back: texts, the outcome of a call, feedback."""
