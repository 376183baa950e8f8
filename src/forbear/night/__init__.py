"""The night: from the book to a decided day, set-based."""
