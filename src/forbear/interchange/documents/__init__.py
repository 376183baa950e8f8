"""Files for people: letters, court bundles, agency files, evidence, backups."""
