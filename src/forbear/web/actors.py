"""Who acted, for people to read: a person by name and number, an agency by its name, a program by what it is.

Names are for colleagues. On a page of the lender's staff a directory is open; on all others, in papers and on the
command line a person is their number, which is what outsiders can check.
"""

import re
from contextvars import ContextVar
from functools import cached_property

from django.core.signals import request_started
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from forbear.actions.selectors.agency_directory import agencies
from forbear.actions.selectors.staff_directory import names_by_number
from forbear.store.models import IMPORTED, Agency, Contact, Staff
from forbear.web.languages import is_chinese

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


class Directory:
    """Colleagues and agencies by name, each read once, and only where a page asks."""

    @cached_property
    def people(self) -> dict[str, str]:
        """By number."""
        return names_by_number()

    @cached_property
    def agencies(self) -> dict[str, Agency]:
        """By code."""
        return {each.code: each for each in agencies()}


_OPEN: ContextVar[Directory | None] = ContextVar("directory", default=None)


def open_directory(reader: Staff) -> None:
    """Until the next request people are called by name, unless the reader is of an agency."""
    _OPEN.set(None if reader.agency_id else Directory())


@receiver(request_started)
def _close_directory(**_given: object) -> None:
    _OPEN.set(None)


def person(number: str) -> str:
    """Somebody by name and number, where the directory is open; else by number."""
    directory = _OPEN.get()
    name = directory.people.get(number) if directory else None
    return f"{name} {number}" if name else number


def colleague(staff: Staff) -> str:
    """The same of an account that was read already."""
    return named(staff) if _OPEN.get() else staff.number


def agency_name(code: str) -> str:
    """An agency by its name in the reader's language, where the directory is open; else by its code."""
    directory = _OPEN.get()
    found = directory.agencies.get(code) if directory else None
    return (found.name_zh if is_chinese() else found.name_en) if found else code


def named(staff: Staff) -> str:
    """A person of the staff for their colleagues: by name, as far as the account has one, and number."""
    return f"{staff.get_full_name() or staff.username} {staff.number}"


def of_contact(contact: Contact) -> str:
    """Who made a contact: a person, the old system, else the worker, whatever provider carried it."""
    if contact.provider == IMPORTED:
        return str(_OLD_SYSTEM)
    return colleague(contact.staff) if contact.staff else str(_SENDER)


def actor(text: str, chinese: bool | None = None) -> str:
    """Who did it, in the reader's language; `chinese` asks for one of the two instead, for a paper with numbers alone.

    A worker's `host:number` means nothing to anybody.
    """
    if chinese is not None:
        directory = _OPEN.set(None)
        try:
            with override("zh-hans" if chinese else "en"):
                return actor(text)
        finally:
            _OPEN.reset(directory)
    kind, _, name = text.partition(":")
    if text in _ACTORS:
        return str(_ACTORS[text])
    if kind == "staff":
        return person(name)
    if kind == "agency":
        name = agency_name(name)
    if kind in _KINDS:
        return str(_KINDS[kind]) % {"name": name}
    return str(_SENDER) if re.fullmatch(r".*:\d+|worker-\w+", text) else text
