"""Calls over a SIP trunk: reminders read out, and click-to-call; one small user agent (baresip) for each call."""
