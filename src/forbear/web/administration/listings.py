"""The list of people who have an account."""

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter

from forbear.actions.selectors.staff_directory import ACCOUNT_STATES, staff_accounts
from forbear.store.models import Staff
from forbear.store.roles import ROLES
from forbear.web import labels as words
from forbear.web.lists.columns import Cells, Links, ListTable, Made, Moments, Numbers, Words
from forbear.web.lists.filters import CodeFilter, DayFilter, ListFilter, Narrow, SetFilter
from forbear.web.lists.listing import Listing
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import bilingual, words_of


def _proofs(person: Staff) -> str:
    proofs = person.__dict__["proofs"]
    if proofs:
        return str(proofs)
    return gettext("at the next sign-in") if person.role in settings.SIGN_IN.second_factor else ""


def _state(person: Staff) -> str:
    state = "works" if person.is_active else "locked" if person.locked_at else "ended"
    return words.word("account", state)


class PersonTable(ListTable):
    """Everybody who signs in."""

    name = Links(_("User name"), "username", "administration:person", order="username")
    number = Cells(_("Id"), "number", order="number")
    role = Words(_("Role"), "role", "role", order="role")
    agency = Made(
        _("Agency"), lambda person: bilingual(person.agency) if person.agency else "", order="agency_id"
    )
    team = Cells(_("Team"), "team", order="team")
    languages = Made(_("Languages"), lambda person: words_of(person.languages, "language"))
    stages = Made(_("Stages"), lambda person: words_of(person.skills, "stage"))
    capacity = Numbers(_("Capacity"), "capacity", order="capacity")
    certificate = Cells(_("Certificate"), "certificate", order="certificate")
    certified_until = Cells(_("Certificate until"), "certified_until", order="certified_until")
    proofs = Made(_("Second factor"), _proofs)
    last = Moments(_("Last sign-in"), "last_login", order="last_login")
    state = Made(_("State"), _state, order="is_active")


class _TextFilter(CharFilter):
    """Accounts in whose name, id or team a text stands."""

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        """Those with the text."""
        if not value:
            return qs
        return qs.filter(Q(username__icontains=value) | Q(number__icontains=value) | Q(team__icontains=value))


def _in_state(state: str) -> Narrow:
    def narrow(rows: QuerySet, _request: StaffRequest) -> QuerySet:
        return rows.filter(ACCOUNT_STATES[state])

    return narrow


def _word(state: str) -> str | Promise:
    found: str | Promise = words.TABLES["account"][state]
    return found


class PersonFilter(ListFilter):
    """By text, role, state and last sign-in."""

    q = _TextFilter(label=_("Find"), max_length=64)
    role = CodeFilter("role", _("Role"), "role", ROLES)
    state = SetFilter(_("State"), {state: (_word(state), _in_state(state)) for state in ACCOUNT_STATES})
    last_from = DayFilter("last_login", _("Last sign-in from"), moment=True)
    last_to = DayFilter("last_login", _("Last sign-in until"), until=True, moment=True)


PEOPLE = Listing(
    "people",
    "administration:people",
    "administration:people:read",
    PersonTable,
    ("username", "pk"),
    _("No account yet. Make one with the button above; its temporary password is shown once."),
    PersonFilter,
    lambda _request: staff_accounts(),
)
