"""What was granted here and the lender's loan system must book."""
