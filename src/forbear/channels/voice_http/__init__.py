"""Calls through a voice provider on the web, as Twilio's Calls resource: reminders and click-to-call."""
