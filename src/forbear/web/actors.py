"""Who acted, for people to read: a person by their number, a program by what it is."""

import re

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from forbear.store.models import IMPORTED, Contact, Staff

#: Who acts, when it is no person.
_ACTORS = {
    "borrower": _("the borrower"),
    "house": _("the lender"),
    "night": _("the night"),
    "timetable": _("the timetable"),
    "forbear": _("the system"),
    "command line": _("the command line"),
    "public": _("the public page"),
    "sign-in": _("the sign-in"),
    "sso": _("single sign-on"),
    "sale": _("the sale"),
    "demo": _("the demo"),
    "sim": _("the simulation"),
}
_SENDER = _("sending worker")
_OLD_SYSTEM = _("the old system")
_KINDS = {
    "key": _("program %(name)s"),
    "provider": _("provider %(name)s"),
    "agency": _("agency %(name)s"),
}


def named(staff: Staff) -> str:
    """A person of the staff for their colleagues: by name, as far as the account has one, and number."""
    return f"{staff.get_full_name() or staff.username} {staff.number}"


def of_contact(contact: Contact) -> str:
    """Who made a contact: a person by their number, the old system, else the worker, whatever provider carried it."""
    if contact.provider == IMPORTED:
        return str(_OLD_SYSTEM)
    return contact.staff.number if contact.staff else str(_SENDER)


def actor(text: str, chinese: bool | None = None) -> str:
    """Who did it, in the reader's language; `chinese` asks for one of the two instead.

    A person goes by their number, a program by what it is. A worker's `host:number` means nothing to anybody.
    """
    if chinese is not None:
        with override("zh-hans" if chinese else "en"):
            return actor(text)
    kind, _, name = text.partition(":")
    if text in _ACTORS:
        return str(_ACTORS[text])
    if kind == "staff":
        return name
    if kind in _KINDS:
        return str(_KINDS[kind]) % {"name": name}
    return str(_SENDER) if re.fullmatch(r".*:\d+|worker-\w+", text) else text
