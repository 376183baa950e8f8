"""What a request carries, by who asks: the moment, and the person or program behind it.

Middleware and guards put these there (web.clock, web.guard, web.portal.way_in, web.api.keys); the classes say so.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from forbear.store.models import ApiKey, Borrower, Staff


class Request(HttpRequest):
    """Anybody's; `now` is the moment it came in. `went_wrong` when what is shown is a page of an error."""

    now: datetime
    went_wrong: bool
    session: SessionBase


if TYPE_CHECKING:

    class StaffRequest(Request):
        """Of staff who are signed in and may see the page."""

        @property
        def user(self) -> Staff: ...
        @user.setter
        def user(self, value: Staff) -> None: ...

    class BorrowerRequest(Request):
        """Of a borrower who is in."""

        borrower: Borrower

    class KeyRequest(Request):
        """Of a program with a key."""

        auth: ApiKey
else:
    StaffRequest = BorrowerRequest = KeyRequest = Request
