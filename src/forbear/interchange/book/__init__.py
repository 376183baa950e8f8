"""The feed checked and turned into the loan book, and the book read back."""
