"""Goal: a collector works a case through the pages, each act doing what it says and leaving its evidence."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from forbear.store.models import (
    Case,
    Contact,
    ContactPoint,
    Conversation,
    Event,
    Hold,
    Permit,
    Promise,
    PublishedNight,
    Request,
    Staff,
    Treatment,
)
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, PHONE, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def desk(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    make_borrower()
    person = Staff.objects.create_user(username="lin", password="x", role="collector", number="F1001")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(desk: Client, path: str = "/desk/case/B1/") -> str:
    answer = desk.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def call(desk: Client) -> Contact:
    desk.post("/desk/case/B1/call")
    return Contact.objects.get(channel="call", state="sent")


def kinds() -> list[str]:
    return list(Event.objects.filter(borrower="B1").order_by("number").values_list("kind", flat=True))


def test_the_next_case_is_handed_out_and_kept(desk):
    assert "Next case" in page(desk, "/desk/")
    for _ in range(2):
        assert desk.post("/desk/next")["Location"] == "/desk/case/B1/"
    held = Case.objects.get()
    assert (held.collector.number, held.leased_until) == ("F1001", NOON + timedelta(minutes=30))


def test_a_case_the_rules_refuse_is_not_handed_out(desk):
    Hold.objects.create(borrower_id="B1", kind="dispute", starts_at=NOON)
    assert desk.post("/desk/next")["Location"] == "/desk/"
    assert "No case can be contacted now" in page(desk, "/desk/")
    assert Case.objects.get().collector is None


def test_names_and_numbers_are_masked_until_asked_for_with_a_reason(desk):
    assert "王小明" not in page(desk)
    assert PHONE not in page(desk)
    assert desk.post("/desk/case/B1/personal", {"reason": ""}).status_code == 422
    assert "view" not in kinds()
    shown = desk.post("/desk/case/B1/personal", {"reason": "identify"})
    assert "王小明" in shown.content.decode()
    assert PHONE in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert kinds() == ["view"]


def test_a_call_has_a_permit_and_a_code(desk):
    contact = call(desk)
    assert Permit.objects.get().contact == contact
    assert contact.code in page(desk)
    desk.post("/desk/case/B1/call")
    assert "The rules don&#x27;t allow a call now" in page(desk)
    assert Permit.objects.count() == 1
    assert kinds() == ["permit", "refusal"]


@pytest.mark.parametrize(
    ("result", "outcome", "hold"),
    [
        ("will_pay", "conversation", None),
        ("cannot_pay", "conversation", "hardship"),
        ("disputes", "conversation", "dispute"),
        ("no_answer", "unanswered", None),
        ("cease", "conversation", "cease"),
        ("deceased", "connected", "deceased"),
    ],
)
def test_an_outcome_does_what_follows_from_it(desk, result, outcome, hold):
    contact = call(desk)
    told = {"contact": contact.contact_id, "result": result, "situation": "lost_job", "note": "in May"}
    desk.post("/desk/case/B1/outcome", told)
    contact.refresh_from_db()
    assert contact.outcome == outcome
    assert Conversation.objects.get().situation == "lost_job"
    assert list(Hold.objects.values_list("kind", flat=True)) == ([hold] if hold else [])
    assert "note" in kinds()
    assert not Event.objects.filter(line__contains="in May").exists(), "what was said is personal"


def test_an_outcome_is_of_a_call_to_the_borrower_of_the_page(desk):
    make_borrower("B2", phone="+8610000000002")
    contact = call(desk)
    told = {"contact": contact.contact_id, "result": "cease"}
    answer = desk.post("/desk/case/B2/outcome", told)
    assert "There is no such call." in answer.content.decode()
    contact.refresh_from_db()
    assert contact.outcome == "pending"
    assert not Hold.objects.exists()
    desk.post("/desk/case/B1/outcome", told)
    assert Hold.objects.get().borrower_id == "B1"


def test_a_wrong_person_is_never_called_again(desk):
    contact = call(desk)
    desk.post("/desk/case/B1/outcome", {"contact": contact.contact_id, "result": "wrong_person"})
    assert ContactPoint.objects.get().stopped_at == NOON
    assert "No contact details" in page(desk)


def test_own_words_are_screened_before_they_wait(desk):
    answer = desk.post("/desk/case/B1/message", {"channel": "sms", "body": "再不还就让公安去你单位抓你"})
    assert "cn.content." in answer.content.decode()
    assert "再不还就让公安去你单位抓你</textarea>" in answer.content.decode(), "what was typed is there"
    assert not Contact.objects.exists()
    answer = desk.post("/desk/case/B1/message", {"channel": "sms", "body": "您有 999.00 元逾期,请尽快还款。"})
    assert "cn.content.amount" in answer.content.decode()
    desk.post(
        "/desk/case/B1/message", {"channel": "sms", "body": "您好,您有 412.00 元逾期,如有困难请与我们联系。"}
    )
    contact = Contact.objects.get()
    assert (contact.state, contact.staff.number) == ("waiting", "F1001")


def test_words_that_should_be_looked_at_are_confirmed_as_they_stand(desk):
    words = {"channel": "sms", "body": "您好，如果一直不处理，我们将向法院起诉。"}
    asked = desk.post("/desk/case/B1/message", words)
    assert asked.status_code == 422
    box = re.search(r'name="confirmed" value="(\w+)"', asked.text)
    assert box is not None
    assert "checked" not in box.group()
    changed = {"channel": "sms", "body": "您好，我们准备向法院起诉。", "confirmed": box[1]}
    assert desk.post("/desk/case/B1/message", changed).status_code == 422
    assert not Contact.objects.exists()
    assert desk.post("/desk/case/B1/message", words | {"confirmed": box[1]}).status_code == 302
    assert Contact.objects.get().body == words["body"]


def test_a_promise_holds_the_chase_and_can_be_cancelled(desk):
    desk.post("/desk/case/B1/promise", {"amount": "412.00", "due_on": "2026-03-17"})
    promise = Promise.objects.get()
    assert (promise.amount, promise.state, promise.hold.kind) == (41_200, "open", "promise")
    answer = desk.post("/desk/case/B1/promise", {"amount": "100", "due_on": "2026-03-17"})
    assert "There is an open promise already" in answer.content.decode()
    desk.post(f"/desk/case/B1/promise/{promise.pk}/drop")
    promise.refresh_from_db()
    assert (promise.state, Hold.objects.get().lifted_at) == ("cancelled", NOON)


def test_what_is_wrong_is_said_in_the_readers_language(desk):
    wrong = {"amount": "4999", "due_on": "2026-03-17"}
    assert "at most what is past due" in desk.post("/desk/case/B1/promise", wrong).content.decode()
    answer = desk.post("/desk/case/B1/promise", wrong, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 422
    assert "金额须大于 0，且不超过逾期金额" in answer.content.decode()
    assert "past due" not in answer.content.decode()
    assert 'value="4999"' in answer.content.decode(), "what was typed is kept"


@pytest.mark.parametrize(
    ("amount", "due_on", "says"),
    [
        ("0", "2026-03-17", "above 0"),
        ("9999", "2026-03-17", "at most what is past due"),
        ("412.001", "2026-03-17", "decimals"),
        ("412", "2026-05-17", "or earlier"),
        ("412", "soon", "Write the day as 2026-03-31."),
    ],
)
def test_a_promise_that_can_not_be_taken_says_why(desk, amount, due_on, says):
    answer = desk.post("/desk/case/B1/promise", {"amount": amount, "due_on": due_on})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert f'value="{due_on}"' in answer.content.decode(), "what was typed is kept"
    assert not Promise.objects.exists()


def lead(number: str = "F2001") -> Client:
    """A lead at another desk."""
    person = Staff.objects.create_user(username=number, password="x", role="lead", number=number)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_collector_puts_a_hold_and_a_lead_lifts_it_with_a_reason(desk):
    desk.post("/desk/case/B1/hold", {"kind": "hardship", "reason": "ill"})
    hold = Hold.objects.get()
    assert "Hardship review" in page(desk)
    assert hold.review_on == NOON.date() + timedelta(days=30)
    answer = desk.post(f"/desk/case/B1/hold/{hold.pk}/lift", {"note": "well again"})
    assert "A lead or a compliance officer ends this hold" in answer.content.decode()
    other = lead()
    other.post(f"/desk/case/B1/hold/{hold.pk}/lift", {"note": " "})
    hold.refresh_from_db()
    assert hold.lifted_at is None
    other.post(f"/desk/case/B1/hold/{hold.pk}/lift", {"note": "well again"})
    hold.refresh_from_db()
    assert hold.lifted_at == NOON
    assert kinds() == ["hold", "hold_lifted"]


def test_two_people_end_what_the_law_protects(desk):
    desk.post("/desk/case/B1/hold", {"kind": "deceased", "reason": "the widow called"})
    hold = Hold.objects.get()
    lift = f"/desk/case/B1/hold/{hold.pk}/lift"
    desk.post(lift, {"note": "a mix-up of names"})
    answer = desk.post(lift, {"note": "again"})
    assert "second person must agree" in answer.content.decode()
    hold.refresh_from_db()
    assert (hold.lifted_at, hold.lift_asked_by.number) == (None, "F1001")
    other = lead()
    shown = page(other, "/desk/holds?which=asked")
    assert "F1001 asked on" in shown
    assert "a mix-up of names" in shown
    other.post(lift, {"note": "checked with the registry"})
    hold.refresh_from_db()
    assert hold.lifted_at == NOON


def test_the_list_of_holds_lets_one_go_on(desk):
    desk.post("/desk/case/B1/hold", {"kind": "vulnerable", "reason": ""})
    hold, other = Hold.objects.get(), lead()
    form = {"act": "keep", "note": "still so", "review_on": "2026-06-01"}
    other.post(f"/desk/holds/{hold.pk}", form)
    hold.refresh_from_db()
    assert (str(hold.review_on), hold.lifted_at) == ("2026-06-01", None)
    assert "Vulnerable customer" in page(other, "/desk/holds")
    assert desk.get("/desk/holds").status_code == 404, "a collector's own work is the case"


def test_results_of_a_call_do_what_the_forms_do(desk):
    contact = call(desk)
    form = {"contact": contact.pk, "result": "promise", "amount": "412.00", "due_on": "2026-03-13"}
    desk.post("/desk/case/B1/outcome", {**form, "amount": ""})
    assert not Conversation.objects.exists()
    desk.post("/desk/case/B1/outcome", form)
    promise, talk = Promise.objects.get(), Conversation.objects.get()
    assert (promise.amount, promise.state, talk.effects) == (41_200, "open", {"promise": promise.pk})
    assert Contact.objects.filter(template="promise_confirmed", state="waiting").exists()
    # it was the wrong result: the promise is taken back and never confirmed, and the dispute has its number and clock
    desk.post(f"/desk/case/B1/talk/{talk.pk}/correct", {"result": "disputes", "note": "says it is paid"})
    promise.refresh_from_db()
    talk.refresh_from_db()
    assert promise.state == "cancelled"
    assert not Contact.objects.filter(template="promise_confirmed", state="waiting").exists()
    request = Request.objects.get()
    assert (request.kind, request.source, request.state, talk.result) == (
        "dispute",
        "call",
        "open",
        "disputes",
    )
    assert request.number in page(desk)
    assert request.hold.lifted_at is None
    assert "correction" in kinds()
    desk.post(f"/desk/case/B1/talk/{talk.pk}/correct", {"result": "will_pay", "note": ""})
    request.refresh_from_db()
    assert (request.state, request.hold.lifted_at) == ("withdrawn", NOON)


def test_a_result_is_corrected_in_its_time_and_a_stop_by_somebody_else(desk, monkeypatch):
    contact = call(desk)
    desk.post("/desk/case/B1/outcome", {"contact": contact.pk, "result": "deceased"})
    talk, hold = Conversation.objects.get(), Hold.objects.get()
    correct = f"/desk/case/B1/talk/{talk.pk}/correct"
    desk.post(correct, {"result": "will_pay"})
    hold.refresh_from_db()
    assert hold.lifted_at is None
    other = lead()
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(hours=3))
    other.post(correct, {"result": "will_pay"})
    hold.refresh_from_db()
    assert hold.lifted_at is None
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(hours=1))
    other = lead("F2002")
    other.post(correct, {"result": "will_pay"})
    hold.refresh_from_db()
    assert hold.lifted_at == NOON + timedelta(hours=1)
    assert Conversation.objects.get().corrected_by.number == "F2002"


def test_both_languages_and_no_untranslated_code(desk):
    english, chinese = (
        page(desk),
        desk.get("/desk/case/B1/", headers={"Accept-Language": "zh-CN"}).content.decode(),
    )
    assert "Contact permissions" in english
    assert "当前联系权限" in chinese
    words = re.sub(r"<[^>]*>", " ", english)
    assert not re.search(r"[\u4e00-\u9fff]", words.replace("王", "").replace("中文", "")), (
        "English pages have no Chinese"
    )


def test_the_page_takes_a_fixed_number_of_queries(desk, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        page(desk)


def test_the_tiles_count_this_day_and_this_night(desk):
    today = NOON.date()
    PublishedNight.objects.create(as_of=today, version="v", published_at=NOON)
    for place, (day, channel) in enumerate(
        [(today, "sms"), (today, "email"), (today, "push"), (today - timedelta(days=1), "sms")]
    ):
        Treatment.objects.create(
            borrower_id="B1", loan_id="L1", planned_on=day, stage="call", channel=channel, template="t",
            position=place, state="no_address",
        )  # fmt: skip
    person = Staff.objects.get()
    contact = call(desk)
    # half past midnight by the lender's clock, and an hour before that
    for at in (NOON - timedelta(hours=14, minutes=30), NOON - timedelta(hours=15, minutes=30)):
        Conversation.objects.create(
            borrower_id="B1", contact=contact, staff=person, at=at, result="no_answer"
        )
    told = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page(desk, "/desk/")))
    assert "1 handled by you today" in told
    assert "1 no contact details" in told
