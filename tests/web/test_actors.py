"""Goal: who acted is shown by a name that people know, in the reader's language; people by name to colleagues alone.

An agency's people, papers and programs have a person's number, which anybody can check.
"""

import pytest
from django.utils.translation import override

from forbear.store import evidence
from forbear.store.models import Agency, Promise, Staff
from forbear.web.actors import actor, open_directory, person
from tests.factories.agencies import make_agency
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, shown, without_lots


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("vm:20713", "自动发送", "sending worker"),
        ("staff:F1001", "F1001", "F1001"),
        ("borrower", "借款人", "the borrower"),
        ("provider:sms_aliyun", "服务商 sms_aliyun", "provider sms_aliyun"),
        ("key:ab12", "接口 ab12", "program ab12"),
        ("somebody", "somebody", "somebody"),
    ],
)
def test_who_acted_is_told(name, zh, en):
    assert (actor(name, True), actor(name, False)) == (zh, en)


@pytest.fixture
def lin(db) -> Staff:
    house_rules()
    return Staff.objects.create_user(
        username="lin", first_name="Mei", last_name="Lin", role="collector", number="F1001"
    )


@pytest.mark.database
def test_colleagues_read_names_on_the_case_page_and_in_lists_and_files(lin):
    lead = Staff.objects.create_user(username="zhou", role="lead", number="F1002")
    borrower = make_borrower()
    Promise.objects.create(
        borrower=borrower, amount=500, currency="CNY", minor_unit=100, made_on=NOON.date(), due_on=NOON.date(),
        state="open", taken_by=lin,
    )  # fmt: skip
    evidence.append("note", at=NOON, actor="staff:F1001", borrower="B1", body={"note": "x"})
    client = browser_of(lead)
    assert "Mei Lin F1001" in shown(client, "/desk/promises")
    assert "Mei Lin F1001" in shown(client, "/desk/case/B1/")
    as_file = b"".join(client.get("/desk/promises?file=csv").streaming_content).decode()
    assert "Mei Lin F1001" in as_file


@pytest.mark.database
def test_an_agencys_people_papers_and_the_next_request_have_numbers(lin):
    agency = make_agency()
    insider = Staff.objects.create_user(username="zhou", role="lead", number="F1002")
    outsider = Staff.objects.create_user(username="a", role="agency", number="A1", agency=agency)
    open_directory(insider)
    with override("en"):
        assert actor("staff:F1001") == "Mei Lin F1001"
        assert actor("staff:F9999") == "F9999", "whom nobody knows goes by the number"
        assert actor("agency:huaxin") == f"agency {Agency.objects.get().name_en}"
    assert actor("staff:F1001", False) == "F1001"
    open_directory(outsider)
    assert person("F1001") == "F1001"
    open_directory(insider)
    browser_of(insider).get("/glossary")
    assert person("F1001") == "F1001"


@pytest.mark.database
def test_what_a_person_is_called_is_read_once_a_page(lin, django_assert_max_num_queries):
    lead = Staff.objects.create_user(username="zhou", role="lead", number="F1002")
    for number in range(5):
        borrower = make_borrower(f"B{number}", phone=f"+8610000000{number:03d}")
        Promise.objects.create(
            borrower=borrower, amount=500, currency="CNY", minor_unit=100, made_on=NOON.date(),
            due_on=NOON.date(), state="open", taken_by=lin,
        )  # fmt: skip
    client = browser_of(lead)
    without_lots(client.get("/desk/promises"))
    with django_assert_max_num_queries(100) as asked:
        client.get("/desk/promises")
    assert sum('"first_name"' in one["sql"] and "LIMIT" not in one["sql"] and '"password"' not in one["sql"]
               for one in asked) == 1  # fmt: skip
