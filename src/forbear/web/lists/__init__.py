"""Lists worth working in: one class binds a table, its filters, its order, its columns, saved views and its files."""
