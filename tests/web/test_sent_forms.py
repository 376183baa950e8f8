"""Goal: what is sent twice is done once, and what is sent after signing out is back in its form, on its page."""

import threading
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from forbear.actions.access.purge_expired import purge_expired
from forbear.actions.access.sent_forms import KNOWN, claim_form, form_done, release_form
from forbear.store.models import FormDraft, Hold, Promise, Request, SentForm, Staff
from forbear.web import clock
from forbear.web.form_token import FIELD
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, token_in

pytestmark = [pytest.mark.database]
CASE = "/desk/case/B1/"
HOLD = {"kind": "dispute", "reason": "说金额不对"}


class Now:
    """A clock that is set by hand."""

    at = NOON


@pytest.fixture
def now(monkeypatch):
    house_rules()
    cache.clear()
    moved = Now()
    monkeypatch.setattr(clock, "now", lambda: moved.at)
    return moved


@pytest.fixture
def lead(now):
    make_borrower("B1")
    return browser_of(
        Staff.objects.create_user(username="zhou", role="lead", number="F1", password="pass-2026")
    )


def page_of(client: Client, path: str = CASE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


# twice at once


@pytest.mark.django_db
def test_a_form_that_is_sent_twice_is_done_once(lead):
    sent = {**HOLD, FIELD: token_in(page_of(lead))}
    first, second = lead.post(f"{CASE}hold", sent), lead.post(f"{CASE}hold", sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert "It was saved once." in page_of(lead, second["Location"])
    assert Hold.objects.count() == 1


@pytest.mark.django_db
def test_a_second_note_from_a_new_page_and_a_form_with_other_words_are_done_too(lead):
    token = token_in(page_of(lead))
    for sent in ({"kind": "complaint", "words": "一"}, {"kind": "other", "words": "二"}):
        lead.post(f"{CASE}ask", {**sent, FIELD: token})
    assert Request.objects.count() == 2
    lead.post(f"{CASE}ask", {"kind": "other", "words": "二", FIELD: token_in(page_of(lead))})
    assert SentForm.objects.filter(done=True).count() == 3


@pytest.mark.django_db
def test_what_was_refused_may_be_sent_again(lead):
    sent = {"amount": "many", "due_on": "soon", FIELD: token_in(page_of(lead))}
    for _ in range(2):
        answer = lead.post(f"{CASE}promise", sent)
        assert answer.status_code == 422
        assert "many" in answer.content.decode()
    assert not SentForm.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x", "a:b", "é" * 500])
def test_a_token_that_is_not_ours_is_none(lead, token):
    assert lead.post(f"{CASE}hold", {**HOLD, FIELD: token}).status_code == 302
    assert not SentForm.objects.exists()


@pytest.mark.django_db
def test_what_a_process_that_died_had_claimed_can_be_sent_again_and_is_let_go_after_a_day(now):
    assert claim_form("a", NOON) is None
    assert claim_form("a", NOON) is not None
    assert claim_form("a", NOON + timedelta(minutes=3)) is None
    form_done("a", "/desk/")
    assert claim_form("a", NOON + timedelta(hours=3)).led_to == "/desk/"
    release_form("a")
    assert claim_form("a", NOON) is None
    purge_expired(NOON + KNOWN + timedelta(minutes=5))
    assert not SentForm.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_promise(lead):
    """A double click: the second request is there before the first has its answer, and waits for it."""
    due_on = (NOON + timedelta(days=3)).date().isoformat()
    sent = {"amount": "100", "due_on": due_on, FIELD: token_in(page_of(lead))}
    answers, cookies = [], lead.cookies

    def press() -> None:
        client = Client(headers={"Accept-Language": "en"})
        client.cookies = cookies
        answers.append(client.post(f"{CASE}promise", sent))
        connection.close()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Promise.objects.count() == 1


# an ended session


@pytest.mark.django_db
@pytest.mark.parametrize("ended", ["idle", "signed out"])
def test_what_was_typed_is_back_in_its_form_after_signing_in_again(lead, now, ended):
    page = "/desk/holds?which=due&page=1"
    hold = Hold.objects.create(
        borrower_id="B1", kind="dispute", starts_at=NOON, review_on=NOON.date(), placed_by="staff:F1"
    )
    sent = {
        "act": "keep",
        "note": "还在核对合同",
        "review_on": "2026-04-01",
        FIELD: token_in(page_of(lead, page)),
    }
    if ended == "idle":
        now.at += timedelta(minutes=settings.SIGN_IN.session.idle_minutes + 1)
    else:
        lead.logout()
    answer = lead.post(f"/desk/holds/{hold.pk}", sent, follow=True)
    assert "What you typed is kept" in answer.content.decode()
    place = f"/desk/holds/{hold.pk}?kept={FormDraft.objects.get().pk}"
    again = lead.post(
        answer.request["PATH_INFO"], {"username": "zhou", "password": "pass-2026", "next": place}
    )
    assert again["Location"] == place
    drawn = lead.get(place)
    text = drawn.content.decode()
    assert drawn.status_code == 200
    assert "You had been signed out. Nothing is lost" in text
    assert 'value="还在核对合同"' in text
    assert 'value="2026-04-01"' in text
    assert page in unescape(text), "it stands on its page, with its filters"
    hold.refresh_from_db()
    assert hold.review_on == NOON.date(), "nothing is done before it is sent again"
    done = lead.post(f"/desk/holds/{hold.pk}", {**sent, FIELD: token_in(text)})
    assert done.status_code == 302
    hold.refresh_from_db()
    assert hold.review_on.isoformat() == "2026-04-01"
    assert not FormDraft.objects.exists()


@pytest.mark.django_db
def test_nobody_else_finds_what_was_kept_and_a_password_is_never_kept(lead):
    token = token_in(page_of(lead))
    lead.logout()
    lead.post(f"{CASE}hold", {**HOLD, FIELD: token, "new_password": "geheim"})
    lead.post("/own/password", {"old_password": "geheim", "new_password1": "x", FIELD: token})
    draft = FormDraft.objects.get()
    assert set(draft.fields) == {"kind", "reason"}
    other = browser_of(Staff.objects.create_user(username="wu", role="lead", number="F2"))
    answer = other.get(f"{draft.path}?kept={draft.pk}")
    assert answer.status_code == 302
    assert "说金额不对" not in other.get(answer["Location"], follow=True).content.decode()
    other.post(f"/own/drafts/{draft.pk}")
    assert FormDraft.objects.exists()
    purge_expired(NOON + timedelta(days=8))
    assert not FormDraft.objects.exists()


@pytest.mark.django_db
def test_a_form_of_an_older_tab_is_drawn_again_with_its_words(lead):
    careful = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    careful.cookies = lead.cookies
    token = token_in(page_of(lead))
    answer = careful.post(f"{CASE}hold", {**HOLD, FIELD: token, "csrfmiddlewaretoken": "x" * 64})
    text = answer.content.decode()
    assert "in two tabs" in text
    assert 'value="说金额不对"' in text
    assert not Hold.objects.exists()
