"""Goal: in a demo's browser the clock, the roles and the tour are there on every face, and everybody can use them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from forbear.interchange.home import clock, demo_night
from forbear.interchange.home.demo_night import NextNight
from forbear.store.models import Case, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import make_borrower
from tests.profile import variants
from tests.web.test_browser import fits, serious
from tests.web.test_stories import enter as enter
from tests.web.test_stories import hand as hand
from tests.web.test_stories import served as served

pytestmark = [pytest.mark.database(browser=True)]


@pytest.fixture
def demo(settings, enter, monkeypatch) -> Iterator[None]:
    """This home is a demo's for one test, with its own clock and somebody of each face."""
    monkeypatch.setattr(web_clock, "now", lambda: clock.now(settings.HOME))
    folder = settings.HOME.folder
    (folder / ".demo").touch()
    for name, role, number in (("ning", "visitor", "F2001"), ("lin", "collector", "F1001")):
        Staff.objects.create_user(username=name, role=role, number=number)
    Case.objects.filter(borrower=make_borrower("B1", phone="+8610000000001")).update(
        facts={"days_past_due": 12}
    )
    yield
    for name in (".demo", clock.FILE, demo_night.FILE, demo_night.LOCK):
        (folder / name).unlink(missing_ok=True)


@pytest.mark.parametrize("width", variants(320, 1280))
def test_the_clock_is_moved_on_by_hand_and_the_roles_are_a_click_away(demo, enter, width):
    page = enter("zhou", "lead", "F1002", width=width)
    for role, there in (("visitor", "/field/"), ("borrower", "/my/home"), ("collector", "/desk/")):
        page.goto("/?roles")
        assert fits(page)
        assert serious(page) == []
        page.locator(f"form[action='/demo/{role}'] button").click()
        page.wait_for_url(re.compile(re.escape(there)))
        expect(page.get_by_role("heading", name="Try this first")).to_be_visible()
        before = page.locator(".demo-bar time").inner_text()
        page.get_by_role("button", name="Next hour").click()
        expect(page.locator(".demo-bar time")).not_to_have_text(before)
        assert there in page.url, "on the same page, and signed in"
        assert fits(page)
        assert serious(page) == []
        page.get_by_role("button", name="Put this away").click()
        expect(page.get_by_role("heading", name="Try this first")).to_be_hidden()


def test_a_nights_progress_is_shown_until_the_morning(demo, enter, settings):
    page = enter("zhou", "lead", "F1002")
    with demo_night.operator(settings.HOME):
        page.goto("/desk/")
        page.get_by_role("button", name="Next night").click()
        says = page.locator(".demo-says")
        expect(says).to_have_text("The next night begins")
        demo_night.write(settings.HOME, NextNight("running", "2027-01-02", "night", done=2, of=8))
        expect(says).to_have_text(re.compile("Step 3 of 4"), timeout=10_000)
        expect(page.locator(".demo-bar progress")).to_have_attribute("value", "2")
        assert serious(page) == []
        demo_night.write(settings.HOME, NextNight("done", "2027-01-02"))
        expect(page.get_by_role("button", name="Next night")).to_be_visible(timeout=10_000)
        expect(says).to_have_text("The night of 2027-01-02 has been run.")
