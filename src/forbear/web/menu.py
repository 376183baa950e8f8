"""The desk's menu: groups of work, who sees which entry, what waits behind it, and where a page belongs."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forbear.store.permissions import may


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu: a page, and the permission without which it isn't shown."""

    page: str
    label: str | Promise
    permission: str
    icon: str
    #: First parts of other addresses that belong here: "/desk/case/B1/" is work of the queue.
    under: tuple[str, ...] = ()
    #: The count of `waiting_counts` shown beside it; "" for none.
    count: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind of work under a heading; "" for none."""

    label: str | Promise
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as one person sees it on one page."""

    label: str | Promise
    address: str
    icon: str
    active: bool
    count: int


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as one person sees it."""

    label: str | Promise
    entries: tuple[ShownEntry, ...]

    @property
    def active(self) -> ShownEntry | None:
        """The entry to which the page belongs, if it is of this group."""
        return next((entry for entry in self.entries if entry.active), None)


MENU: tuple[Group, ...] = (
    Group(
        _("Work"),
        (
            Entry("desk:queue", _("Queue"), "desk:case:read", "list-check", ("/desk/case/",)),
            Entry("desk:cases", _("Cases"), "desk:case:read", "folder", ("/desk/cases",)),
            Entry("desk:inbox", _("Inbox"), "desk:request:answer", "inbox", count="inbox"),
            Entry("desk:requests", _("Requests"), "desk:request:answer", "message-report", count="requests"),
            Entry(
                "desk:complaints", _("Complaints"), "desk:complaint:read", "alert-triangle", count="complaints"
            ),
            Entry("desk:holds", _("Holds"), "desk:hold:lift", "hand-stop"),
            Entry(
                "desk:vulnerable",
                _("Vulnerable customers"),
                "desk:vulnerability:read",
                "users",
                count="vulnerable",
            ),
            Entry("desk:instructions", _("To be booked"), "desk:instruction:read", "file-text"),
            Entry("desk:reported", _("Reported payments"), "desk:case:read", "file-text"),
            Entry(
                "desk:unapplied",
                _("Unapplied payments"),
                "desk:payment:apply",
                "cash-banknote",
                ("/desk/payments/unapplied",),
                "unapplied",
            ),
            Entry(
                "desk:promises",
                _("Agreements"),
                "desk:case:read",
                "calendar-event",
                ("/desk/plans", "/desk/settlements"),
            ),
            Entry("desk:approvals", _("Approvals"), "desk:approval:read", "checks", count="approvals"),
            Entry("desk:visits", _("Field visits"), "desk:visit:read", "map-pin", ("/desk/routes",), "visits"),
            Entry("field:day", _("Today's field visits"), "field:visit:make", "map-pin"),
        ),
    ),
    Group(
        pgettext_lazy("channel", "Agency"),
        (
            Entry("agency:cases", _("Our cases"), "agency:case:work", "briefcase", ("/agency/case",)),
            Entry("agency:card", _("Scorecard"), "agency:statement:read", "star"),
            Entry("agency:statements", _("Statements"), "agency:statement:read", "file-text"),
            Entry("agency:files", _("Files"), "agency:case:work", "folder"),
        ),
    ),
    Group(
        _("Team"),
        (
            Entry(
                "desk:dashboard",
                _("Dashboard"),
                "desk:floor:read",
                "chart-bar",
                ("/desk/kpi/", "/desk/portfolio"),
            ),
            Entry("desk:floor", _("Team"), "desk:floor:read", "users", ("/desk/assignment",)),
            Entry("desk:reviews", _("Quality review"), "desk:review:make", "clipboard-check"),
            Entry(
                "desk:outbox", _("Delivery unknown"), "desk:outbox:resolve", "mail-question", count="unknown"
            ),
        ),
    ),
    Group(
        _("Recovery"),
        (
            Entry(
                "desk:agencies",
                _("Agencies"),
                "desk:agency:read",
                "building",
                ("/desk/placements", "/desk/statements/"),
                "placement_lists",
            ),
            Entry("desk:lawsuits", _("Litigation"), "desk:court:read", "scale", ("/desk/court",), "lawsuits"),
            Entry(
                "desk:write_offs",
                _("Charge-offs and sales"),
                "desk:sale:read",
                "cash-banknote-off",
                ("/desk/sales",),
                "charge_offs",
            ),
            Entry("desk:credit", _("Credit reporting"), "desk:credit:read", "file-certificate"),
        ),
    ),
    Group(
        _("Rules"),
        (
            Entry(
                "desk:strategies",
                _("Strategies"),
                "desk:strategy:read",
                "git-branch",
                ("/desk/shadow",),
                "strategies",
            ),
            Entry("desk:choice", _("Choice"), "desk:strategy:read", "scale"),
            Entry("desk:experiments", _("Experiments"), "desk:strategy:read", "percentage"),
            Entry("desk:scores", _("Scores"), "desk:strategy:read", "chart-bar", count="scores"),
            Entry(
                "desk:refusals",
                _("Compliance"),
                "desk:compliance:read",
                "shield-check",
                ("/desk/access", "/desk/leaks", "/desk/evidence", "/desk/recordings", "/desk/examiner"),
            ),
            Entry("desk:rules", pgettext_lazy("menu", "Rule packs"), "desk:compliance:read", "book"),
            Entry("desk:penalties", _("Penalty"), "desk:compliance:read", "percentage", count="penalties"),
        ),
    ),
    Group(
        _("Administration"),
        (
            Entry(
                "administration:people", _("Administration"), "administration:people:read", "settings",
                ("/administration/",),
            ),
            Entry("phone", _("Borrower's phone"), "demo:phone:read", "device-mobile"),
        ),
    ),
)  # fmt: skip


#: The first page of a role, where its work begins elsewhere than with the queue.
_OF_ROLE = {
    "lead": "desk:floor",
    "manager": "desk:dashboard",
    "compliance": "desk:approvals",
    "legal": "desk:lawsuits",
    "auditor": "desk:dashboard",
}
#: The first page of the others, who may see it.
_FIRST = (
    ("agency:case:work", "agency:cases"),
    ("field:visit:make", "field:day"),
    ("desk:case:read", "desk:queue"),
    ("desk:strategy:propose", "desk:strategies"),
    ("desk:compliance:read", "desk:refusals"),
    ("administration:people:manage", "administration:people"),
    ("own:account:keep", "own"),
)


def first_page_of(role: str) -> str:
    """The name of the page on which somebody of this role begins."""
    return _OF_ROLE.get(role) or next(page for permission, page in _FIRST if may(role, permission))


def menu_for(role: str, path: str, counts: Mapping[str, int]) -> list[ShownGroup]:
    """The menu of a role on the page at `path`; groups of which it may see nothing are left out.

    The page belongs to the entry with the longest address, or part of one in `under`, that `path` begins with.
    """
    seen = [
        (group, entry, reverse(entry.page))
        for group in MENU
        for entry in group.entries
        if may(role, entry.permission)
    ]
    here = max(
        (
            (len(start), entry.page)
            for _group, entry, address in seen
            for start in (address, *entry.under)
            if path == start or (path.startswith(start) and start not in ("/", "/desk/"))
        ),
        default=(0, ""),
    )[1]
    shown: dict[int, list[ShownEntry]] = {}
    for group, entry, address in seen:
        made = ShownEntry(entry.label, address, entry.icon, entry.page == here, counts.get(entry.count, 0))
        shown.setdefault(id(group), []).append(made)
    return [ShownGroup(group.label, tuple(shown[id(group)])) for group in MENU if id(group) in shown]
