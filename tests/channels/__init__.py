"""Channels, each against a real other side: a process of its own on this machine, of another make than ours."""
