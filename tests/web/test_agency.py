"""Goal: an agency works what it was given and nothing else; the lender sees why each case went where it did."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from forbear.actions.agencies.placements import place_due
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.holds.holds import place_hold
from forbear.core.agencies.agency import as_written
from forbear.core.agencies.commission import Line, digest
from forbear.store.models import (
    Agency,
    Case,
    Contact,
    ContactPoint,
    Conversation,
    Finding,
    Loan,
    Payment,
    Placement,
    PlacementList,
    Plan,
    Promise,
    RecordingRequest,
    Staff,
    Statement,
)
from forbear.web import clock as web_clock
from tests.actions.agencies.test_agencies import AGENCY_PACK
from tests.core.agencies.test_agency import good
from tests.factories.agencies import late_case, make_agency, person, place_all
from tests.factories.desk import NOON, Recorder, house_rules
from tests.web.pages import browser_of, shown
from tests.web.test_api import Program

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LATER = NOON + timedelta(days=22)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    house_rules(AGENCY_PACK)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)


def signed_in(name: str, role: str, agency=None) -> Client:
    return browser_of(person(name, role, agency))


def with_huaxin() -> tuple[Client, Placement]:
    agency = make_agency()
    late_case("B1")
    place_all()
    return signed_in("agent1", "agency", agency), Placement.objects.get()


def test_an_agency_is_proposed_and_admitted_on_pages():
    manager, officer = signed_in("m", "manager"), signed_in("c", "compliance")
    file = as_written(good())
    form = file | {"code": "huaxin", "name_zh": "华信", "name_en": "Huaxin", "capacity": "50",
                   "schedule": "30:1500, 90:2500"}  # fmt: skip
    assert (
        "at least two collectors"
        in manager.post("/desk/agencies/new", form | {"collectors": "1"}).content.decode()
    )
    assert manager.post("/desk/agencies/new", form).status_code == 302
    assert "Waits to be admitted" in shown(officer, "/desk/agencies")
    manager.post("/desk/agencies/huaxin/admit", {"what": "admit"})
    assert Agency.objects.get().state == "proposed"
    officer.post("/desk/agencies/huaxin/admit", {"what": "admit"})
    assert Agency.objects.get().state == "admitted"
    assert "91310000MA1K0000XX" in shown(officer, "/desk/agencies/huaxin/")


@pytest.mark.postgresql
def test_a_list_is_worked_out_signed_and_placed_and_says_why():
    make_agency("huaxin")
    make_agency("mingyuan")
    for number in range(1, 13):
        late_case(f"B{number}")
    manager, officer = signed_in("manager2", "manager"), signed_in("officer2", "compliance")
    assert "12 cases could be placed" in shown(manager, "/desk/placements")
    answer = manager.post("/desk/placements/propose")
    made = PlacementList.objects.get()
    assert answer["Location"].endswith(f"/desk/placements/{made.pk}")
    assert made.rows.count() == 12
    page = shown(manager, f"/desk/placements/{made.pk}")
    assert "At random" in page
    assert "By performance" in page
    manager.post(f"/desk/placements/{made.pk}/sign")
    assert PlacementList.objects.get().state == "proposed"
    officer.post(f"/desk/placements/{made.pk}/sign")
    assert place_due(NOON) == 12
    assert Placement.objects.count() == 12
    sheet = load_workbook(io.BytesIO(officer.get(f"/desk/placements/{made.pk}?form=xlsx").content)).active
    assert sheet.max_row == 13


def test_an_agency_sees_its_own_running_cases_and_no_number():
    client, one = with_huaxin()
    other = signed_in("agent2", "agency", make_agency("mingyuan"))
    page = client.get(f"/agency/case/{one.pk}/").content.decode()
    assert "王**" in page
    assert "王小明" not in page
    assert ContactPoint.objects.get().value not in page
    assert other.get(f"/agency/case/{one.pk}/").status_code == 404
    assert other.post(f"/agency/case/{one.pk}/call").status_code == 404
    assert client.get("/desk/case/B1/").status_code == 404
    assert client.get("/desk/agencies").status_code == 404
    place_hold("B1", "dispute", NOON, actor="test")
    assert client.get(f"/agency/case/{one.pk}/").status_code == 404
    assert "B1" not in shown(client, "/agency/")


def test_a_call_goes_over_the_lenders_lines_and_is_written_down():
    client, one = with_huaxin()
    client.post(f"/agency/case/{one.pk}/take")
    client.post(f"/agency/case/{one.pk}/call")
    call = Contact.objects.get(channel="call")
    assert (call.agency_id, call.state, call.staff.username) == ("huaxin", "waiting", "agent1")
    assert "Connecting." in shown(client, f"/agency/case/{one.pk}/")
    recorder = Recorder()
    (mine,) = claim("w", NOON, channels=("call",))
    assert send_one(mine, "w", {"call": recorder}, lambda: NOON) == "sent"
    assert recorder.sent[0].to.startswith("+86")
    page = client.get(f"/agency/case/{one.pk}/").content.decode()
    assert "Call result" in page
    assert page.count("data-grave=") == 3, "what stops all contact is asked once before it is saved"
    told = {"contact": call.pk, "result": "will_pay", "willingness": "willing", "note": "月底发工资"}
    client.post(f"/agency/case/{one.pk}/outcome", told)
    assert Conversation.objects.get().willingness == "willing"
    client.post(f"/agency/case/{one.pk}/promise", {"amount": "412.00", "due_on": "2026-03-20"})
    assert Promise.objects.get().amount == 41_200
    sound = SimpleUploadedFile("a.wav", b"RIFF" + bytes(36))
    client.post(f"/agency/case/{one.pk}/recording", {"contact": call.pk, "file": sound})
    assert Contact.objects.get(pk=call.pk).recording
    # the cap of one connected call a day is used, for the lender as well
    assert "house §2" in shown(client, f"/agency/case/{one.pk}/")


def test_an_agency_cannot_end_a_contact_that_is_not_its_own():
    client, one = with_huaxin()
    own = Contact.objects.create(
        contact_id="own", borrower_id="B1", channel="call", purpose="collect", party="debtor", code="X",
        state="sent", at=NOON, queued_at=NOON, not_before=NOON, give_up_at=NOON,
    )  # fmt: skip
    client.post(f"/agency/case/{one.pk}/outcome", {"contact": own.pk, "result": "will_pay"})
    assert not Conversation.objects.exists()


def test_a_plan_from_the_agency_goes_to_the_lender_with_the_case():
    client, one = with_huaxin()
    budget = {"income": "6000", "housing": "2000", "living": "2500", "dependants": "0", "other_debts": "0"}
    query = "&".join(f"{name}={value}" for name, value in budget.items())
    assert "Plans that policy allows" in shown(client, f"/agency/case/{one.pk}/?{query}")
    client.post(f"/agency/case/{one.pk}/plan", budget | {"months": "6"})
    assert Placement.objects.get().ended_reason_code == "plan"


def test_an_agency_sees_and_plans_only_the_loans_that_are_with_it():
    client, one = with_huaxin()
    assert one.loans == ["B1-L1"]
    other = Loan.objects.get()
    other.pk, other.past_due_amount = "B1-L2", 900_000
    other._state.adding = True
    other.save()
    about = {"borrower_id": "B1", "currency": "CNY", "minor_unit": 100, "made_on": NOON, "due_on": NOON}
    Promise.objects.create(loans=["B1-L2"], amount=77_700, state="kept", **about)
    Promise.objects.create(loans=["B1-L1"], amount=55_500, state="kept", **about)
    budget = {"income": "6000", "housing": "2000", "living": "2500", "dependants": "0", "other_debts": "0"}
    page = shown(client, f"/agency/case/{one.pk}/?{urlencode(budget)}")
    assert "555.00" in page
    assert "777.00" not in page
    client.post(f"/agency/case/{one.pk}/plan", budget | {"months": "6"})
    plan = Plan.objects.get()
    assert (plan.loans, plan.amount) == (["B1-L1"], 120_000)


def test_a_recording_is_asked_of_the_agency_that_made_the_contact():
    make_agency("mingyuan")
    make_agency("huaxin")
    late_case("B1")
    officer = signed_in("c", "compliance")
    Contact.objects.create(
        contact_id="theirs", borrower_id="B1", channel="call", purpose="collect", party="debtor", code="X",
        agency_id="huaxin", state="sent", at=NOON, queued_at=NOON, not_before=NOON, give_up_at=NOON,
    )  # fmt: skip
    demand = {"what": "demand", "contact": "theirs"}
    officer.post("/desk/agencies/mingyuan/stop", demand)
    assert not RecordingRequest.objects.exists()
    assert "no such contact of this agency" in shown(officer, "/desk/agencies/mingyuan/")
    officer.post("/desk/agencies/huaxin/stop", demand)
    assert RecordingRequest.objects.get().agency_id == "huaxin"


def test_outcomes_come_in_as_a_file_with_their_totals():
    client, one = with_huaxin()
    calls = []
    for number in range(2):
        client.post(f"/agency/case/{one.pk}/call")
        call = Contact.objects.filter(channel="call").exclude(pk__in=calls).get()
        Contact.objects.filter(pk=call.pk).update(state="sent", at=NOON)
        calls.append(call.pk)
        assert number < 2
    head = "contact_id,result,seconds,willingness,situation,note\n"
    rows = f"{calls[0]},no_answer,0,,,\n{calls[1]},shouted,30,,,\nstranger,no_answer,5,,,\n"

    def sent(text: str) -> str:
        file = SimpleUploadedFile("o.csv", text.encode("gb18030"))
        return client.post("/agency/files", {"file": file}).content.decode()

    assert "The whole file was refused" in sent(head + rows)
    assert "The whole file was refused" in sent(head + rows + "#total,3,36\n")
    assert Contact.objects.filter(outcome="unanswered").count() == 0
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", sent(head + rows + "#total,3,35\n")))
    assert "Rows 3 · accepted 1 · rejected 2" in page
    assert "there is no such contact of yours" in page
    assert Contact.objects.get(pk=calls[0]).outcome == "unanswered"
    sheet = client.get("/agency/files/cases.csv").content.decode("utf-8-sig").splitlines()
    assert sheet[-1] == "#total,1,120000"
    assert "王**" in sheet[1]


def test_a_statement_on_both_sides(monkeypatch):
    client, _ = with_huaxin()
    loan = Loan.objects.get()
    Payment.objects.create(
        payment_id="P1", loan=loan, paid_on=date(2026, 3, 20), amount=10_001, received_at=NOON
    )
    monkeypatch.setattr(web_clock, "now", lambda: LATER)
    client.force_login(Staff.objects.get(role="agency"))
    lead = signed_in("lead1", "lead")
    lead.post("/desk/agencies/huaxin/state", {"until": "2026-03-31"})
    made = Statement.objects.get()
    page = shown(client, f"/agency/statements/{made.pk}")
    assert "CNY 15.00" in page
    line = made.lines.get()
    client.post(f"/agency/statements/{made.pk}/dispute/{line.pk}", {"words": "25%"})
    lead.post(f"/desk/statements/lines/{line.pk}/answer", {"words": "placed at 45 days"})
    client.post(f"/agency/statements/{made.pk}/accept")
    assert Statement.objects.get().accepted_at == LATER
    pdf = client.get(f"/agency/statements/{made.pk}?form=pdf")
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    assert made.sha256 in re.sub(r"\s", "", told)
    lines = [
        Line(
            row.placement_id,
            row.payment_id,
            row.loan_id,
            row.paid_on,
            row.currency,
            row.amount,
            row.rate,
            row.commission,
        )
        for row in made.lines.order_by("pk")
    ]
    assert digest(lines) == made.sha256
    assert digest([replace(lines[0], commission=1499)]) != made.sha256
    sheet = load_workbook(io.BytesIO(client.get(f"/agency/statements/{made.pk}?form=xlsx").content)).active
    assert [cell.value for cell in sheet[2]][4:7] == ["100.01", 1500, "15.00"]
    other = signed_in("agent2", "agency", make_agency("mingyuan"))
    assert other.get(f"/agency/statements/{made.pk}").status_code == 404


def test_an_officer_stops_an_agency_and_the_page_says_why():
    client, one = with_huaxin()
    officer = signed_in("officer2", "compliance")
    officer.post("/desk/agencies/huaxin/stop", {"what": "finding", "kind": "threat", "borrower": "B1"})
    assert Finding.objects.get().kind == "threat"
    assert "Suspended" in shown(officer, "/desk/agencies/huaxin/")
    assert "No contact is allowed" in shown(client, "/agency/")
    assert client.get(f"/agency/case/{one.pk}/").status_code == 404
    officer.post("/desk/agencies/huaxin/admit", {"what": "resume", "note": "retrained"})
    assert Agency.objects.get().state == "admitted"


def test_an_agencys_program_takes_calls_and_returns_its_cases():
    _, one = with_huaxin()
    scopes = ["placements:read", "placements:write"]
    mine, other = Program(scopes, Agency.objects.get()), Program(scopes, make_agency("mingyuan"))
    status, told = mine.send("GET", "/placements")
    assert (status, [row["id"] for row in told["placements"]]) == (200, [one.pk])
    assert told["placements"][0]["name"] == "王**"
    assert told["placements"][0]["past_due"] == 120_000
    assert other.send("GET", "/placements") == (200, {"placements": []})
    for path, body in (
        ("acknowledge", None),
        ("call", {"collector": "AGENT1"}),
        ("return", {"note": "x"}),
    ):
        assert other.send("POST", f"/placements/{one.pk}/{path}", body)[0] == 404
    assert mine.send("POST", f"/placements/{one.pk}/acknowledge")[0] == 200
    assert mine.send("POST", f"/placements/{one.pk}/call", {"collector": "NOBODY"})[0] == 404
    status, call = mine.send("POST", f"/placements/{one.pk}/call", {"collector": "AGENT1"})
    assert (status, call["channel"], call["state"]) == (202, "call", "waiting")
    assert mine.send("POST", f"/placements/{one.pk}/return", {"note": " "})[0] == 422
    assert mine.send("POST", f"/placements/{one.pk}/return", {"note": "moved abroad"})[0] == 200
    assert mine.send("GET", "/placements") == (200, {"placements": []})
    assert Contact.objects.get(pk=call["contact_id"]).state == "cancelled"


def test_the_list_shows_how_shares_moved_and_why():
    make_agency("huaxin")
    make_agency("mingyuan")
    for number in range(1, 41):
        late_case(f"B{number}")
    manager, officer = signed_in("manager2", "manager"), signed_in("officer2", "compliance")
    manager.post("/desk/placements/propose")
    first = PlacementList.objects.get()
    officer.post(f"/desk/placements/{first.pk}/sign")
    place_due(NOON)
    agency = Placement.objects.first().agency_id
    for row in Placement.objects.filter(agency_id=agency)[:10]:
        call = Contact.objects.create(
            contact_id=f"c{row.pk}", borrower=row.borrower, channel="call", purpose="collect", party="debtor",
            code=f"C{row.pk}", state="sent", at=NOON, queued_at=NOON, not_before=NOON, give_up_at=NOON,
            agency_id=agency, outcome="connected",
        )  # fmt: skip
        Finding.objects.create(agency_id=agency, contact=call, borrower=row.borrower, kind="insult", at=NOON)
    Placement.objects.update(ended_at=NOON, ended_reason_code="lender")
    Case.objects.update(closed_on=None)
    Agency.objects.filter(code=agency).update(capacity=1000)
    manager.post("/desk/placements/propose")
    second = PlacementList.objects.order_by("-pk").first()
    counts = {code: second.rows.filter(agency_id=code).count() for code in ("huaxin", "mingyuan")}
    assert counts[agency] == 0
    assert sum(counts.values()) == 40
    page = unescape(shown(manager, f"/desk/placements/{second.pk}"))
    name = Agency.objects.get(pk=agency).name_en
    (told,) = re.findall(
        rf"{name}'s share falls by (\d+) points: conduct (\d+) is below the policy's minimum 60: no new cases",
        page,
    )
    assert int(told[0]) == round(100 * first.rows.filter(agency_id=agency).count() / 40)
    assert int(told[1]) == second.terms["agencies"][agency]["conduct"] < 60
    assert re.search(
        rf"{name} 0 0 0.0% 50.0% .{{9,40}} {name}: conduct \d+ is below the policy's minimum 60", page
    )


def test_a_case_is_taken_back_from_its_own_page():
    make_agency()
    late_case("B1")
    (placed,) = place_all().placements.all()
    officer, collector = signed_in("officer3", "compliance"), signed_in("collector3", "collector")
    action = f"/desk/placements/{placed.pk}/recall"
    assert action in officer.get("/desk/case/B1/").content.decode()
    assert action not in collector.get("/desk/case/B1/").content.decode()
    back = officer.post(action, {"from": "case"})
    assert back["Location"] == "/desk/case/B1/"
    placed.refresh_from_db()
    assert (placed.ended_at, placed.ended_reason_code) == (NOON, "lender")
    assert action not in officer.get("/desk/case/B1/").content.decode()
