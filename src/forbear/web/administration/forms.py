"""The forms of administration: accounts, what somebody takes, roles, and the keys of programs."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from forbear.actions.staff.staff_accounts import MOST_CAPACITY
from forbear.store.models import Agency, Staff
from forbear.store.models.api import SCOPES
from forbear.store.permissions import SIGNING_ROLES
from forbear.store.roles import ROLES
from forbear.web import labels as words
from forbear.web.account_labels import LANGUAGES
from forbear.web.fields import CodeField, CodesField, DayField, EmailField, PickField, TextField, WholeField
from forbear.web.forms import Form
from forbear.web.templatetags.forbear import bilingual, chinese

#: A certificate's last day is looked for between these.
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)  # a slip of the hand is neither
_NOTE = _("Why, if it needs a second administrator")
#: Roles one administrator can give alone.
GIVEN = tuple(role for role in ROLES if role != "administrator")
_AGENCY = _("Agency (only for its staff and field visitors)")


def _named(agencies: Iterable[Agency]) -> list[tuple[str, str]]:
    return [(each.code, bilingual(each)) for each in agencies]


def _creditors(chosen: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The creditors of the home in the reader's language, and those chosen that are declared no more."""
    place = 0 if chinese() else 1
    named = {one.codes[0]: one.names[place] for one in settings.HOME.creditors}
    return [(code, named.get(code, code)) for code in dict.fromkeys([*named, *chosen])]


class RoleForm(Form):
    """A role, and the agency of somebody who works for one."""

    problems_at = "role"
    field_of: ClassVar[dict[str, str]] = {
        "agency_missing": "agency",
        "no_such_agency": "agency",
        "approval_reason_missing": "note",
    }

    role = CodeField("role", GIVEN, label=_("Role"), blank=None)

    def __init__(self, agencies: Iterable[Agency], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["agency"] = PickField(_named(agencies), label=_AGENCY, required=False)
        self.fields["note"] = TextField(300, label=_NOTE, required=False)


class PersonForm(RoleForm):
    """Somebody who gets an account."""

    problems_at = "name"
    field_of: ClassVar[dict[str, str]] = RoleForm.field_of | {
        "role_unknown": "role",
        "role_missing": "role",
        "administrator_by_proposal": "role",
    }

    name = TextField(150, label=_("Name, to sign in with"))
    number = TextField(16, label=_("Staff id, which borrowers see and can check"))

    email = EmailField(label=_("E-mail address"), required=False)

    field_order = ("name", "number", "role", "agency", "email", "note")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.order_fields(self.field_order)
        for name in ("name", "number"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        if not self.is_bound:
            self.fields["name"].widget.attrs["autofocus"] = True


class WorkForm(Form):
    """What somebody can take; a stage or language that nobody knows any more stays until it is taken away."""

    field_of: ClassVar[dict[str, str]] = {
        "capacity_invalid": "capacity",
        "certificate_incomplete": "certified_until",
        "phone_invalid": "phone",
        "approval_reason_missing": "note",
    }

    team = TextField(64, label=_("Team"), required=False)
    capacity = WholeField(most=MOST_CAPACITY, label=_("Cases a day"))
    line = TextField(64, label=_("Telephone or SIP line"), required=False)
    certificate = TextField(64, label=_("Number of the collector's certificate"), required=False)
    certified_until = DayField(_FIRST, _LAST, label=_("Certificate valid until"), required=False)
    phone = TextField(32, label=_("Own telephone, to which alarms are texted"), required=False)
    email = EmailField(label=_("E-mail address"), required=False)
    cares = PickField(
        [("1", _("Yes"))],
        blank=_("No"),
        label=_("Trained to speak with vulnerable customers"),
        required=False,
    )

    def __init__(self, person: Staff, stages: Iterable[str], *given: Any, **more: Any) -> None:
        spoken, worked = _listed(person.languages), _listed(person.skills)
        first = {"team": person.team, "capacity": person.capacity, "line": person.line}
        first |= {"certificate": person.certificate, "certified_until": person.certified_until}
        first |= {"phone": person.phone, "email": person.email, "cares": "1" if person.cares else ""}
        super().__init__(*given, initial={**first, "languages": spoken, "skills": worked}, **more)
        self.fields["languages"] = CodesField(
            [(each, words.word("language", each)) for each in dict.fromkeys([*LANGUAGES, *spoken])],
            label=_("Languages"),
            required=False,
        )
        self.fields["skills"] = CodesField(
            [(each, words.word("stage", each)) for each in dict.fromkeys([*stages, *worked])],
            label=_("Stages they work (none chosen is all)"),
            required=False,
        )
        if person.role == "collector" and (named := _creditors(person.only_creditors)):
            self.fields["creditors"] = CodesField(
                named,
                label=_("Creditors whose cases they see (none chosen is all)"),
                initial=person.only_creditors,
                required=False,
            )
        if person.role in SIGNING_ROLES:
            self.fields["note"] = TextField(
                300, label=_("Why the telephone or e-mail address changes (another administrator approves)"),
                required=False,
            )  # fmt: skip

    @property
    def work(self) -> dict[str, str]:
        """What the act is given, once the form is valid."""
        given = self.cleaned_data
        return {
            name: ",".join(value) if isinstance(value, list) else "" if value is None else str(value)
            for name, value in given.items()
        }


def _listed(text: str) -> list[str]:
    return text.replace(",", " ").split()


class KeyForm(Form):
    """A program that gets a key."""

    problems_at = "name"
    field_of: ClassVar[dict[str, str]] = {"no_such_agency": "agency", "api_scope_not_for_agency": "scopes"}

    name = TextField(100, label=_("Name of the program"))

    def __init__(self, agencies: Iterable[Agency], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        label = _("Agency (its program sees only its own cases)")
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["agency"] = PickField(_named(agencies), label=label, required=False)
        scopes = [
            (each, format_html("{} <code>{}</code>", words.word("scope", each), each)) for each in SCOPES
        ]
        self.fields["scopes"] = CodesField(scopes, label=_("Scopes"))
        if named := _creditors():
            self.fields["creditors"] = CodesField(
                named, label=_("Creditors (none chosen is all)"), required=False
            )
