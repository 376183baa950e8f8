"""Django's settings and URLs, and the one way to start it."""
