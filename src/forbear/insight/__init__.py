"""What the figures say: measured from what was kept, never from what was meant."""
