"""Goal: an explanation opens on pointing, on focus and on tapping, stays under the pointer, and Escape closes it."""

import pytest
from playwright.sync_api import expect

from tests.factories.desk import make_borrower
from tests.profile import variants
from tests.web.test_browser import fits, serious
from tests.web.test_stories import enter as enter
from tests.web.test_stories import hand as hand
from tests.web.test_stories import served as served

pytestmark = [pytest.mark.database(browser=True)]


@pytest.mark.parametrize("width", variants(390, 1280))
def test_a_term_explains_itself(enter, width):
    make_borrower("B1", phone="+8610000000001")
    page = enter("zhou", "lead", "F1002", width=width)
    page.goto("/desk/holds")
    word = page.get_by_role("button", name="What it means: On hold").first
    tip = page.get_by_role("tooltip", name="No contact, for a reason").or_(page.locator("#term-1"))
    expect(tip).to_be_hidden()
    word.hover()
    expect(tip).to_be_visible()
    tip.hover()
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.mouse.move(0, 0)
    word.focus()
    expect(tip).to_be_visible()
    assert fits(page)
    assert serious(page) == []
    box = tip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.keyboard.press("Tab")
    expect(tip).to_be_hidden()
    word.click()
    expect(tip).to_be_visible()
