"""What writes: one act a file. Each checks, decides, writes and appends evidence, in one transaction."""
