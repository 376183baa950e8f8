"""Goal: contacts are drawn by a lot that nobody chooses, reviewed by somebody else, and read by who made them."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from forbear.core.staff.quality import CRITERIA
from forbear.insight.sampling import sample
from forbear.store.evidence import store_attachment
from forbear.store.models import Borrower, Contact, Conversation, Event, PersonalValue, Review, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.profile import variants
from tests.web.pages import browser_of, without_lots
from tests.web.test_browser import fits, serious
from tests.web.test_browser import site as site

pytestmark = [pytest.mark.database, pytest.mark.django_db]
#: NOON is a Tuesday.
MONDAY = date(2026, 3, 9)
#: A scorecard on which everything was as it should be.
MET = dict.fromkeys(CRITERIA, "yes")


@pytest.fixture
def desk(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    return make_borrower()


def person(name: str, role: str = "collector", team: str = "") -> Staff:
    return Staff.objects.create_user(username=name, password="x", role=role, number=name.upper(), team=team)


def calls(borrower, staff: Staff, number: int, at: datetime = NOON) -> list[str]:
    """Calls that somebody made."""
    made = [wished(borrower, "call").pk for _ in range(number)]
    Contact.objects.filter(pk__in=made).update(staff=staff, at=at, state="sent", outcome="conversation")
    return made


def test_the_lot_is_the_same_whenever_it_is_asked_and_takes_so_many_of_each(desk):
    lin, wu = person("lin"), person("wu")
    mine = calls(desk, lin, 12)
    calls(desk, wu, 2)
    calls(desk, lin, 3, NOON - timedelta(days=7))
    chosen = sample(MONDAY)
    assert [contact.staff.number for contact in chosen] == ["LIN"] * 5 + ["WU"] * 2
    assert [contact.pk for contact in sample(MONDAY)] == [contact.pk for contact in chosen]
    assert {contact.pk for contact in chosen[:5]} <= set(mine)
    assert len(sample(MONDAY - timedelta(days=7))) == 3
    # who did more is looked at no more and no less; another week draws otherwise
    Contact.objects.filter(staff=lin).update(at=NOON + timedelta(days=7))
    other = {contact.pk for contact in sample(MONDAY + timedelta(days=7)) if contact.staff_id == lin.pk}
    assert len(other) == 5


def test_what_never_left_and_what_no_person_made_is_not_drawn(desk):
    lin = person("lin")
    (one,) = calls(desk, lin, 1)
    Contact.objects.filter(pk=one).update(outcome="not_sent")
    (two,) = calls(desk, lin, 1)
    Contact.objects.filter(pk=two).update(staff=None)
    assert sample(MONDAY) == []


@pytest.mark.postgresql
def test_a_review_is_read_by_who_made_the_contact(desk):
    lin, zhou = person("lin"), person("zhou", "lead")
    (contact,) = calls(desk, lin, 1)
    lead, collector = browser_of(zhou), browser_of(lin)
    assert "LIN" in lead.get("/desk/reviews").content.decode()
    lead.post(f"/desk/reviews/{contact}", {**MET, "verdict": "coach", "words": ""})
    assert not Review.objects.exists()
    lead.post(f"/desk/reviews/{contact}", {**MET, "verdict": "coach", "words": "ask the two questions"})
    lead.post(f"/desk/reviews/{contact}", {**MET, "verdict": "good"})
    made = Review.objects.get()
    assert (made.verdict, made.staff, made.seen_at) == ("coach", lin, None)
    event = Event.objects.get(kind="note")
    assert "ask the two" not in event.line
    assert "ask the two" in PersonalValue.objects.get(event=event).value
    assert "reviews of your contacts" in collector.get("/desk/").content.decode()
    assert "ask the two questions" in collector.get("/own/").content.decode()
    lead.post(f"/own/reviews/{made.pk}")
    made.refresh_from_db()
    assert made.seen_at is None
    collector.post(f"/own/reviews/{made.pk}")
    made.refresh_from_db()
    assert made.seen_at == NOON
    assert "reviews of your contacts" not in collector.get("/desk/").content.decode()
    assert "read by them" in lead.get("/desk/reviews").content.decode()


def test_a_review_has_note_ticks_recording_and_scorecard_beside_it(desk):
    lin, zhou = person("lin"), person("zhou", "lead")
    (contact,) = calls(desk, lin, 1)
    Conversation.objects.create(
        borrower=desk, contact_id=contact, staff=lin, at=NOON, result="promise", note="pays on Friday",
        disclosed=["identity", "verify"],
    )  # fmt: skip
    with transaction.atomic():
        Contact.objects.filter(pk=contact).update(recording=store_attachment(b"RIFFsound", "audio/wav"))
    lead, collector = browser_of(zhou), browser_of(lin)
    page = lead.get(f"/desk/reviews/{contact}").content.decode()
    assert "pays on Friday" in page
    words = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "Ticked Say your name or number" in words
    assert "Not ticked Say that the call is recorded" in words
    assert f'src="/desk/reviews/{contact}/recording"' in page
    sound = lead.get(f"/desk/reviews/{contact}/recording")
    assert b"".join(sound.streaming_content) == b"RIFFsound"
    assert Event.objects.filter(kind="view").count() == 1, "who heard it is on record"
    assert collector.get(f"/desk/reviews/{contact}/recording").status_code == 404
    # a grave "no" makes the score 0, which is never good
    marks = {**MET, "verified": "no", "record": "none"}
    answer = lead.post(f"/desk/reviews/{contact}", {**marks, "verdict": "good", "words": "x"})
    assert "a contact with 0 of 100 is not as it should be" in answer.content.decode().lower()
    lead.post(
        f"/desk/reviews/{contact}", {**marks, "verdict": "breach", "words": "ask for the birth date first"}
    )
    made = Review.objects.get()
    assert (made.score, made.marks["verified"], made.weights["verified"]) == (0, "no", 20)
    assert "Scorecard: 0 of 100" in " ".join(collector.get("/own/").content.decode().split())
    collector.post(f"/own/reviews/{made.pk}", {"answer": "The line was bad; I will ask again."})
    assert "The line was bad" in lead.get(f"/desk/reviews/{contact}").content.decode()
    assert "The line was bad" not in "".join(Event.objects.values_list("line", flat=True))


def test_the_lender_says_what_is_asked(desk, policy_of):
    policy_of("review: {weights: {tone: 60, solution: 40}, passes_from: 70}")
    lin, zhou = person("lin"), person("zhou", "lead")
    (contact,) = calls(desk, lin, 1)
    lead = browser_of(zhou)
    page = lead.get(f"/desk/reviews/{contact}").content.decode()
    assert "(60)" in page
    assert "Gave amounts" not in page
    lead.post(f"/desk/reviews/{contact}", {"tone": "yes", "solution": "partly", "verdict": "good"})
    assert Review.objects.get().score == 80


def test_nobody_reviews_their_own_and_a_lead_sees_their_team(desk):
    zhou, lin, wu = person("zhou", "lead", "north"), person("lin", team="north"), person("wu", team="south")
    (own_call,) = calls(desk, zhou, 1)
    calls(desk, lin, 1)
    (southern,) = calls(desk, wu, 1)
    lead = browser_of(zhou)
    page = without_lots(lead.get("/desk/reviews"))
    assert "LIN" in page
    assert "WU" not in page
    lead.post(f"/desk/reviews/{own_call}", {**MET, "verdict": "good"})
    lead.post("/desk/reviews/none", {**MET, "verdict": "good"})
    lead.post(f"/desk/reviews/{own_call}", {**MET, "verdict": "great"})
    assert lead.post(f"/desk/reviews/{southern}", {**MET, "verdict": "good"}).status_code == 404
    assert not Review.objects.exists()
    assert "WU" in browser_of(person("he", "compliance")).get("/desk/reviews").content.decode()


@pytest.mark.parametrize("week", ["", "2026-03-04", "nonsense", "2026-13-45", "2999-01-01"])
def test_any_week_can_be_asked_for(desk, week):
    assert browser_of(person("zhou", "lead")).get("/desk/reviews", {"week": week}).status_code == 200


@pytest.mark.parametrize(("width", "locale"), variants((1280, "zh-CN"), (390, "en-GB")))
def test_everybody_can_use_the_pages(chromium, site, width, locale):
    lin = person("lin")
    zhou = person("zhou", "lead")
    zhou.set_password("forbear-demo-2026")
    zhou.save()
    made = wished(Borrower.objects.get(), "call", now=datetime.now(UTC))
    Contact.objects.filter(pk=made.pk).update(
        staff=lin, at=datetime.now(UTC), state="sent", outcome="conversation"
    )
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale=locale, base_url=site)
    page = context.new_page()
    page.goto("/sign-in?next=/desk/reviews")
    page.fill("input[name=username]", "zhou")
    page.fill("input[name=password]", "forbear-demo-2026")
    page.keyboard.press("Enter")
    page.wait_for_selector("main .btn-outline-primary")
    assert serious(page) == []
    assert fits(page)
    page.click("main .btn-outline-primary")
    page.wait_for_selector("textarea")
    assert serious(page) == []
    assert fits(page)
    for criterion in CRITERIA:
        page.check(f"input[name={criterion}][value=yes]")
    page.check("input[value=coach]")
    page.fill("textarea", "Ask the two questions.")
    page.click("main .scorecard button")
    page.wait_for_selector(".tag.wait")
    assert serious(page) == []
    assert fits(page)
    Review.objects.update(staff=zhou)
    page.goto("/own/")
    assert serious(page) == []
    assert fits(page)
    context.close()
