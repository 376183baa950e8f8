"""An agency's own work on its placed cases, by page and by file."""
