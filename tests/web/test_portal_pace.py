"""One borrower's session fills neither the disk nor the queues: every way in has a pace, and nothing typed is lost."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse

from forbear.core.agreements.portal_pace import BURST, PortalPace
from forbear.store.models import Attachment, Document, FormDraft, Request
from forbear.store.rate_limit import take_token
from forbear.web.portal import pace, urls
from tests.factories.desk import NOON
from tests.web.test_portal import borrower as borrower
from tests.web.test_portal import inside as inside
from tests.web.test_portal import now as now

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LIMITS = PortalPace()
#: Where nobody is in yet: each has a pace of its own, or writes nothing.
WITHOUT_BORROWER = {"way_in", "link", "new_link", "way_out"}
PDF = b"%PDF-1.4 "


@pytest.fixture(autouse=True)
def fresh_pages():
    pace.PAGES.clear()
    yield
    pace.PAGES.clear()


def address(name: str) -> str:
    """An address of that view; what it names need not exist, for the pace is asked before."""
    values = {"draft/<int:number>": [1], "receipt/<str:order_id>": ["x"], "plan/<int:plan_id>": [1]}
    route = next(str(each.pattern) for each in urls.urlpatterns if each.name == name)
    given = values.get(route) or (["x"] if "<str" in route else [1] if "<int" in route else [])
    return reverse(f"portal:{name}", args=given)


ROUTES = sorted({str(each.name) for each in urls.urlpatterns} - WITHOUT_BORROWER)


def test_every_route_is_let_in_by_the_one_guard():
    open_ones = {each.name for each in urls.urlpatterns if not getattr(each.callback, "for_borrowers", False)}
    assert open_ones == WITHOUT_BORROWER
    assert {f"portal:{name}" for name in ROUTES} >= pace.PAPERS


@pytest.mark.parametrize("name", ROUTES)
def test_every_form_has_the_borrowers_pace(inside, name):
    for _ in range(BURST * LIMITS.acts_a_minute):
        take_token("portal:B1", NOON, per_minute=LIMITS.acts_a_minute, burst=BURST * LIMITS.acts_a_minute)
    answer = inside.post(address(name), {"words": "where is my statement?"})
    assert resolve(address(name)).view_name == f"portal:{name}"
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert not Request.objects.exists()


@pytest.mark.parametrize("name", sorted(name.removeprefix("portal:") for name in pace.PAPERS))
def test_every_paper_is_made_at_a_pace(inside, name):
    for _ in range(BURST * LIMITS.papers_an_hour):
        take_token("portal-paper:B1", NOON, per_minute=1, burst=BURST * LIMITS.papers_an_hour)
    assert inside.post(address(name)).status_code == 429
    assert not Document.objects.exists()


def test_forty_complaints_in_ten_seconds_are_one_with_one_clock(inside, now):
    codes = [
        inside.post("/my/ask/complaint", {"words": f"again {turn}", "line": f"X:{turn}"}).status_code
        for turn in range(40)
    ]
    assert codes.count(302) == BURST * LIMITS.acts_a_minute
    assert codes[-1] == 429
    complaint = Request.objects.get()
    assert "again 0" in complaint.words
    assert "again 3" in complaint.words


def test_what_was_typed_too_fast_is_kept_and_sent_later(inside, now):
    for _ in range(BURST * LIMITS.acts_a_minute):
        take_token("portal:B1", NOON, per_minute=LIMITS.acts_a_minute, burst=BURST * LIMITS.acts_a_minute)
    page = inside.post("/my/ask/complaint", {"words": "you called my mother"})
    draft = FormDraft.objects.get()
    assert f"/my/ask/complaint?kept={draft.pk}" in page.content.decode()
    now.at += timedelta(minutes=1)
    assert "you called my mother" in inside.get(f"/my/ask/complaint?kept={draft.pk}").content.decode()
    assert inside.post("/my/ask/complaint", {"words": "you called my mother"}).status_code == 302


def test_pages_have_a_pace_that_writes_nothing(inside, django_assert_max_num_queries):
    codes = [inside.get("/my/rights").status_code for _ in range(BURST * LIMITS.pages_a_minute + 20)]
    assert codes[0] == 200
    assert codes[-1] == 429
    with django_assert_max_num_queries(4):
        inside.get("/my/rights")
    assert pace.PAGES.wait("B2", 60, 60) == 0.0, "another borrower's pages go on"


def test_what_is_handed_in_has_a_limit_a_day_and_altogether(inside, now, policy_of):
    policy_of("portal: {uploads_a_day: 15, uploads: 20}\n")

    def hand_in(size: int, mark: str) -> int:
        content = PDF + mark.encode() + b"0" * (size * 1024 * 1024 - len(PDF) - len(mark))
        file = SimpleUploadedFile("paper.pdf", io.BytesIO(content).getvalue(), "application/pdf")
        return inside.post("/my/ask/complaint", {"words": mark, "files": file}).status_code

    assert hand_in(8, "a") == 302
    assert hand_in(8, "b") == 422
    assert Attachment.objects.count() == 1
    now.at += timedelta(hours=25)
    inside.post("/my/", {})
    assert Request.objects.get().attachments
    client = Client()
    assert client.get("/my/home").status_code == 302


def test_the_quota_counts_all_days(borrower, now, policy_of):
    from django.db import transaction

    from forbear.actions.access.uploads import quota_problem
    from forbear.actions.requests.requests import Asked, make_request
    from forbear.store.evidence import store_attachment

    policy_of("portal: {uploads_a_day: 15, uploads: 20}\n")
    with transaction.atomic():
        digest = store_attachment(PDF + b"0" * (14 * 1024 * 1024), "application/pdf")
        make_request(Asked("B1", "complaint", "x", attachments=(digest,)), NOON, actor="borrower")

    class File:
        size = 8 * 1024 * 1024

    assert quota_problem(borrower, [File()], NOON).params["most"] == 15
    later = NOON + timedelta(hours=25)
    assert quota_problem(borrower, [File()], later).params["most"] == 20
    assert quota_problem(borrower, [], later) is None
