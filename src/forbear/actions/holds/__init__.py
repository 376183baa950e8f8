"""No contact, for a reason: placing and lifting holds."""
