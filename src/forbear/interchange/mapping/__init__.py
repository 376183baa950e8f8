"""Any lender's files as a feed: what `mapping.yaml` says, the sources it reads, and what is made of their rows."""
