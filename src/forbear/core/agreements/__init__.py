"""What is agreed with a borrower: promises, plans, settlements, requests and notices, within the policy."""
