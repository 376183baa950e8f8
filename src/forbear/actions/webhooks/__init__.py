"""Keys of other programs, and the events that are sent to them."""
