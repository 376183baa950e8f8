"""Goal: in a real browser a lead ticks rows, reads in the button what it will do, does it and undoes it."""

import re

import pytest
from playwright.sync_api import expect

from forbear.store.models import Case, Staff
from tests.factories.desk import make_borrower
from tests.web.test_browser import fits, serious
from tests.web.test_stories import enter as enter
from tests.web.test_stories import hand as hand
from tests.web.test_stories import served as served

pytestmark = [pytest.mark.database(browser=True)]


def test_cases_are_reassigned_by_what_the_button_says(enter):
    for name in ("B1", "B2", "B3"):
        make_borrower(name, phone=f"+861000000000{name[1]}")
    lin = Staff.objects.create_user(username="lin", role="collector", number="F1001")
    page = enter("zhou", "lead", "F1002")
    page.goto("/desk/cases")
    button = page.locator("#bulk button")
    expect(button).to_be_disabled()
    page.get_by_role("checkbox", name="Tick row 1").check()
    page.get_by_role("checkbox", name="Tick row 3").check()
    page.locator("#bulk select").select_option("F1001")
    expect(button).to_have_text("Reassign 2 cases to lin F1001")
    assert serious(page) == []
    button.click()
    expect(page.get_by_text("Reassigned 2 cases to F1001.")).to_be_visible()
    assert Case.objects.filter(collector=lin).count() == 2
    page.get_by_role("button", name="Undo the reassignment of 2 cases").click()
    expect(page.get_by_text("Undone. Each case is where it was.")).to_be_visible()
    assert not Case.objects.filter(collector=lin).exists()


def test_rows_are_gone_through_by_keyboard_and_an_address_holds_what_was_chosen(enter):
    for name in ("B1", "B2"):
        make_borrower(name, phone=f"+861000000000{name[1]}")
    page = enter("zhou", "lead", "F1002", width=390)
    page.goto("/desk/cases")
    assert fits(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 2
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 1
    page.locator("select[name=handler]").select_option("internal")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile(r"/desk/cases\?handler=internal$"))
    assert serious(page) == []
