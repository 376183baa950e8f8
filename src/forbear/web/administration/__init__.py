"""For administrators: people, the keys of programs, and every setting with where it comes from."""
