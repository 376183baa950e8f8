"""Goal: whatever a core puts into its ids, every page with a link to a case opens, and so does the link.

Method: the converter on any text; then cases with awkward ids, and every link of the pages that a person sees.
"""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.actions.staff.new_staff import make_staff
from forbear.store.models import Case, Contact, Hold, Staff
from forbear.web import clock as web_clock
from forbear.web.names_in_addresses import NameConverter
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.profile import examples, rounds
from tests.web.pages import browser_of

pytestmark = [pytest.mark.database]
AWKWARD = [
    "GZ/2026/0001", "..", "100%", "%2F", "a?b=c", "~41", "客户/甲", '"q"',
    "../..", ".", "%00", "a#b", "a b", "a\\b", "~", "a&b", "<i>", "a;b", "a+b", "//x", "é", "x" * 64,
]  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=64))
@settings(max_examples=examples(300))
def test_a_name_comes_back_as_it_was_and_is_one_part_of_an_address(name):
    written = NameConverter().to_url(name)
    assert NameConverter().to_python(written) == name
    assert "/" not in written
    assert set(written) != {"."}
    assert not set(written) & set("%?#\\ ")
    assert re.fullmatch(NameConverter.regex, written)


@pytest.mark.parametrize("part", ["~", "~4", "~zz", "~00", "a~FF", "~C3"])
def test_what_no_link_of_ours_has_is_not_found(part):
    with pytest.raises(ValueError, match=r"."):
        NameConverter().to_python(part)


@pytest.fixture
def lead(monkeypatch, db):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    made = make_staff("qin", "forbear-demo-2026", "lead", "F1", NOON, actor="test")
    assert isinstance(made, Staff), made
    return browser_of(made)


@pytest.mark.parametrize("name", AWKWARD[: rounds(8, 99)])
def test_every_page_opens_and_every_link_to_the_case(lead, name):
    borrower = make_borrower(name[:60])
    contact = wished(borrower)
    Contact.objects.filter(pk=contact.pk).update(state="unknown", at=NOON)
    Case.objects.update(worst_loan=f"{name[:60]}-L1")
    handed = lead.post("/desk/next")
    assert handed.status_code == 302
    assert lead.get(handed.url).status_code == 200
    seen, followed = 0, set()
    for page in ("/desk/", "/desk/outbox", "/desk/floor", handed.url):
        answer = lead.get(page)
        assert answer.status_code == 200, page
        for link in re.findall(r'(?:href|action)="(/desk/case/[^"]*)"', answer.content.decode()):
            seen += 1
            if link in followed:
                continue
            followed.add(link)
            opened = lead.get(unescape(link))
            assert opened.status_code in (200, 405), link
            if link.endswith("/"):
                assert opened.context["borrower"].pk == borrower.pk
    assert seen > 5


NUL = ["/desk/case/%00/", "/api/v1/verify?q=%00", "/my/receipt/%00", "/verify?q=a%00b", "/till/%00"]


@pytest.mark.parametrize("path", [*NUL, "/desk/case/B1%00/call", "/desk/evidence?borrower=%00"])
def test_a_nul_is_refused_and_never_a_fault(lead, path):
    make_borrower()
    assert lead.get(path).status_code in (400, 404)
    assert Client().get(path).status_code in (400, 404)


def test_a_nul_in_a_form_is_said_at_its_field(lead):
    make_borrower()
    hold = reverse("desk:hold", args=["B1"])
    answers = [
        lead.post(hold, {"kind": "dispute", "reason": "a\0b"}),
        lead.post(hold, {"kind": "\0"}),
        lead.post(hold, "kind=a%00b", "application/x-www-form-urlencoded"),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert 'class="error"' in answer.content.decode()
    assert not Hold.objects.exists()
