"""The settings of a lender's home as an administrator reads them: in groups, each with its name and a line of meaning.

A setting is found by its file and key; keys that end in a role, a kind of request or a channel share one entry, whose
name is followed by the word for it. A test holds that every setting there is has its words.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy, npgettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forbear.core.agreements.request import KINDS
from forbear.interchange.home.setting_rows import SettingRow
from forbear.web import labels as words
from forbear.web.templatetags.forbear import words_of


@dataclass(frozen=True, slots=True)
class Meant:
    """What a setting is called and means; `unit` says how its value is told, see `_value`."""

    name: Promise
    meaning: Promise
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A setting with its words in the reader's language, its value with its unit, and where it stands."""

    name: str
    meaning: str
    value: str
    told: SettingRow


#: A value with its unit: how many decide on the form, the number is shown with separators.
UNITS: dict[str, Promise] = {
    "days": ngettext_lazy("%(number)s day", "%(number)s days", "n"),
    "business": ngettext_lazy("%(number)s business day", "%(number)s business days", "n"),
    "months": npgettext_lazy("setting", "%(number)s month", "%(number)s months", "n"),
    "hours": ngettext_lazy("%(number)s hour", "%(number)s hours", "n"),
    "minutes": ngettext_lazy("%(number)s minute", "%(number)s minutes", "n"),
    "metres": ngettext_lazy("%(number)s metre", "%(number)s metres", "n"),
    "kmh": ngettext_lazy("%(number)s km/h", "%(number)s km/h", "n"),
    "minor": ngettext_lazy(
        "%(number)s smallest unit of the currency", "%(number)s smallest units of the currency", "n"
    ),
    "times": ngettext_lazy("%(number)s time", "%(number)s times", "n"),
    "instalments": ngettext_lazy("%(number)s instalment", "%(number)s instalments", "n"),
    "signs": ngettext_lazy("%(number)s character", "%(number)s characters", "n"),
    "cores": ngettext_lazy("%(number)s core", "%(number)s cores", "n"),
    "points": ngettext_lazy("%(number)s point", "%(number)s points", "n"),
    "visits": ngettext_lazy("%(number)s visit", "%(number)s visits", "n"),
    "proxies": ngettext_lazy("%(number)s proxy", "%(number)s proxies", "n"),
}
_YES_NO = {"True": _("Yes"), "False": _("No"), "1": _("Yes"), "0": _("No")}
#: Where single sign-on leaves something to the provider or does it itself.
_SIDES = {"here": "Forbear", "provider": _("the provider")}

_LENDER: dict[str, Meant] = {
    "name": Meant(_("The lender's name"), _("As pages, messages and letters say it")),
    "contact": Meant(_("Lender contact details"), _("What texts and pages say of the lender")),
    "timezone": Meant(_("Time zone"), _("The lender's day begins and ends by it")),
    "url": Meant(_("Address of the pages"), _("Links lead there; with https, cookies go over https only")),
    "strategy": Meant(
        _("Strategy file"), _("The end-of-day run uses it where no strategy was approved at the desk")
    ),
    "packs": Meant(_("Rule packs"), _("The rules of contact; several are merged, the strictest wins")),
    "templates": Meant(_("Approved texts"), _("Only these texts can be sent")),
    "database": Meant(_("Database"), _("Where the desk's tables are stored")),
    "threads": Meant(_("Cores used"), _("How many an end-of-day run and an import may use"), "cores"),
    "largest_quarantine": Meant(
        _("Quarantine limit"), _("An import with a larger share of bad rows is refused"), "share"
    ),
    "feed_encoding": Meant(_("Encoding of the feed"), _("How the CSV files are written")),
}
_PROMISE: dict[str, Meant] = {
    "longest_days": Meant(_("Longest promise"), _("From today to the promised day"), "days"),
    "least_share": Meant(_("Least share"), _("Of what is past due"), "percent"),
    "grace_days": Meant(
        _("Grace"), _("A payment within this time after the day still counts as kept"), "days"
    ),
    "tolerance": Meant(_("Tolerance"), _("A shortfall up to this still counts as kept"), "percent"),
    "most_broken": Meant(
        _("Broken promises limit"), _("After this many only a lead records another"), "times"
    ),
}
_PLAN: dict[str, Meant] = {
    "most_months": Meant(_("Longest plan"), _("A plan has at most"), "months"),
    "least_instalment": Meant(_("Least instalment"), _("No plan has smaller instalments"), "minor"),
    "first_within": Meant(_("First instalment within"), _("From the day it is agreed"), "days"),
    "own_limit": Meant(
        _("One person may approve up to this amount"),
        _("Above this amount a second person approves"),
        "minor",
    ),
    "own_months": Meant(
        _("One person may approve up to this length"),
        _("Beyond this length a second person approves"),
        "months",
    ),
    "grace_days": Meant(_("Grace"), _("After its day an instalment still counts"), "days"),
    "missed_to_break": Meant(
        _("Missed instalments to end it"), _("This many missed instalments end the plan"), "instalments"
    ),
    "tolerance": Meant(_("Tolerance"), _("A shortfall up to this still counts as paid"), "percent"),
}
_SETTLEMENT: dict[str, Meant] = {
    "authority": Meant(
        _("Discount one person may grant"),
        _("The largest discount one person of the role may grant"),
        "basis",
    ),
    "floor": Meant(_("Floor of principal"), _("The share of principal that is always paid"), "basis"),
    "longest_days": Meant(_("Longest offer"), _("How long an offer is valid"), "days"),
    "from_days_past_due": Meant(
        _("Earliest day past due"), _("No offer is made before this many days past due"), "days"
    ),
}
_EXTENSION: dict[str, Meant] = {
    "after_paid": Meant(
        _("Instalments paid before"), _("This many instalments were paid before"), "instalments"
    ),
    "days_before": Meant(_("Asked before"), _("At least this long before the due date"), "days"),
    "longest_days": Meant(_("Longest move"), _("A due date moves by at most"), "days"),
    "a_year": Meant(_("Times a year"), _("Agreed to at once in 365 days at most"), "times"),
}
_PLACEMENT: dict[str, Meant] = {
    "longest_days": Meant(_("Term"), _("A placement lasts at most"), "days"),
    "tail_days": Meant(_("Tail"), _("After it ends, payments still count as the agency's"), "days"),
    "from_days_past_due": Meant(
        _("Earliest day past due"), _("Nothing is placed before this many days past due"), "days"
    ),
    "least_amount": Meant(_("Least amount"), _("Smaller arrears are not placed"), "minor"),
    "chance_share": Meant(
        _("Placed at random"),
        _("Placed evenly at random, so that agencies can be compared fairly"),
        "percent",
    ),
    "most_share": Meant(_("Most for one"), _("Of a list, for one agency"), "percent"),
    "least_conduct": Meant(_("Least conduct score"), _("Below it an agency gets no new cases"), "points"),
    "harm_price": Meant(
        _("Price of a finding"), _("What a finding against conduct costs in the calculation"), "minor"
    ),
    "answer_days": Meant(_("Recordings within"), _("After this an agency's permits stop"), "days"),
}
_COURT: dict[str, Meant] = {
    "from_days_past_due": Meant(
        _("Earliest day past due"), _("No litigation before this many days past due"), "days"
    ),
    "least_amount": Meant(_("Least amount to sue for"), _("Smaller debts are not sued for"), "minor"),
    "share": Meant(_("Expected share recovered"), _("Of a claim, by the lender's own record"), "basis"),
    "own_cost": Meant(_("Own cost"), _("Cost of litigation besides the court's fee"), "minor"),
    "letter_before_claim_days": Meant(
        _("Time to answer"), _("Time after the letter before claim was delivered"), "days"
    ),
    "post_days": Meant(
        _("Counts as delivered"), _("Time after sending, where the post does not report"), "days"
    ),
    "mediation_days": Meant(_("Mediation"), _("How long a mediation is given"), "days"),
    "small_claim_most": Meant(_("Largest small claim"), _("Above it an ordinary claim is made"), "minor"),
    "hurry_days": Meant(_("Urgent before"), _("This long before the limitation expires"), "days"),
    "decision_days": Meant(
        _("Time to decide"), _("After this a case without arrears stops by itself"), "days"
    ),
}
_VISIT: dict[str, Meant] = {
    "first_hour": Meant(_("Earliest"), _("No visit is before"), "clock"),
    "last_hour": Meant(_("Latest"), _("No visit is after"), "clock"),
    "door_minutes": Meant(_("At the door"), _("Calculated for one visit"), "minutes"),
    "most_a_day": Meant(_("Most in a day"), _("For a pair of visitors"), "visits"),
    "speed_kmh": Meant(_("Speed"), _("For calculating travel time"), "kmh"),
    "detour_percent": Meant(_("Detour"), _("Real distance as a multiple of the straight line"), "percent"),
    "same_area_minutes": Meant(
        _("Within an area"), _("Between two doors of one area without coordinates"), "minutes"
    ),
    "other_area_minutes": Meant(
        _("Between areas"), _("Between doors of two areas without coordinates"), "minutes"
    ),
    "approval_days": Meant(_("Approval valid for"), _("Later it needs another"), "days"),
    "leave_minutes": Meant(_("Permit valid for"), _("Obtained before setting out"), "minutes"),
    "near_metres": Meant(
        _("Counts as there"), _("From the address, besides the phone's own error"), "metres"
    ),
    "recording_hours": Meant(_("Recording within"), _("After the visit, for the whole visit"), "hours"),
    "plan_hour": Meant(
        _("Routes from"), _("Tomorrow's routes are calculated from this hour; 24 is never"), "clock"
    ),
}
_WRITE_OFF: dict[str, Meant] = {
    "from_days_past_due": Meant(
        _("Earliest day past due"), _("Recommended from this many days past due"), "days"
    ),
    "quiet_days": Meant(_("Without a payment"), _("And nothing was paid for this long"), "days"),
    "deceased_days": Meant(_("After a death"), _("Days past due, where the borrower died"), "days"),
    "bankrupt_days": Meant(_("In insolvency"), _("Days past due, where the borrower is insolvent"), "days"),
}
_SIGN_IN: dict[str, Meant] = {
    "second_factor": Meant(
        _("Second factor for"), _("Roles that may not work with a password alone"), "role"
    ),
    "password: least_length": Meant(_("Least length"), _("A password has at least"), "signs"),
    "password: known_bad": Meant(
        _("Refused passwords"), _("A file of passwords that are refused, one a line")
    ),
    "session: idle_minutes": Meant(
        _("Idle"), _("A session ends after this long without activity"), "minutes"
    ),
    "session: longest_hours": Meant(_("Longest session"), _("In any case this long after it began"), "hours"),
}
_SSO: dict[str, Meant] = {
    "issuer": Meant(_("The provider"), _("The address of the OpenID provider")),
    "client_id": Meant(_("Client"), _("What the provider calls Forbear")),
    "client_secret_env": Meant(_("Where the secret is"), _("The variable that holds the client's secret")),
    "name": Meant(_("Button"), _("Text of the button on the sign-in page")),
    "scopes": Meant(pgettext_lazy("single sign-on", "Scopes"), _("What the provider is asked for")),
    "name_claim": Meant(_("Name claim"), _("The claim that holds the account's name")),
    "role_claim": Meant(_("Role claim"), _("The claim that roles go by")),
    "roles": Meant(
        _("Role of a group"), _("The first that fits; without any an administrator gives roles"), "role"
    ),
    "make_accounts": Meant(_("Make accounts"), _("Let people in without an account, by their group"), "yes"),
    "second_proof": Meant(_("Second factor by"), _("Who asks for it"), "side"),
    "sign_out": Meant(
        pgettext_lazy("single sign-on", "Sign out"), _("Whether signing out goes on at the provider"), "side"
    ),
    "only": Meant(_("Only this way"), _("Passwords are left to administrators"), "yes"),
}
_ENVIRONMENT: dict[str, Meant] = {
    "FORBEAR_HOME": Meant(_("Lender folder"), _("The folder of these files and the data")),
    "FORBEAR_DATABASE": Meant(_("Database"), _("Overrides lender.yaml; its password is not shown")),
    "FORBEAR_PROXIES": Meant(_("Proxies"), _("How many of your own proxies are in front"), "proxies"),
}
_SECRET = Meant(_("Secret of single sign-on"), _("Shows only whether it is set"))

#: (key of the group, its title), in the order of the page, with what stands in it: by file, what comes before the
#: setting's own key, and the words.
GROUPS: tuple[tuple[str, Promise, str, str, dict[str, Meant]], ...] = (
    ("lender", _("The lender"), "lender.yaml", "", _LENDER),
    ("promise", _("Promises to pay"), "policy.yaml", "promise: ", _PROMISE),
    ("plan", _("Plans"), "policy.yaml", "plan: ", _PLAN),
    ("settlement", _("Settlements"), "policy.yaml", "settlement: ", _SETTLEMENT),
    ("extension", _("Moving a due date at once"), "policy.yaml", "extension: ", _EXTENSION),
    ("placement", _("Agencies"), "policy.yaml", "placement: ", _PLACEMENT),
    ("court", _("Litigation"), "policy.yaml", "court: ", _COURT),
    ("visit", _("Field visits"), "policy.yaml", "visit: ", _VISIT),
    ("write_off", _("Charge-off"), "policy.yaml", "write_off: ", _WRITE_OFF),
    (
        "sale",
        _("Debt sales"),
        "policy.yaml",
        "sale: ",
        {
            "only_written_off": Meant(_("Only charged-off loans"), _("No other loan is sold"), "yes"),
        },
    ),
    (
        "credit_file",
        _("Files for credit bureaus"),
        "policy.yaml",
        "credit_file: ",
        {
            "keep_days": Meant(_("Kept for"), _("Then a file made for a bureau is erased"), "days"),
        },
    ),
    (
        "clocks",
        _("Answering requests"),
        "policy.yaml",
        "",
        {
            "clocks": Meant(_("Answer"), _("A person answers within"), "request"),
            "calendar": Meant(_("Calendar"), _("Whose holidays business days go by")),
        },
    ),
    (
        "costs",
        _("Costs of contact"),
        "policy.yaml",
        "",
        {
            "costs": Meant(_("Price"), _("Of one contact, for the figures of cost"), "minor"),
        },
    ),
    ("sign_in", _("Signing in"), "sign_in.yaml", "", _SIGN_IN),
    ("sso", _("Single sign-on"), "sign_in.yaml", "sso: ", _SSO),
    ("environment", _("Environment"), "environment", "", _ENVIRONMENT),
)
#: Entries whose keys go on with a code, and the table of its words.
_CODED = {
    "settlement: authority": "role",
    "clocks": "request",
    "costs": "channel",
    "contact": "contact_line",
    "sso: roles": "",
}


def meant(told: SettingRow) -> tuple[str, Meant, str] | None:
    """The group of a setting, its words, and the code that its key goes on with; None where it has no words."""
    coded, code = next(
        ((name, told.name.removeprefix(f"{name}: ")) for name in _CODED if told.name.startswith(f"{name}: ")),
        (told.name, ""),
    )
    for group, _title, file, before, entries in GROUPS:
        if file == told.file and coded.startswith(before):
            found = entries.get(coded.removeprefix(before))
            if found is not None:
                return group, found, code
    return ("sso", _SECRET, "") if told.file == "environment" else None


def grouped(rows: list[SettingRow]) -> list[tuple[str, str, str, list[Row]]]:
    """The settings by group, in the page's order: (key, title, file, rows). Groups without a setting are left out."""
    found: dict[str, list[Row]] = {}
    for told in rows:
        known = meant(told)
        assert known is not None, f"{told.file}: {told.name} has no words"
        group, means, code = known
        name = str(means.name)
        if code:
            table = next(table for key, table in _CODED.items() if told.name.startswith(f"{key}: "))
            what = words.word(table, code) if table else code
            name = gettext("%(setting)s: %(what)s") % {"setting": name, "what": what}
        unit = means.unit
        if unit == "request":
            unit = "business" if KINDS[code].business else "days"
        found.setdefault(group, []).append(Row(name, str(means.meaning), _value(told.value, unit), told))
    return [
        (key, str(title), found[key][0].told.file, found[key])
        for key, title, *_rest in GROUPS
        if key in found
    ]


def _value(value: str, unit: str) -> str:
    """A value as people read it: amounts with separators, shares as percent, codes as words, units behind."""
    if value in ("", "—"):
        return "—"
    if unit in ("yes", "side"):
        return str((_YES_NO | _SIDES)[value])
    if unit == "role":
        return words_of(value, "role")
    if unit == "clock":
        return f"{value}:00"
    if unit in _PERCENT:
        return f"{float(value) * _PERCENT[unit]:g}%"
    if unit not in UNITS:
        return value
    number = int(value)
    return UNITS[unit] % {"n": number, "number": f"{number:,}"}


#: What makes one percent of a value.
_PERCENT = {"percent": 1, "basis": 0.01, "share": 100}
