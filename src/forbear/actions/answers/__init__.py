"""What a person answers to a request, what that does at once, and looking at it again."""
