"""Goal: a borrower always finds a way back in, and nothing they typed is ever lost."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from forbear.actions.access.portal_access import IDLE, KNOWN, link_for
from forbear.actions.access.purge_expired import purge_expired
from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.login_links import TEMPLATE
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.contacts.send import claim, prepare
from forbear.store.models import Contact, ContactPoint, FormDraft, PortalLink, Request, Staff
from tests.factories.desk import NOON, PHONE, Recorder, make_borrower, wished
from tests.web.pages import born, browser_of, token_in
from tests.web.test_portal import BORN, token_of
from tests.web.test_portal import borrower as borrower
from tests.web.test_portal import inside as inside
from tests.web.test_portal import now as now

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ENGLISH = {"Accept-Language": "en"}


@pytest.mark.parametrize("typed", [PHONE, "100 0000 0001", "１００-0000-0001", "lin@Example.com"])
def test_a_new_link_goes_to_the_number_on_file_however_it_is_written(borrower, typed):
    ContactPoint.objects.create(
        borrower=borrower, kind="email", value="lin@example.com", digest=digest_of("email", "lin@example.com")
    )
    answer = Client(headers=ENGLISH).post("/my/new-link", {"reach": typed})
    assert "a new link is on its way" in answer.content.decode()
    (queued,) = Contact.objects.filter(template=TEMPLATE)
    text = compose(queued, borrower, NOON).body
    token = re.search(r"/my/l/(\w{16})", text)[1]
    client = Client()
    assert client.post("/my/", {"token": token, **born(BORN)})["Location"] == "/my/home"


def test_the_answer_is_the_same_for_a_number_that_nobody_has(borrower):
    pages = []
    for typed in ("10000000001", "10000000009"):
        page = Client(headers=ENGLISH).post("/my/new-link", {"reach": typed}).content.decode()
        pages.append(re.sub(r'value="[\w:-]{20,}"', "", page.replace(typed, "")))
    assert pages[0] == pages[1]
    assert Contact.objects.filter(template=TEMPLATE).count() == 1


def test_one_number_gets_a_few_links_and_then_none(borrower, now):
    for number in range(9):
        now.at += timedelta(seconds=1)
        Client(REMOTE_ADDR=f"10.0.0.{number}").post("/my/new-link", {"reach": PHONE})
        Contact.objects.update(state="sent")
    assert Contact.objects.filter(template=TEMPLATE).count() == 3
    client = Client()
    codes = [client.post("/my/new-link", {"reach": f"1390000000{n}"}).status_code for n in range(9)]
    assert codes[-1] == 429


def test_a_link_asked_for_at_night_waits_for_the_morning(borrower, now):
    now.at = NOON + timedelta(hours=9)  # midnight in Shanghai
    Client().post("/my/new-link", {"reach": PHONE})
    (mine,) = claim("w", now.at)
    assert prepare(mine, "w", now.at, {"sms": Recorder()}).permit is None
    queued = Contact.objects.get(pk=mine)
    assert (queued.state, queued.not_before) == ("waiting", NOON + timedelta(hours=17))
    Client().post("/my/new-link", {"reach": PHONE})
    assert Contact.objects.filter(template=TEMPLATE).count() == 1, "one message in the morning, not two"


@pytest.mark.parametrize("typed", ["", "abc", "12"])
def test_what_is_no_number_is_said_at_the_field(borrower, typed):
    page = Client(headers=ENGLISH).post("/my/new-link", {"reach": typed}).content.decode()
    assert 'id="id_reach_error"' in page
    assert not Contact.objects.filter(template=TEMPLATE).exists()


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        ({}, "year"),
        ({"year": "1990", "month": "13", "day": "1"}, "month"),
        ({"year": "90", "month": "1", "day": "31"}, "year"),
        ({"year": "1990", "month": "2", "day": "30"}, "day"),
        ({"year": "1990", "month": "一月", "day": "31"}, "month"),
        ({"year": "2999", "month": "1", "day": "31"}, "year"),
        ({"ending": "12"}, "year"),
    ],
)
def test_what_cannot_be_a_birthday_is_said_at_its_field_and_is_no_try(borrower, fact, field):
    client = Client(headers={"Accept-Language": "zh"})
    answer = client.post("/my/", {"token": token_of(borrower), **fact})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert PortalLink.objects.get().wrong == 0


@pytest.mark.parametrize(
    ("language", "order"), [("zh", ["year", "month", "day"]), ("en", ["day", "month", "year"])]
)
def test_a_birthday_is_asked_in_the_readers_order(borrower, language, order):
    page = Client(headers={"Accept-Language": language}).get("/my/").content.decode()
    assert re.findall('name="(year|month|day)"', page) == order


def test_a_complaint_sent_after_the_session_had_ended_is_kept_and_sent(borrower, inside, now):
    words = "你们的人昨天骂我\n我要投诉"
    now.at += IDLE + timedelta(minutes=1)
    answer = inside.post("/my/ask/complaint", {"words": words})
    assert (answer.status_code, Request.objects.count()) == (401, 0)
    assert "kept for seven days" in answer.content.decode()
    answer = inside.post("/my/", {"token": token_of(borrower), **born(BORN)})
    assert answer["Location"] == f"/my/ask/complaint?kept={FormDraft.objects.get().pk}"
    page = inside.get(answer["Location"]).content.decode()
    assert words in page
    fields = {"words": words, "form_token": token_in(page)}
    answer = inside.post("/my/ask/complaint", fields)
    assert answer["Location"].startswith("/my/asked/")
    assert Request.objects.get().words == words
    assert not FormDraft.objects.exists()


def test_a_draft_is_its_borrowers_alone_and_does_not_stay(borrower, inside, now):
    now.at += IDLE + timedelta(minutes=1)
    inside.post("/my/ask/complaint", {"words": "只给我自己看"})
    other = make_borrower("B2", phone="+8610000000002")
    other.born_on = borrower.born_on
    other.save()
    answer = inside.post("/my/", {"token": link_for(wished(other), NOON).rsplit("/", 1)[1], **born(BORN)})
    assert answer["Location"] == "/my/home"
    kept = f"/my/ask/complaint?kept={FormDraft.objects.get().pk}"
    assert "只给我自己看" not in inside.get(kept, follow=True).content.decode()
    assert FormDraft.objects.count() == 1
    purge_expired(now.at + timedelta(days=8))
    assert not FormDraft.objects.exists()


def test_what_cannot_be_kept_is_shown_to_be_copied(borrower, inside, now):
    now.at += KNOWN + timedelta(hours=1)
    page = inside.post("/my/ask/complaint", {"words": "别丢掉这段话"}).content.decode()
    assert "别丢掉这段话" in page
    assert "Copy it before you leave this page" in page


@pytest.mark.parametrize(
    ("path", "face"), [("/my/nowhere", "portal"), ("/nowhere", "desk"), ("/desk/case/B9/", "desk")]
)
@pytest.mark.parametrize(("language", "words"), [("zh", "没有这个页面"), ("en", "This page isn't there")])
def test_a_page_that_is_not_there_says_so_in_the_readers_language(path, face, language, words):
    client = browser_of(Staff.objects.create_user(username="z", password="x", role="collector", number="F1"))
    answer = client.get(path, headers={"Accept-Language": language})
    page = answer.content.decode().replace("&#x27;", "'")
    assert answer.status_code == 404
    assert words in page
    assert ("portal.css" in page) == (face == "portal")


def test_a_page_asked_for_in_another_way_and_a_program_get_their_own_answers(inside):
    answer = inside.get("/my/rights/channels")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "use the buttons on the page" in answer.content.decode()
    answer = Client().get("/api/v1/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "http_404")


def test_our_own_fault_is_said_in_both_languages_even_when_pages_break(inside, monkeypatch):
    inside.raise_request_exception = False
    monkeypatch.setattr("forbear.web.portal.pages.collecting", lambda borrower: 1 / 0)
    answer = inside.get("/my/home")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    monkeypatch.setattr("forbear.web.errors.render", lambda *given, **more: 1 / 0)
    page = inside.get("/my/home").content.decode()
    assert "我们这边出错了" in page
    assert "Something went wrong" in page


@pytest.mark.parametrize("token", ["x", "A" * 16])
def test_dead_links_say_so_in_words(borrower, token):
    for path in (f"/say/{token}", f"/stop/{token}"):
        answer = Client(headers=ENGLISH).get(path)
        assert answer.status_code == 404
        assert "This link no longer works" in answer.content.decode()


def test_a_form_without_its_proof_of_origin_is_offered_again(borrower, inside):
    cache.clear()
    strict = Client(enforce_csrf_checks=True, headers=ENGLISH)
    strict.cookies = inside.cookies
    answer = strict.post("/my/ask/complaint", {"words": "两个标签页"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "What you typed is still here" in page
    token = re.search(r'name="csrfmiddlewaretoken"\s+value="(\w+)"', page[page.index("blockquote") :])[1]
    answer = strict.post("/my/ask/complaint", {"words": "两个标签页", "csrfmiddlewaretoken": token})
    assert Request.objects.get().words == "两个标签页"
    stranger = strict.post(
        "/my/ask/complaint", {"words": "别处写的"}, headers={"Origin": "https://evil.example"}
    )
    assert "别处写的" not in stranger.content.decode()
    bare = Client(enforce_csrf_checks=True, headers=ENGLISH).post("/verify/report", {"words": "没有饼干"})
    assert "keeps no cookies" in bare.content.decode()
    assert "没有饼干" in bare.content.decode()
    assert (
        "secret"
        not in Client(enforce_csrf_checks=True).post("/sign-in", {"password": "secret"}).content.decode()
    )
