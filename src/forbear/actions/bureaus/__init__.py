"""What is reported to credit bureaus."""
