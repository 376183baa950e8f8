"""What people write back: stop, dispute, hardship, a promise, in Chinese and English."""
