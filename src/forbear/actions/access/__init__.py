"""Who may see what: the borrower's links and data copies, unmasking, and checking who calls."""
