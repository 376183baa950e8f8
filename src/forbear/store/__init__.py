"""The one Django app with tables: what the desk knows, and the only doors to it."""
