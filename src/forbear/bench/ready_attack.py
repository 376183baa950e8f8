"""What the attack does with tables: gets the attackers ready, and counts what is left."""

from collections import Counter
from datetime import UTC, date, datetime

from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from forbear.actions.access.portal_access import link_for
from forbear.actions.webhooks.api_keys import make_key
from forbear.bench.desk_work import fill_desk
from forbear.core.base.problem import Problem
from forbear.store import models
from forbear.store.models import Agency, Borrower, Contact, Loan, Placement, Staff, Visit
from forbear.store.models.api import AGENCY_SCOPES, SCOPES
from forbear.store.permissions import may
from forbear.web.guard import PROOF

_BORN = date(1990, 1, 31)
#: A creditor of half of the loans; a collector and a key are limited to it.
CREDITOR = "donghu"
#: Which table's keys stand in a part of an address; other parts get words.
_TABLES = {
    "borrower_id": "Borrower", "case_id": "Case", "plan_id": "Plan", "agreement_id": "Plan", "hold_id": "Hold",
    "promise_id": "Promise", "settlement_id": "Settlement", "talk_id": "Conversation", "contact_id": "Contact",
    "inbound_id": "Inbound", "placement_id": "Placement", "statement_id": "Statement", "line_id": "StatementLine",
    "visit_id": "Visit", "route_id": "VisitRoute", "alarm_id": "Alarm", "lawsuit_id": "Lawsuit", "code": "Agency",
    "report_id": "CreditReport", "point_id": "ContactPoint", "staff_id": "Staff", "key_id": "ApiKey",
    "list_id": "PlacementList", "version_id": "StrategyVersion", "reported_id": "ReportedPayment",
    "instruction_id": "Instruction", "unapplied_id": "UnappliedPayment", "difference_id": "PenaltyDifference",
    "missing_id": "MissingRecording", "assignment_id": "AssignmentList", "review_id": "Review",
}  # fmt: skip
_MOST = 40


def ready(cases: int) -> dict:
    """The attackers with what each may see, every address, and keys of all rows."""
    fill_desk(cases, 1)
    loans = Loan.objects.filter(loan_id__regex="^L[0-9]{9}$")
    for number, borrower in enumerate(
        loans.order_by("borrower_id").values_list("borrower_id", flat=True).distinct()
    ):
        if number % 2:
            Loan.objects.filter(borrower_id=borrower).update(creditor=CREDITOR)
    owner = dict(loans.values_list("loan_id", "borrower_id"))
    seen = set(owner.values())
    limited = seen - set(loans.exclude(creditor=CREDITOR).values_list("borrower_id", flat=True))
    now = datetime.now(UTC)
    return {
        "actors": [
            {"name": "nobody", "headers": {}, "sees": [], "pages": _open_to(None)},
            *(_staff(person, sorted(limited), sorted(seen)) for person in _people()),
            *(_borrower(number, one, now) for number, one in enumerate(_with_contacts())),
            *_programs(now, sorted(limited), sorted(seen)),
        ],
        "owner": owner,
        "addresses": _addresses(),
        "keys": {part: _keys(getattr(models, table)) for part, table in _TABLES.items()},
    }


def _people() -> list[Staff]:
    """The demo's people, somebody of each role that it lacks, and a collector of one creditor alone."""
    Staff.objects.create(
        username="narrow", role="collector", number="F9001", password="!", creditors=CREDITOR
    )
    if not Staff.objects.filter(role="auditor").exists():
        Staff.objects.create(username="auditor", role="auditor", number="F9002", password="!")
    return [*Staff.objects.exclude(username__regex="^c[0-9]+$").order_by("pk")]


def _staff(person: Staff, limited: list[str], everybody: list[str]) -> dict:
    client = Client(SERVER_NAME="localhost")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[PROOF] = "passkey"
    session.save()
    sees = everybody
    if person.only_creditors:
        sees = limited
    elif person.agency_id:
        sees = sorted(
            set(Placement.objects.filter(agency=person.agency_id).values_list("borrower_id", flat=True))
        )
    elif person.role == "visitor":
        theirs = Visit.objects.filter(route__first=person) | Visit.objects.filter(route__second=person)
        sees = sorted(set(theirs.values_list("borrower_id", flat=True)))
    return {
        "name": f"{person.role} {person.username}",
        "headers": {"Cookie": _cookies(client)},
        "sees": sees,
        "pages": _open_to(person),
    }


def _with_contacts() -> list[Contact]:
    """A contact each of some borrowers of the demo."""
    firsts: dict[str, Contact] = {}
    for contact in Contact.objects.filter(borrower__borrower_id__regex="^B[0-9]{9}$").order_by("pk"):
        firsts.setdefault(contact.borrower_id, contact)
    return list(firsts.values())[:8]


def _borrower(number: int, contact: Contact, now: datetime) -> dict:
    """Somebody who opened the link in their message."""
    Borrower.objects.filter(pk=contact.borrower_id).update(born_on=_BORN)
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=f"10.1.0.{number + 1}")
    token = link_for(contact, now).rsplit("/", 1)[1]
    entered = client.post(
        "/my/", {"token": token, "year": str(_BORN.year), "month": str(_BORN.month), "day": str(_BORN.day)}
    )
    assert entered.status_code == 302, f"the way in: {entered.status_code}"
    return {
        "name": f"borrower {contact.borrower_id}",
        "headers": {"Cookie": _cookies(client)},
        "sees": [contact.borrower_id],
        "pages": _open_to(None),
    }


def _programs(now: datetime, limited: list[str], everybody: list[str]) -> list[dict]:
    made = [("lender", "", everybody, make_key("lender", SCOPES, now, actor="attack"))]
    made.append(
        ("narrow", "", limited, make_key("narrow", SCOPES, now, creditors=[CREDITOR], actor="attack"))
    )
    for agency in Agency.objects.order_by("code"):
        sees = sorted(set(Placement.objects.filter(agency=agency).values_list("borrower_id", flat=True)))
        made.append(
            (agency.code, agency.code, sees, make_key("a", AGENCY_SCOPES, now, agency.code, actor="attack"))
        )
    actors = []
    for name, _, sees, key in made:
        assert not isinstance(key, Problem), key
        actors.append(
            {
                "name": f"program {name}",
                "headers": {"Authorization": f"Bearer {key[1]}"},
                "sees": sees,
                "pages": _open_to(None),
            }
        )
    return actors


def _cookies(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def _open_to(person: Staff | None) -> list[str]:
    """The permissions of somebody."""
    permissions = {view.permission for _, view in _views() if hasattr(view, "permission")}
    return sorted(each for each in permissions if person is not None and may(person.role, each))


def _views(resolver: URLResolver | None = None, prefix: str = "") -> list:
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _views(pattern, path)
        elif isinstance(pattern, URLPattern):
            found.append((path, pattern.callback))
    return found


def _addresses() -> list[list[str]]:
    """Every address with the permission it asks for, "" for none."""
    return [[path.replace("^", "").rstrip("$"), getattr(view, "permission", "")] for path, view in _views()]


def _keys(model: type[Model]) -> list[str]:
    rows = model._default_manager.order_by("?")
    if model is Borrower:
        rows = rows.filter(pk__regex="^B[0-9]{9}$")
    if model is Contact:
        demo = rows.filter(borrower__borrower_id__regex="^B[0-9]{9}$")
        return [str(key) for key in demo.values_list("contact_id", flat=True)[:_MOST]]
    return [str(key) for key in rows.values_list("pk", flat=True)[:_MOST]]


def left() -> dict:
    """How many contacts stand in each state, and those taken by a worker that is gone."""
    return {
        "contacts": dict(Counter(Contact.objects.values_list("state", flat=True))),
        "sent": sorted(Contact.objects.filter(state="sent").values_list("contact_id", flat=True)),
        "waiting": sorted(Contact.objects.filter(state="waiting").values_list("contact_id", flat=True)),
    }
