"""The desk: where the lender's own staff work."""
