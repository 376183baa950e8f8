"""SMS over SMPP 3.4: one transceiver session that stays bound, with receipts and replies on the same line."""
