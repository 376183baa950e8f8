"""What is known: every fact a rule may name, and the facts of a borrower and of a contact.

`vocabulary` lists the facts; `borrower` computes those of the night, `contact_facts` those of the moment of contact.
`context` is all that is known then, `contact` the contact itself.
"""
