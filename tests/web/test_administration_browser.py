"""Goal: everybody can use the administrators' pages, by keys, on a desk's screen and on a phone's."""

import re

import pytest

from forbear.core.base.reason import Reason
from forbear.store.models import Staff
from tests.factories.desk import NOON
from tests.web.test_browser import fits, serious
from tests.web.test_browser import site as site
from tests.web.test_passkeys import PASSWORD, device, enrol_passkey, make_person
from tests.web.test_passkeys import home as home
from tests.web.test_passkeys import page as page

pytestmark = [pytest.mark.database]


def test_a_new_colleague_is_let_in(page):
    root = make_person("administrator")
    lin = Staff.objects.create_user(
        username="lin", password=PASSWORD, role="collector", number="F1001", team="north"
    )
    Staff.objects.create_user(username="he", password=PASSWORD, role="compliance", number="F2", is_active=False,
                              locked_at=NOON, **Reason.of("wrong_proofs", times=10).columns("locked_"))  # fmt: skip
    device(page)
    enrol_passkey(page)
    page.goto("/administration/people")
    assert serious(page) == []
    assert fits(page)
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/administration/people/new$"), wait_until="load")
    assert serious(page) == []
    assert fits(page)
    page.fill("input[name=name]", "zhou")
    page.fill("input[name=number]", "F1002")
    page.select_option("select[name=role]", "analyst")
    page.keyboard.press("Enter")
    page.wait_for_selector("p.big code")
    assert serious(page) == []
    assert fits(page)
    page.keyboard.press("ControlOrMeta+Enter")
    made = Staff.objects.get(username="zhou")
    page.wait_for_url(re.compile(f"/administration/people/{made.pk}$"), wait_until="load")
    for path in (f"people/{made.pk}", f"people/{lin.pk}", f"people/{root.pk}", "programs", "settings"):
        page.goto(f"/administration/{path}")
        assert serious(page) == [], path
        assert fits(page), path
    page.goto("/administration/programs")
    page.fill("input[name=name]", "core")
    page.check("input[value='payments:write']")
    page.keyboard.press("Enter")
    page.wait_for_selector("p.digest code")
    assert serious(page) == []
    assert fits(page)
