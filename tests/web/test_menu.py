"""Goal: everybody sees their own work in the menu, knows where they are, and sees what waits for them."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from forbear.actions.replies.inbox import waiting_for
from forbear.actions.selectors.waiting import waiting_counts
from forbear.store.access import replies_for
from forbear.store.models import Case, Inbound, PortalSession, Request, Staff
from forbear.store.permissions import PERMISSIONS, may
from forbear.store.roles import ROLES
from forbear.web.menu import MENU, first_page_of, menu_for
from forbear.web.public.demo import FACES
from forbear.web.tour import TOURS
from tests.factories.desk import NOON, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_each_entry_leads_to_a_page_that_asks_for_its_permission():
    for group in MENU:
        for entry in group.entries:
            assert entry.permission in PERMISSIONS
            view = get_resolver().resolve(reverse(entry.page)).func
            assert view.permission == entry.permission or entry.permission.startswith("demo:"), entry.page


@pytest.mark.parametrize("role", ROLES)
def test_the_first_page_of_each_role_is_in_its_menu_and_active_there(role):
    page = reverse(first_page_of(role))
    entries = [entry for group in menu_for(role, page, {}) for entry in group.entries]
    active = [entry.address for entry in entries if entry.active]
    assert active == [page] or first_page_of(role) == "own"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/desk/", "desk:queue"),
        ("/desk/case/B1/plan", "desk:queue"),
        ("/desk/requests/R1", "desk:requests"),
        ("/desk/portfolio/cost", "desk:dashboard"),
        ("/desk/kpi/kept", "desk:dashboard"),
        ("/desk/floor/goals/3", "desk:floor"),
        ("/desk/placements/7", "desk:agencies"),
        ("/desk/court/wanted", "desk:lawsuits"),
        ("/desk/rules/backtest", "desk:rules"),
        ("/desk/leaks", "desk:refusals"),
    ],
)
def test_a_page_belongs_to_one_entry(path, page):
    roles = [
        role
        for role in ROLES
        if any(
            entry.page == page and may(role, entry.permission) for group in MENU for entry in group.entries
        )
    ]
    for role in roles:
        active = [
            entry.address for group in menu_for(role, path, {}) for entry in group.entries if entry.active
        ]
        assert active == [reverse(page)]


@pytest.mark.postgresql
def test_what_waits_is_counted_in_one_query_and_only_for_whoever_can_do_it(django_assert_num_queries):
    borrower = make_borrower()
    Request.objects.create(
        number="R2345", borrower=borrower, kind="other", source="desk", opened_at=NOON, due_on=NOON.date()
    )
    Inbound.objects.create(provider="p", provider_ref="r", kind="reply", at=NOON, needs_person=True)
    lead = Staff.objects.create_user(username="zhou", role="lead", number="F1")
    collector = Staff.objects.create_user(username="lin", role="collector", number="F2")
    inbox = waiting_for(replies_for(lead), lead, NOON)
    with django_assert_num_queries(1):
        counts = waiting_counts(lead, inbox)
    assert (counts["inbox"], counts["requests"], counts["approvals"], counts["unknown"]) == (1, 1, 0, 0)
    assert "inbox" not in waiting_counts(collector)
    client = Client(headers={"accept-language": "en"})
    client.force_login(lead)
    page = " ".join(client.get("/desk/requests").content.decode().split())
    assert re.search(r'Requests</span> <span class="badge"> 1 ', page)
    assert '<a href="/desk/requests">Requests</a>' in page, "the page says where one is"


def test_each_tour_has_five_steps_on_pages_that_its_role_may_see():
    assert TOURS.keys() == {face.role for face in FACES}
    assert TOURS.keys() - {"borrower"} <= set(ROLES)
    for role, steps in TOURS.items():
        assert len(steps) == 5
        for step in steps:
            if step.page:
                view = get_resolver().resolve(reverse(step.page)).func
                permission = getattr(view, "permission", "")
                if role == "borrower":
                    assert getattr(view, "for_borrowers", False), step.page
                    continue
                assert not permission or may(role, permission), (role, step.page)


def test_the_demos_buttons_are_there_only_in_a_demo(settings, client):
    Staff.objects.create_user(username="lin", role="collector", number="F1001")
    assert client.post("/demo/collector").status_code == 404
    assert client.get("/")["location"] == "/sign-in"
    (settings.HOME.folder / ".demo").touch()
    try:
        page = client.get("/").content.decode()
        shown = {face.role for face in FACES if f'action="/demo/{face.role}"' in page}
        assert shown == {"borrower", "collector"}, "nobody is there to be the others"
        for role in {face.role for face in FACES} - shown:
            Staff.objects.create_user(username=role, role=role, number=f"F-{role}"[:16])
        page = client.get("/").content.decode()
        assert all(f'action="/demo/{face.role}"' in page for face in FACES)
        assert client.post("/demo/president").status_code == 404
        assert client.post("/demo/collector")["location"] == "/"
        first = client.get("/desk/").content.decode()
        assert 'id="tour-title"' in first
        client.post("/demo/tour")
        assert 'id="tour-title"' not in client.get("/desk/").content.decode()
    finally:
        (settings.HOME.folder / ".demo").unlink()


@pytest.mark.postgresql
def test_the_demos_borrower_comes_in_without_a_link(settings, client):
    for name, days in (("B1", 384), ("B2", 12), ("B3", 2)):
        made = make_borrower(name, phone=f"+861000000000{name[1]}")
        Case.objects.filter(borrower=made).update(facts={"days_past_due": days})
    (settings.HOME.folder / ".demo").touch()
    try:
        assert client.post("/demo/borrower")["location"] == "/my/home"
        assert "/?roles" in client.get("/my/home").content.decode(), "and finds the way to the other roles"
        assert PortalSession.objects.get().borrower_id == "B2", "somebody a few instalments late"
    finally:
        (settings.HOME.folder / ".demo").unlink()
