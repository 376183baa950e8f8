"""Messages to the lender's own app: one signed POST to the lender's push server, as Standard Webhooks has it."""
