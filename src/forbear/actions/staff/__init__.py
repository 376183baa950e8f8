"""Accounts of staff: made, changed, signed in, with second factors."""
