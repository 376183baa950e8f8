"""The borrower's side: see, speak, agree, keep."""
