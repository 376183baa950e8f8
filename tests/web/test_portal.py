"""Goal: a borrower gets in by a message and one fact, sees the truth, is heard, and reaches nothing of another's."""

import json
import random
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from forbear.actions.access.portal_access import BURST, MOST_WRONG, PER_MINUTE, link_for, session_of
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.permit_gate import preview
from forbear.actions.contacts.queue_contact import digest_of
from forbear.core.agreements.complaint import ComplaintFinding
from forbear.core.evidence.log import key_hex
from forbear.core.evidence.verify import verify
from forbear.interchange.documents.evidence_file import BundleFile
from forbear.interchange.home.keys import signing_key
from forbear.store.models import (
    Attachment,
    Consent,
    Contact,
    ContactPoint,
    Document,
    Event,
    Hold,
    Plan,
    PortalLink,
    PortalSession,
    Request,
    Staff,
)
from forbear.web import clock as web_clock
from forbear.web.api import verify as verify_api
from forbear.web.templatetags.forbear import linked
from tests.factories.desk import HOUSE_PACK, NOON, house_rules, make_borrower, wish_for, wished
from tests.profile import rounds
from tests.web.pages import born, shown
from tests.web.test_access import OWN, filled, real_things

pytestmark = [pytest.mark.database, pytest.mark.django_db]
BORN = "19900131"
BUDGET = {"income": "6000", "housing": "2000", "living": "2500"}


class Now:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self):
        return self.at


@pytest.fixture
def now(monkeypatch):
    clock = Now()
    monkeypatch.setattr(web_clock, "now", clock)
    return clock


@pytest.fixture
def borrower(now):
    house_rules()
    made = make_borrower()
    made.born_on = date(1990, 1, 31)
    made.save()
    return made


def token_of(borrower) -> str:
    return link_for(wished(borrower), NOON).rsplit("/", 1)[1]


@pytest.fixture
def inside(borrower):
    client = Client(headers={"Accept-Language": "en"})
    assert client.post("/my/", {"token": token_of(borrower), **born(BORN)})["Location"] == "/my/home"
    return client


# the way in


def test_a_link_and_the_one_fact_open_the_page(borrower):
    client, token = Client(headers={"Accept-Language": "en"}), token_of(borrower)
    assert token in client.get(f"/my/l/{token}").content.decode()
    assert client.get("/my/home")["Location"] == "/my/"
    answer = client.post(
        "/my/",
        {
            "token": f" {token.lower()[:4]}-{token.lower()[4:]} ",
            "year": "１９９０",
            "month": "1",
            "day": "31",
        },
    )
    cookie = answer.cookies["forbear_my"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/my/")
    assert "CNY 412.00" in shown(client, "/my/home")
    assert Event.objects.filter(kind="access", borrower="B1").count() == 1


def test_neither_link_nor_session_is_kept_in_the_clear(borrower, inside):
    token = token_of(borrower)
    kept = {
        *PortalLink.objects.values_list("pk", flat=True),
        *PortalSession.objects.values_list("pk", flat=True),
    }
    assert not kept & {token, inside.cookies["forbear_my"].value}


@pytest.mark.parametrize("fact", [born("19900130"), born("19900103"), {"ending": "0001"}])
def test_another_fact_does_not(borrower, fact):
    client = Client()
    assert client.post("/my/", {"token": token_of(borrower), **fact}).status_code == 403
    assert not PortalSession.objects.exists()


def test_without_a_birthday_the_end_of_the_number_counts_only_where_the_way_does_not_tell_it(borrower):
    """A text message shows its own number to anybody who holds the phone; an e-mail doesn't."""
    borrower.born_on = None
    borrower.save()
    client, form = Client(), {"token": token_of(borrower), "ending": "0001"}
    assert PortalLink.objects.get().went_to == "phone"
    assert client.post("/my/", form).status_code == 403
    PortalLink.objects.update(went_to="email")
    assert client.post("/my/", form).status_code == 302


def test_a_wrong_code_and_a_wrong_fact_read_the_same(borrower):
    client, token = Client(), token_of(borrower)
    pages = []
    for form in ({"token": token, **born("19900130")}, {"token": "A" * 16, **born(BORN)}):
        answer = client.post("/my/", form)
        assert answer.status_code == 403
        text = answer.content.decode().replace(form["token"], "")
        text = re.sub(r'value="(30|31)"', "", text)
        pages.append(re.sub(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]+"', "", text))
    assert pages[0] == pages[1]


def test_a_link_dies_after_wrong_facts_and_the_right_one_comes_too_late(borrower, now):
    client, token = Client(), token_of(borrower)
    for _ in range(MOST_WRONG):
        client.post("/my/", {"token": token, **born("19000101")})
        now.at += timedelta(minutes=10)
    assert client.post("/my/", {"token": token, **born(BORN)}).status_code == 403


#: In a long run ten thousand are really made; see the figures in docs/portal.md.
GUESSES = rounds(100, 10_000)


def guesses(now: Now, over: timedelta) -> Iterator[tuple[int, str]]:
    """A number and an address for each guess: many machines, spread over a time."""
    start = now.at
    for number in range(GUESSES):
        now.at = start + over * number / GUESSES
        yield number, f"10.{number % 7}.{number % 11}.{number % 13}"


def test_ten_thousand_guesses_at_the_fact_get_nowhere_and_are_slowed(borrower, now):
    """One who has the link and tries every birthday, from a thousand machines over ten days."""
    client, token, days = (
        Client(),
        token_of(borrower),
        [date(1950, 1, 1) + timedelta(days=n) for n in range(20_000)],
    )
    random.Random(7).shuffle(days)
    seen = Counter(
        client.post("/my/", {"token": token, **born(f"{days[n]:%Y%m%d}")}, REMOTE_ADDR=address).status_code
        for n, address in guesses(now, timedelta(days=10))
    )
    assert set(seen) <= {403, 429}
    assert not PortalSession.objects.exists()
    assert PortalLink.objects.get().wrong == MOST_WRONG
    # the link is dead for whoever knows the fact, too
    assert client.post("/my/", {"token": token, **born(BORN)}, REMOTE_ADDR="192.0.2.1").status_code in (
        403,
        429,
    )


def test_ten_thousand_guesses_at_links_get_nowhere_and_are_slowed(borrower, now):
    """One machine that tries links as fast as it can: a handful is looked at, the rest told to wait."""
    client, chance = Client(), random.Random(7)
    token_of(borrower)
    over = timedelta(minutes=GUESSES / 600)
    seen: Counter[int] = Counter()
    for _ in guesses(now, over):
        token = "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))
        seen[client.post("/my/", {"token": token, **born(BORN)}).status_code] += 1
    assert seen[403] <= BURST + PER_MINUTE * (over / timedelta(minutes=1)) + 1
    assert seen[429] == GUESSES - seen[403]
    assert not PortalSession.objects.exists()
    assert PortalLink.objects.get().wrong == 0


def test_ten_thousand_guesses_at_codes_find_none_and_are_slowed(borrower, now, monkeypatch):
    """Codes of contacts, papers and requests, by the page that checks a caller."""
    monkeypatch.setattr(web_clock, "now", now)
    contact, chance, client = wished(borrower), random.Random(7), Client()
    Contact.objects.filter(pk=contact.pk).update(at=NOON, state="sent", outcome="delivered")
    over = timedelta(minutes=GUESSES / 600)
    seen: Counter[int] = Counter()
    for _ in guesses(now, over):
        code = "".join(chance.choices("23456789ABCDEFGHJKMNPQRSTVWXYZ", k=len(contact.code)))
        answer = client.get("/verify", {"q": code})
        seen[answer.status_code] += 1
    assert seen[200] <= verify_api.BURST + verify_api.PER_MINUTE * (over / timedelta(minutes=1)) + 1
    assert seen[429] == GUESSES - seen[200]
    assert not Event.objects.filter(kind="inbound").exists()


def test_a_link_ends_and_so_does_a_session(borrower, inside, now):
    now.at += timedelta(minutes=19)
    assert inside.get("/my/home").status_code == 200
    now.at += timedelta(minutes=21)
    assert inside.get("/my/home").status_code == 302
    token = token_of(borrower)
    now.at += timedelta(days=31)
    assert Client().post("/my/", {"token": token, **born(BORN)}).status_code == 403


def test_no_session_lives_for_ever_and_leaving_ends_it(borrower, inside, now):
    key = inside.cookies["forbear_my"].value
    for _ in range(9):
        now.at += timedelta(minutes=15)
        inside.get("/my/home")
    assert session_of(key, now.at) is None
    client = Client()
    client.post("/my/", {"token": token_of(borrower), **born(BORN)})
    key = client.cookies["forbear_my"].value
    client.post("/my/out")
    assert session_of(key, now.at) is None


# what is whose


def test_every_page_answers_its_own_borrower(inside):
    for path, _ in OWN:
        if not any(
            part in path for part in ("<int:", "<str:number>", "<str:code>", "<str:order_id>", "<str:digest>")
        ):
            assert inside.get(filled(path, real_things())).status_code in (200, 405), path


def test_nothing_of_anothers_is_found(inside):
    other = make_borrower("B2", phone="+8610000000002")
    Plan.objects.create(
        borrower=other, amount=1, currency="CNY", minor_unit=100, state="active", proposed_on=NOON.date()
    )
    Request.objects.create(
        number="R9", borrower=other, kind="other", source="desk", opened_at=NOON, due_on=NOON.date()
    )
    Document.objects.create(
        code="CODE", borrower=other, kind="written_notice", language="zh", sha256="0" * 64, made_at=NOON
    )
    plan = Plan.objects.get().pk
    for path in (f"/my/plan/{plan}", "/my/asked/R9", "/my/paper/CODE", "/my/ask/plan", "/my/ask/x"):
        assert inside.get(path).status_code == 404, path
    told = inside.post("/my/rights/data").content.decode()
    assert not re.search(r"\bB2\b", told)  # within a code made by lot it may stand
    assert "B1-L1" in told


def test_nothing_personal_is_in_addresses_and_pages_are_never_kept(inside):
    answer = inside.get("/my/home")
    assert "no-store" in answer["Cache-Control"]
    links = re.findall(r'(?:href|action)="([^"]+)"', answer.content.decode())
    assert not [link for link in links if "B1" in link or "王" in link]


def test_pages_are_light_and_complete_without_scripts(inside):
    for path in ("home", "who", "owe", "pay", "plan", "rights", "evidence", "credit", "ask/hardship"):
        text = inside.get(f"/my/{path}").content.decode()
        assert len(text.encode()) < 60_000
        assert "onclick" not in text
        assert "<form" in text


# what a borrower does


def test_from_a_budget_to_a_signed_plan(inside):
    text = inside.post("/my/plan", BUDGET).content.decode()
    assert "once, on 9 April 2026" in text
    assert "a month, 6 months" in text
    answer = inside.post("/my/plan", {**BUDGET, "months": "6"})
    plan = Plan.objects.get()
    assert answer["Location"] == f"/my/plan/{plan.pk}"
    assert (plan.state, plan.proposed_by, len(plan.lines)) == ("active", None, 6)
    assert "Next: 9 April 2026 CNY 68.67" in shown(inside, f"/my/plan/{plan.pk}")
    assert "Your plan: next on 9 April 2026 CNY 68.67" in shown(inside, "/my/home")


def test_a_plan_that_was_not_offered_is_not_signed(inside):
    assert inside.post("/my/plan", BUDGET).status_code == 200
    for form in ({**BUDGET, "months": "7"}, {"income": "x", "months": "6"}, {"months": "6"}):
        assert inside.post("/my/plan", form).status_code == 422
    assert not Plan.objects.exists()


def test_a_dispute_stops_a_planned_contact(borrower, inside):
    waiting = wished(borrower)
    answer = inside.post("/my/ask/dispute", {"line": "B1-L1:3", "words": "这一期已经还了"})
    request = Request.objects.get()
    assert answer["Location"] == f"/my/asked/{request.number}"
    assert Contact.objects.get(pk=waiting.pk).state == "cancelled"
    text = shown(inside, f"/my/asked/{request.number}")
    assert request.number in text
    assert "25 March 2026" in text


def test_help_in_hardship_with_papers(inside):
    paper = SimpleUploadedFile("证明.pdf", b"%PDF-1.4 x", content_type="text/html")
    inside.post("/my/ask/hardship", {"reason": "illness", "words": "", "files": [paper]})
    request = Request.objects.get()
    assert request.details == {"reason": "illness"}
    assert Attachment.objects.get(pk=request.attachments[0]).media_type == "application/pdf"
    assert Hold.objects.filter(kind="hardship", lifted_at=None).exists()


@pytest.mark.parametrize(
    "content", [b"<html><script>", b"MZ\x90\x00", b"", b"GIF89a", b"%PDF-" + b"0" * (15 * 1024 * 1024)]
)
def test_other_files_are_refused_and_nothing_is_half_written(inside, content):
    paper = SimpleUploadedFile("a.pdf", content, content_type="application/pdf")
    inside.post("/my/ask/complaint", {"words": "不满意", "files": [paper]})
    assert (Request.objects.count(), Attachment.objects.count()) == (0, 0)


def test_what_a_scanner_refuses_is_not_kept(inside, monkeypatch):
    for command, kept in (("false", 0), ("/no/such/scanner", 0), ("true", 1)):
        monkeypatch.setenv("FORBEAR_SCAN", command)
        paper = SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n", content_type="image/png")
        inside.post("/my/ask/complaint", {"words": "不满意", "files": [paper]})
        assert Attachment.objects.count() == kept


def test_a_written_notice_that_the_book_can_not_state_is_written_by_a_person(inside):
    """This borrower is in no book; tests/actions/contacts/test_written_notices.py has those who are."""
    path = inside.post("/my/rights/notice")["Location"]
    request = Request.objects.get()
    assert (request.kind, request.state) == ("written_notice", "open")
    assert request.number in path
    assert request.number in shown(inside, path)
    assert request.hold.kind == "verification"
    assert not Document.objects.exists()


def test_ways_of_contact_are_switched_off_and_on(borrower, inside):
    inside.post("/my/rights/channels", {"channel": ["email", "call"]})
    off = Consent.objects.filter(given=False).values_list("channel", flat=True)
    assert sorted(off) == ["push", "sms", "voice"]
    inside.post("/my/rights/channels", {"channel": ["email", "call", "sms"]})
    assert Consent.objects.filter(given=True, channel="sms").exists()
    assert Consent.objects.count() == 4


def test_the_hours_and_language_chosen_are_obeyed_by_the_permit(borrower, inside, now):
    says = "{zh: 时段, en: At}"
    when = "local_hour < preferred_from or local_hour >= preferred_to"
    rest = "until: preferred_hours, clause: house §9, force: house"
    rule = f"  - {{id: house.wished, says: {says}, refuse_when: {when}, {rest}}}\n"
    house_rules(HOUSE_PACK + rule)
    assert (
        inside.post("/my/rights/wishes", {"since": "18", "until": "20", "language": "en"}).status_code == 302
    )
    (decision,) = preview("B1", [wish_for(borrower)], NOON)
    assert [each.rule for each in decision.refusals] == ["house.wished"]
    assert decision.until == NOON.replace(hour=10)  # 18:00 in Shanghai
    borrower.refresh_from_db()
    assert wished(borrower).language == "en"
    page = shown(inside, "/my/rights")
    assert "18:00" in page
    for form in (
        {"since": "20", "until": "18"},
        {"since": "9", "until": "10"},
        {"since": "x", "until": "18"},
        {},
    ):
        inside.post("/my/rights/wishes", {"language": "", **form})
        borrower.refresh_from_db()
        assert (borrower.preferred_from, borrower.preferred_to) == (18, 20)
    inside.post("/my/rights/wishes", {"since": "0", "until": "24", "language": "zh"})
    borrower.refresh_from_db()
    assert (borrower.preferred_from, borrower.preferred_to, borrower.preferred_language) == (None, None, "zh")
    assert Event.objects.filter(kind="consent").count() == 2


@pytest.mark.parametrize("kind", ["hardship", "dispute", "complaint"])
def test_what_arrived_is_said_by_message_and_so_is_the_answer(borrower, inside, kind):
    inside.post(f"/my/ask/{kind}", {"words": "情况说明"})
    (told,) = Contact.objects.filter(template=f"{kind}_received")
    request = Request.objects.get()
    message = compose(told, borrower, NOON)
    assert request.number in message.body
    assert (told.purpose, told.state) == ("answer", "waiting")
    someone = Staff.objects.create_user(username="zhou", password="x", role="lead", number="F1002")
    finding = ComplaintFinding("conduct", "none_found", "apology") if kind == "complaint" else None
    outcome = "partly" if kind == "complaint" else "refused"
    answer_request(request.number, Answered(outcome, "已核对", finding=finding), someone, NOON)
    (told,) = Contact.objects.filter(template__in=("request_answered", "complaint_final"))
    assert request.number in compose(told, borrower, NOON).body


def test_a_plan_that_was_agreed_is_sent_to_keep(borrower, inside):
    address = "lin@example.com"
    ContactPoint.objects.create(
        borrower=borrower, kind="email", value=address, digest=digest_of("email", address), lawful=True
    )
    inside.post("/my/plan", {**BUDGET, "months": "6"})
    (told,) = Contact.objects.filter(template="plan_agreed")
    message = compose(told, borrower, NOON)
    assert message.to == address
    assert "分 6 期" in message.body
    assert "1. 2026年4月9日 · 68.67 元" in message.body
    assert "412.00" in message.body


def test_the_evidence_can_be_checked_without_us(inside, settings, tmp_path):
    content = b"".join(inside.post("/my/evidence/bundle").streaming_content)
    path = tmp_path / "evidence.zip"
    path.write_bytes(content)
    pinned = (key_hex(signing_key(settings.HOME).public_key()),)
    with BundleFile(path) as source:
        assert verify(source, pinned).flaws == []
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            told = old.read(name)
            new.writestr(
                name, told.replace(b'"access"', b'"accesz"') if name.endswith("events.jsonl") else told
            )
    with BundleFile(broken) as source:
        assert verify(source, pinned).flaws


def test_a_copy_of_ones_data_is_whole_and_on_record(inside):
    told = json.loads(inside.post("/my/rights/data").content)
    assert told["borrower"]["name"] == "王小明"
    assert told["loans"][0]["past_due_amount"] == "412.00"
    assert Event.objects.filter(kind="export").count() == 1


def test_a_message_on_the_phone_page_has_its_link_and_nothing_else_becomes_one():
    text = linked("还款：http://localhost:8000/my/l/ABC。<script>alert(1)</script>\njavascript:x")
    assert '<a href="http://localhost:8000/my/l/ABC">' in text
    assert "<script>" not in text
    assert text.count("<a ") == 1
    assert text.count("<br>") == 1
