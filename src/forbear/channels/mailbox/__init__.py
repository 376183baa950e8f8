"""The built-in channel: messages that nobody outside sees, for a demo, a training room or a test."""
