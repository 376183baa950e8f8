"""E-mail by SMTP (RFC 5321) with one-click unsubscribe (RFC 8058), bounces (RFC 3464) and complaints (RFC 5965)."""
