"""What a borrower asks for, and what is answered."""
