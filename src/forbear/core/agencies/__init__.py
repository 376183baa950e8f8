"""Agencies: what they may do, what they earn, and which cases go to which of them."""
