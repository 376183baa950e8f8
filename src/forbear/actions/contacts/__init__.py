"""One contact from the queue to its outcome.

`queue_contact` plans it, `permit_gate` decides, `compose` writes it, `send` hands it to a channel,
`delivery_reports` and `resolve_contact` record what became of it.
"""
