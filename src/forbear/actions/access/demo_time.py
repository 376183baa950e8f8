"""A demo's time is moved on: by an hour from its pages, or to the next morning when its night is run."""

from datetime import datetime

from django.conf import settings

from forbear.actions.access.portal_access import carry_sessions
from forbear.interchange.home import clock


def skip_to(moment: datetime) -> None:
    """Let it be `moment` in this demo; an earlier one than now changes nothing. HomeError where borrowers are real."""
    before = clock.now(settings.HOME)
    if moment > before:
        clock.move(settings.HOME, moment)
        carry_sessions(moment - before)
