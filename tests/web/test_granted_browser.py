"""Goal: requests with their consequences, holds and instructions can be read and used by everybody, wide and narrow."""

import pytest

from forbear.actions.holds.holds import place_hold
from forbear.actions.holds.lifts import lift_by_staff
from forbear.actions.requests.requests import Asked, make_request
from forbear.store.models import Instruction, Request, Staff
from tests.factories.desk import NOON, make_borrower
from tests.profile import variants
from tests.web.test_stories import enter as enter
from tests.web.test_stories import hand as hand
from tests.web.test_stories import served as served
from tests.web.test_stories import usable

pytestmark = [pytest.mark.database(browser=True)]


def test_a_lead_answers_reviews_and_ends_by_forms(enter):
    make_borrower()
    make_borrower("B2", phone="+8610000000002")
    paused = make_request(Asked("B1", "hardship", "失业"), NOON, actor="borrower")
    hold = place_hold("B2", "deceased", NOON, actor="test")
    page = enter("zhou", "lead", "F2001")
    for width in variants(1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"/desk/requests/{paused.number}")
        usable(page)
    page.check("input[name=outcome][value=deferred]")
    page.fill("input[name=until]", "2026-06-10")
    page.fill("textarea[name=words]", "同意暂停还款。")
    page.click("main form button")
    page.wait_for_url("**/desk/requests")
    assert Request.objects.get().outcome == "deferred"
    lift_by_staff(hold.pk, Staff.objects.get(), "a mix-up", NOON)
    for width in variants(1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in (
            "requests",
            f"requests/{paused.number}",
            "holds",
            "instructions",
            "case/B1/",
            "case/B2/",
        ):
            page.goto(f"/desk/{path}")
            usable(page)
    assert Instruction.objects.get().kind == "pause"


def test_an_answer_that_misses_what_it_needs_keeps_the_words(enter):
    make_borrower()
    request = make_request(Asked("B1", "hardship", "失业"), NOON, actor="borrower")
    page = enter("zhou", "lead", "F2001")
    page.goto(f"/desk/requests/{request.number}")
    page.check("input[name=outcome][value=deferred]")
    page.fill("textarea[name=words]", "同意暂停还款。")
    page.click("main form button")
    page.wait_for_selector("text=say until when payments rest")
    assert page.input_value("textarea[name=words]") == "同意暂停还款。"
    assert page.is_checked("input[name=outcome][value=deferred]")
    assert Request.objects.get().state == "open"
