"""What somebody can be found by."""
