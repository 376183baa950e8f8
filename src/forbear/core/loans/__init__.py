"""What is owed: a loan's own lines, how payments are spread over them, and how late it is.

`loan` and `products` are the values, `account` makes lines of a snapshot where there is no schedule, `allocation`
spreads payments, `delinquency` says how late and how much.
`penalty` computes default interest, `due_dates` moves a due date, `limitation` says when a claim expires.
"""
