"""Goal: the desk says on every page that nothing leaves, shows why the systems differ, and two people go live there."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from forbear.actions.strategies.shadow_run import begin_shadow, mark
from forbear.insight.shadow import Difference, ShadowComparison, keep_comparison, shadow_folder
from tests.factories.agencies import person

pytestmark = [pytest.mark.database, pytest.mark.django_db]
FOUND = ShadowComparison(
    "2026-03-31",
    1_200,
    1_198,
    {"payment_not_in_feed": 1, "on_hold_here": 1},
    [
        Difference("L-1", "figures", "30 · CNY 300.00", "30 · CNY 200.00", "payment_not_in_feed"),
        Difference("L-2", "list", "", "电话", "on_hold_here", "dispute_open"),
    ],
)


@pytest.fixture(autouse=True)
def shadow():
    """A home in shadow, and one day compared."""
    assert begin_shadow(datetime(2026, 3, 30, tzinfo=UTC), actor="command line") is None
    kept = keep_comparison(shadow_folder(settings.HOME.folder), FOUND)
    yield
    mark().unlink(missing_ok=True)
    kept.unlink()


def signed_in(name: str, role: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(person(name, role))
    return client


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ("1,200 loans compared, 1,198 the same", "The old system has a payment that the feed lacks")),
        ("zh-hans", ("比较了 1,200 笔借款，其中 1,198 笔", "旧系统有一笔还款，台账文件没有")),
    ],
)
def test_a_day_is_shown_by_cause_and_loan_by_loan(language, says):
    client = signed_in("m1", "manager", language)
    text = client.get("/desk/shadow").content.decode()
    assert all(each in text for each in (*says, "L-1", "L-2", "dispute_open"))
    of_one = client.get("/desk/shadow", {"day": "2026-03-31", "cause": "on_hold_here"}).content.decode()
    assert "L-2" in of_one
    assert "L-1" not in of_one
    # a day or a cause that isn't there shows what there is
    assert client.get("/desk/shadow", {"day": "soon", "cause": "x"}).status_code == 200


def test_every_page_says_that_nothing_leaves_while_it_is_so():
    client = signed_in("f1", "collector")
    assert "nothing leaves until two people go live" in client.get("/desk/").content.decode()
    assert "/desk/shadow" not in client.get("/desk/").content.decode()
    mark().unlink()
    assert "nothing leaves" not in client.get("/desk/").content.decode()


def test_two_people_go_live_on_the_page(django_capture_on_commit_callbacks):
    manager, officer = signed_in("m1", "manager"), signed_in("c1", "compliance")
    assert manager.post("/desk/shadow/live", {"note": ""}).status_code == 422
    assert "Ask to go live" in manager.get("/desk/shadow").content.decode()
    assert manager.post("/desk/shadow/live", {"note": "ten days alike"}).status_code == 302
    mine = manager.get("/desk/shadow").content.decode()
    assert "A second person signs." in mine
    assert "Ask to go live" not in mine
    again = manager.post("/desk/shadow/live", {"note": "again"})
    assert again.status_code == 422
    assert "A second person must go live" in again.content.decode()
    theirs = officer.get("/desk/shadow").content.decode()
    assert "asked to go live: ten days alike" in theirs
    assert "Go live, as the second person" in theirs
    with django_capture_on_commit_callbacks(execute=True):
        assert officer.post("/desk/shadow/live", {"note": "agreed"}).status_code == 302
    assert not settings.HOME.in_shadow
    live = officer.get("/desk/shadow").content.decode()
    assert "Go live" not in live
    assert "1,200 loans compared" in live
