"""The lists of the desk: columns, filters and order of each, by subject."""
