"""Goal: every address answers each role as the permission table says, and who has no business finds nothing."""

import re

import pytest
from django.conf import settings
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from forbear.core.loans.loan import COMPONENTS
from forbear.store.evidence import store_attachment
from forbear.store.models import (
    AccountChange,
    Agency,
    Alarm,
    ApiKey,
    Case,
    Complaint,
    Contact,
    ContactPoint,
    CreditReport,
    FieldEvent,
    Hold,
    Inbound,
    Instruction,
    Lawsuit,
    Loan,
    MissingRecording,
    PenaltyDifference,
    Placement,
    PlacementList,
    Plan,
    ReportedPayment,
    Request,
    Sale,
    ScoreModel,
    Staff,
    Statement,
    StatementLine,
    StrategyVersion,
    UnappliedPayment,
    Visit,
    VisitRoute,
    WebhookEndpoint,
)
from forbear.store.permissions import PERMISSIONS, ROLE_PERMISSIONS, WITHIN_CREDITORS, may
from forbear.store.personal_text import erase_personal_text
from forbear.store.roles import ROLES
from tests.core.score_models import made_card, made_model
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.factories.visits import give_address
from tests.profile import LONG
from tests.web.pages import without_lots

pytestmark = [pytest.mark.database, pytest.mark.django_db]

#: Open to everybody by design, and why.
OPEN = {
    "": "leads to the desk, which asks who you are",
    "glossary": "words and what they mean; no secret",
    "health/live": "machines that watch ask without a key; it says nothing but yes",
    "health/ready": "the same, with the names of what isn't",
    "metrics": "the scraper's key opens it; without one it doesn't exist",
    "verify": "whoever is called may check the caller",
    "verify/report": "a stranger who was taken in, or got a message for another, may say so",
    "verify/key": "the lender's public key is public",
    "verify/bundle": "the same page for everybody, with nobody's data",
    "say/<str:token>": "whoever was asked how it was may answer",
    "stop/<str:token>": "whoever has the e-mail may stop them",
    "demo/<str:role>": "the demo's way in; elsewhere there is none",
    "demo/clock": "what time it is in the demo; elsewhere there is none",
    "demo/hour": "moves the demo's clock on; elsewhere there is none",
    "demo/night": "asks for the demo's next night; elsewhere there is none",
    "demo/tour": "puts the demo's tour away in one's own session",
    "my/": "the borrower's way in",
    "field/worker.js": "the script that keeps the visitors' app on the phone holds nobody's data",
    "field/app.webmanifest": "the app's name and icon are no secret",
    "my/new-link": "who has no link asks for one, to the number on file",
    "my/l/<str:token>": "the borrower's way in, from a message",
    "my/out": "the borrower's way out",
    "paid/<str:provider>": "the payment provider proves itself by its signature",
    "till/<str:order_id>": "the demo's payment page; elsewhere there is none",
    "hooks/<str:provider>": "providers prove themselves by their signature",
    "hooks/<str:provider>/": "the same, as some providers write it",
    "sign-in": "the way in",
    "sign-in/second": "the second step of it, for whose password was right",
    "sign-in/passkey": "the way in with a passkey",
    "sign-in/sso": "the way to the lender's own provider",
    "sign-in/sso/back": "the way back, proved by the provider",
    "sign-in/enrol": "the first proof of whose password was right and who needs one",
    "sign-out": "the way out",
    "i18n/setlang/": "a language is no secret",
}


def addresses(resolver=None, prefix: str = "") -> list[tuple[str, object]]:
    """Every address of the pages with its view; the interface guards itself and has tests of its own."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not path.startswith("api/"):
                found += addresses(pattern, path)
        elif isinstance(pattern, URLPattern):
            found.append((path, pattern.callback))
    return found


#: What each part of an address stands for in these tests; `borrower` makes what is named here.
PARTS = {
    "<name:borrower_id>": "B1",
    "<str:listing>": "promises",
    "<int:view_id>": "1",
    "<int:factor_id>": "1",
    "<int:review_id>": "1",
    "<int:staff_id>": "{person}",
    "<str:act>": "lock",
    "<int:change_id>": "{change}",
    "<int:version_id>": "{version}",
    "<int:model_id>": "{scores}",
    "<str:experiment>": "spaced",
    "<int:key_id>": "{key}",
    "<int:webhook_id>": "{hook}",
    "<int:promise_id>": "1",
    "<int:hold_id>": "{hold}",
    "<int:point_id>": "{point}",
    "<int:settlement_id>": "1",
    "<int:talk_id>": "1",
    "<int:instruction_id>": "{instruction}",
    "<int:plan_id>": "{plan}",
    "<int:agreement_id>": "{plan}",
    "<str:what>": "plan",
    "portfolio/<str:key>": "portfolio/entry",
    "<str:key>": "kept",
    "<int:case_id>": "{case}",
    "<int:assignment_id>": "1",
    "<int:difference_id>": "{difference}",
    "<int:missing_id>": "{missing}",
    "<int:inbound_id>": "{inbound}",
    "<int:unapplied_id>": "{unapplied}",
    "<int:reported_id>": "{reported}",
    "<int:place>": "1",
    "<int:lawsuit_id>": "{lawsuit}",
    "<int:report_id>": "{report}",
    "<str:contact_id>": "{contact}",
    "<str:number>": "R2345",
    "<int:number>": "1",
    "<str:order_id>": "ORDER",
    "<str:kind>": "complaint",
    "agencies/<name:code>/": "agencies/huaxin/",
    "<int:placement_id>": "{placement}",
    "<int:statement_id>": "{statement}",
    "<int:line_id>": "{line}",
    "<int:list_id>": "{list}",
    "<str:visit_id>": "{visit}",
    "<int:route_id>": "{route}",
    "<int:alarm_id>": "{alarm}",
    "<str:sale_number>": "S2345",
    "<str:form>": "csv",
    "<str:code>": "AAAA2222",
}


def filled(path: str, things: dict[str, object]) -> str:
    """The address with real things in it, as `real_things` found them."""
    for part, name in PARTS.items():
        path = path.replace(part, name)
    return "/" + path.format_map(things)


def real_things() -> dict[str, object]:
    """What the addresses are about: one of each, by its name in PARTS."""
    plan = Plan.objects.order_by("pk").values_list("pk", flat=True).first()
    contact = Contact.objects.values_list("pk", flat=True).first()
    return {
        "case": Case.objects.values_list("pk", flat=True).first(),
        "difference": PenaltyDifference.objects.values_list("pk", flat=True).first(),
        "plan": plan,
        "point": ContactPoint.objects.values_list("pk", flat=True).first(),
        "hold": Hold.objects.values_list("pk", flat=True).first(),
        "instruction": Instruction.objects.values_list("pk", flat=True).first(),
        "person": Staff.objects.filter(username="bystander").values_list("pk", flat=True).first(),
        "change": AccountChange.objects.values_list("pk", flat=True).first(),
        "version": StrategyVersion.objects.values_list("pk", flat=True).first(),
        "scores": ScoreModel.objects.values_list("pk", flat=True).first(),
        "key": ApiKey.objects.values_list("pk", flat=True).first(),
        "hook": WebhookEndpoint.objects.values_list("pk", flat=True).first(),
        "contact": contact,
        "placement": Placement.objects.values_list("pk", flat=True).first(),
        "lawsuit": Lawsuit.objects.values_list("pk", flat=True).first(),
        "report": CreditReport.objects.values_list("pk", flat=True).first(),
        "inbound": Inbound.objects.filter(kind="reply").values_list("pk", flat=True).first(),
        "unapplied": UnappliedPayment.objects.values_list("pk", flat=True).first(),
        "reported": ReportedPayment.objects.values_list("pk", flat=True).first(),
        "missing": MissingRecording.objects.values_list("pk", flat=True).first(),
        "statement": Statement.objects.values_list("pk", flat=True).first(),
        "line": StatementLine.objects.values_list("pk", flat=True).first(),
        "visit": Visit.objects.values_list("pk", flat=True).first(),
        "route": VisitRoute.objects.values_list("pk", flat=True).first(),
        "alarm": Alarm.objects.values_list("pk", flat=True).first(),
        "list": PlacementList.objects.values_list("pk", flat=True).first(),
    }


#: The borrower's own pages, whose guard is a borrower's session; tests/web/test_portal.py goes through them.
OWN = [(path, view) for path, view in addresses() if hasattr(view, "for_borrowers")]
GUARDED = [row for row in addresses() if row[0] not in OPEN and row not in OWN]


@pytest.fixture
def borrower():
    house_rules()
    made = make_borrower()
    Plan.objects.create(
        borrower=made, amount=1, currency="CNY", minor_unit=100, state="proposed", proposed_on=NOON.date(),
        lines=[[1, "2026-04-09", 1]], terms={"first_on": "2026-04-09", "last_on": "2026-04-09"},
    )  # fmt: skip
    contact = wished(made)
    recorder = Staff.objects.create_user(username="recorder", role="collector", number="R1")
    sound = store_attachment(b"RIFFsound", "audio/wav")
    Contact.objects.filter(pk=contact.pk).update(state="unknown", staff=recorder, recording=sound)
    MissingRecording.objects.create(contact=contact, found_at=NOON)
    UnappliedPayment.objects.create(
        payment_id="U1", loan_named="B1-L9", paid_on=NOON.date(), amount=1, why="unknown_loan", source="borrower",
        received_at=NOON,
    )  # fmt: skip
    ReportedPayment.objects.create(
        borrower=made, loan_id="B1-L1", paid_on=NOON.date(), amount=1, counts=1, way="branch", ends_on=NOON.date(),
        reported_at=NOON, reported_by=recorder, proofs=[store_attachment(b"%PDF-1", "application/pdf")],
    )  # fmt: skip
    Inbound.objects.create(provider="p", provider_ref="r", kind="reply", at=NOON, needs_person=True)
    Hold.objects.create(borrower=made, kind="vulnerable", starts_at=NOON)
    Instruction.objects.create(
        number="I2345", borrower=made, loan_id="B1-L1", kind="pause", currency="CNY", minor_unit=100, made_at=NOON,
        granted_on=NOON.date(), changed_at=NOON, source="request", reference="R2345", on=NOON.date(),
        before=[0] * len(COMPONENTS), most=[0] * len(COMPONENTS),
    )  # fmt: skip
    asked = Request.objects.create(
        number="R2345", borrower=made, kind="other", source="desk", opened_at=NOON, due_on=NOON.date()
    )
    Complaint.objects.create(
        request=asked, borrower=made, came_by="desk", law_due_on=NOON.date(), acknowledge_by=NOON.date()
    )
    PenaltyDifference.objects.create(
        loan_id="B1-L1", as_of=NOON.date(), reported=200, computed=100, too_much=100, found_at=NOON
    )
    _with_an_agency(made)
    proposer = Staff.objects.create_user(username="proposer", role="legal", number="P1")
    Lawsuit.objects.create(
        borrower=made, loans=["B1-L1"], way="claim", state="proposed", claimed=100, currency="CNY", minor_unit=100,
        proposed_at=NOON, proposed_by=proposer,
    )  # fmt: skip
    CreditReport.objects.create(form="cn", on=NOON.date(), made_at=NOON, file="cn.jsonl", sha256="0")
    _with_a_visit(made)
    manager = Staff.objects.create_user(username="m", password="x", role="manager", number="M1")
    Sale.objects.create(number="S2345", buyer="瑞安", state="proposed", made_at=NOON, made_by=manager)
    _with_a_house()
    return made


def _with_a_house() -> None:
    """Somebody who is to become an administrator, and a program with its hook."""
    person = Staff.objects.create_user(username="bystander", role="collector", number="B0")
    AccountChange.objects.create(
        staff=person,
        what="role",
        role="administrator",
        reason_note="x",
        proposed_by=person,
        proposed_at=NOON,
        state="proposed",
    )
    text = settings.HOME.strategy.read_text("utf-8") + "# changed\n"
    StrategyVersion.objects.create(
        name="consumer-cn", version="v", text=text, state="draft", made_by=person, made_at=NOON
    )
    scores = made_model(1)
    ScoreModel.objects.create(
        version=scores.version, text=scores.text, card=made_card(scores), trained_at=NOON
    )
    key = ApiKey.objects.create(name="core", prefix="p", digest="d", made_at=NOON)
    WebhookEndpoint.objects.create(api_key=key, url="https://core.example/hook", secret="s", made_at=NOON)


def _with_a_visit(borrower) -> None:
    """A visit on somebody's route, and an alarm."""
    two = [
        Staff.objects.create_user(username=name, password="x", role="visitor", number=name)
        for name in ("V1", "V2")
    ]
    route = VisitRoute.objects.create(
        day=NOON.date(),
        first=two[0],
        second=two[1],
        state="given",
        made_at=NOON,
        details={"minutes": 0, "metres": 0},
    )
    visit = Visit.objects.create(
        visit_id="v1", borrower=borrower, loans=["B1-L1"], point=give_address(borrower), state="planned",
        proposed_at=NOON, route=route, position=1, arrives_at=NOON, leaves_at=NOON,
    )  # fmt: skip
    event = FieldEvent.objects.create(
        event_id="e1", staff=two[0], visit=visit, kind="alarm", at=NOON, received_at=NOON
    )
    Alarm.objects.create(event=event, staff=two[0], visit=visit, at=NOON, received_at=NOON)


def _with_an_agency(borrower) -> None:
    """An agency with one case, a list and a statement."""
    agency = Agency.objects.create(
        code="huaxin", name_zh="华信", name_en="Huaxin", state="admitted", listed_on=NOON.date(), contracted=True,
        schedule=[[30, 1500]], capacity=10,
    )  # fmt: skip
    placed = Placement.objects.create(
        agency=agency, borrower=borrower, loans=["B1-L1"], placed_at=NOON, amount=41_200, currency="CNY",
        due_back_on=NOON.date(),
    )  # fmt: skip
    PlacementList.objects.create(made_at=NOON, as_of=NOON.date(), seed="s")
    told = Statement.objects.create(
        agency=agency, number=1, until=NOON.date(), made_at=NOON, totals={"CNY": [100, 15]}
    )
    StatementLine.objects.create(
        statement=told, placement=placed, payment_id="P1", loan_id="B1-L1", paid_on=NOON.date(), currency="CNY",
        amount=100, rate=1500, commission=15,
    )  # fmt: skip


def signed_in(role: str) -> Client:
    person = Staff.objects.create_user(
        username=role,
        password="x",
        role=role,
        number=role[:16],
        agency=Agency.objects.first() if role == "agency" else None,
    )
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["proof"] = "passkey"
    session.save()
    return client


def test_every_address_asks_for_a_permission():
    assert [path for path, view in GUARDED if not hasattr(view, "permission")] == []
    assert OPEN.keys() <= {path for path, _ in addresses()}


def whole_way(place: int, role: str, permission: str) -> bool:
    """Whether this role goes to the page of that place through the whole server.

    By default one of the roles that may and one of those that may not do, in turn, in a long run all. What the others
    are told hangs on the guard alone, which each test here asks for every role; and every page of every role is opened
    by tests/web/test_one_language.py.
    """
    alike = [one for one in ROLES if may(one, permission) == may(role, permission)]
    return LONG or role == alike[place % len(alike)]


def turned_away(path: str, person: Staff, method: str) -> bool:
    """Whether the page itself doesn't exist for this person, whatever the server does before it."""
    request = getattr(RequestFactory(), method)(path)
    request.user, request.session, request.resolver_match = person, {"proof": "passkey"}, resolve(path)
    try:
        answer = request.resolver_match.func(
            request, *request.resolver_match.args, **request.resolver_match.kwargs
        )
    except Http404:
        return True
    return answer.status_code == 405


@pytest.mark.parametrize("role", ROLES)
def test_each_role_finds_what_the_table_says(role, borrower):
    client, things = signed_in(role), real_things()
    person = Staff.objects.get(username=role)
    for place, (path, view) in enumerate(GUARDED):
        allowed, address = may(role, view.permission), filled(path, things)
        if not allowed:
            assert turned_away(address, person, "get"), f"{role} {path}"
            assert turned_away(address, person, "post"), f"{role} {path}"
        if whole_way(place, role, view.permission):
            expected = (200, 302, 405, 422) if allowed else (404, 405)
            for method in (client.get, client.post):
                status = method(address).status_code
                assert status in expected, f"{role} {path}: {status}"


@pytest.mark.parametrize("role", ROLES)
def test_the_pages_of_whoever_was_erased_answer_without_them(role, borrower):
    erase_personal_text(borrower.pk, NOON)
    client, things = signed_in(role), real_things()
    for place, (path, view) in enumerate(GUARDED):
        # one further, so that it is not the role that this file has seen there already
        if may(role, view.permission) and whole_way(place + 1, role, view.permission):
            answer = client.get(filled(path, things))
            assert answer.status_code in (200, 302, 405), f"{role} {path}: {answer.status_code}"
            if not answer.streaming:
                assert "王小明" not in answer.content.decode("utf-8", "replace"), path


def test_a_stranger_is_asked_to_sign_in(borrower):
    things = real_things()
    for path, _ in GUARDED:
        stranger = Client()
        for method in (stranger.get, stranger.post):
            answer = method(filled(path, things))
            assert answer.status_code == 405 or answer["Location"].startswith("/sign-in"), path


def test_every_permission_belongs_to_somebody_and_every_role_is_told():
    assert set(ROLE_PERMISSIONS) == set(ROLES)
    assert set(PERMISSIONS) == frozenset().union(*ROLE_PERMISSIONS.values())
    assert list(PERMISSIONS) == sorted(PERMISSIONS)


@pytest.mark.parametrize("role", ROLES)
def test_staff_find_nothing_on_the_borrowers_pages(role, borrower):
    client, things = signed_in(role), real_things()
    for place, (path, _) in enumerate(OWN):
        # these pages know no roles: by default each is asked for by one in turn
        if not LONG and role != ROLES[place % len(ROLES)]:
            continue
        for method in (client.get, client.post):
            answer = method(filled(path, things))
            assert answer.status_code in (401, 405) or answer["Location"] == "/my/", path


def test_guessing_a_password_is_locked_out(borrower):
    Staff.objects.create_user(username="lin", password="right-and-long-enough", role="collector", number="1")
    client = Client()
    for _ in range(5):
        client.post("/sign-in", {"username": "lin", "password": "wrong"})
    assert (
        client.post("/sign-in", {"username": "lin", "password": "right-and-long-enough"}).status_code == 429
    )


def test_who_is_limited_to_a_creditor_finds_nobody_of_another_on_any_page(borrower):
    """Every page that a collector opens, as one who sees East Lake Bank alone; the borrower owes another creditor."""
    Loan.objects.update(creditor="qinghe")
    client = signed_in("collector")
    Staff.objects.filter(username="collector").update(creditors="donghu")
    things, shown, opened = real_things(), [], 0
    for path, view in GUARDED:
        if not may("collector", view.permission):
            continue
        answer = client.get(filled(path, things))
        if answer.status_code != 200 or answer.streaming:
            continue
        opened += 1
        page = without_lots(answer)
        page = page[page.find("<main") :] if "<main" in page else page
        if re.search(rf"王小明|王\*|{re.escape(things['contact'])}|B1-L1|\bB1\b", page):
            shown.append(path)
    assert opened > 8
    assert shown == []


def test_who_is_limited_to_a_creditor_opens_no_page_that_counts_over_all(borrower):
    client = signed_in("lead")
    Staff.objects.filter(username="lead").update(creditors="donghu")
    things = real_things()
    for path, view in GUARDED:
        if view.permission not in WITHIN_CREDITORS:
            assert client.get(filled(path, things)).status_code in (404, 405), path
