"""What only reads: ledgers, payments, active holds, penalties, what a bureau was given."""
