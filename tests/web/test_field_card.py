"""Goal: who opens the door reads who stands there and how to check it, and nothing of the debt, without a network.

Method: the app in a phone's browser, its network cut; nothing on any view lies under the alarm.
"""

from playwright.sync_api import Page

from forbear.store.models import Visit
from tests.web.test_field_browser import chromium as chromium
from tests.web.test_field_browser import cut, fits, leave, pytestmark, serious
from tests.web.test_field_browser import phone as phone
from tests.web.test_field_browser import site as site

__all__ = ["pytestmark"]


def under_the_alarm(page: Page) -> list[str]:
    """What can be seen of the view's buttons below the upper edge of the alarm's row."""
    return page.evaluate(
        """() => {
            const edge = document.querySelector("footer").getBoundingClientRect().top;
            const view = document.getElementById("page").getBoundingClientRect();
            const seen = [...document.querySelectorAll("#view button")].filter((one) => {
                const at = one.getBoundingClientRect();
                return at.top < view.bottom && Math.min(at.bottom, view.bottom) > edge + 1;
            });
            return seen.map((one) => one.textContent);
        }"""
    )


def test_the_card_says_who_visits_and_how_to_check_and_nothing_of_the_debt(phone):
    leave(phone)
    assert under_the_alarm(phone) == []
    cut(phone, True)
    phone.click("[data-do=card]")
    phone.wait_for_selector(".shown")
    card = phone.inner_text("#view")
    visit = Visit.objects.get(contact__isnull=False)
    code = visit.contact.code
    assert f"{code[:4]}-{code[4:]}" in card
    assert "V1001" in card
    assert "/verify" in card
    for secret in (visit.borrower.name, visit.point.value, "past due", "CNY"):
        assert secret.lower() not in card.lower()
    assert not any(sign in card for sign in "¥￥")
    assert serious(phone) == []
    assert fits(phone)
    assert under_the_alarm(phone) == []
    assert phone.is_visible("#alarm")
    assert not phone.is_visible("header")
    phone.click("[data-do=card-back]")
    phone.wait_for_selector("[data-do=start]")
    # while the visit is recorded the card is there too, and the recording is in sight at once
    phone.click("[data-do=start]")
    phone.wait_for_selector("[data-do=leave-now]")
    assert phone.evaluate("document.getElementById('page').scrollTop") == 0
    phone.wait_for_selector(".rec")
    phone.click("[data-do=card]")
    assert "V1001" in phone.inner_text("#view")
    phone.click("[data-do=card-back]")
    phone.wait_for_selector("[data-do=leave-now]")


def test_what_is_typed_at_a_door_stays_until_it_is_sent(phone):
    leave(phone)
    phone.click("[data-do=start]")
    phone.wait_for_selector("[data-do=leave-now]")
    phone.fill("form [data-in=note]", "他说下周发工资")
    phone.locator("form .pick").first.click()
    chosen = phone.input_value("form [name=outcome]:checked")
    phone.click("[data-do=card]")
    phone.click("[data-do=card-back]")
    assert phone.input_value("form [data-in=note]") == "他说下周发工资"
    phone.reload()
    phone.wait_for_selector("[data-do=leave-now]")
    assert phone.input_value("form [data-in=note]") == "他说下周发工资"
    assert phone.input_value("form [name=outcome]:checked") == chosen
