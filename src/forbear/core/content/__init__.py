"""What may be said: approved templates, and the screening of every text that leaves."""
