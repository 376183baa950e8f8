"""Goal: on a small desk every count is of this moment, on a large one it is at most so old and says so."""

from datetime import timedelta

import pytest
from django.test import Client

from forbear.store.large_book import LARGE
from forbear.store.models import PublishedNight, Staff
from forbear.web import steady
from tests.factories.desk import NOON

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def ticks(monkeypatch):
    """A clock of the process that the test moves."""
    now = [100.0]
    monkeypatch.setattr(steady, "_KEPT", {})
    monkeypatch.setattr(steady.time, "monotonic", lambda: now[0])
    return now


def book_of(cases: int) -> None:
    PublishedNight.objects.create(
        as_of=NOON.date(), version="v", published_at=NOON, counts={"open_cases": cases}
    )


def test_a_small_book_is_counted_each_time(ticks):
    asked = []
    for cases in (None, LARGE):
        if cases:
            book_of(cases)
        for _ in range(2):
            told = steady.counted("x", lambda: {"n": asked.append(1) or len(asked)}, NOON)
            assert (told.found, told.kept) == ({"n": len(asked)}, False)
    assert len(asked) == 4


def test_a_large_one_is_kept_a_little_by_name(ticks):
    book_of(LARGE + 1)
    first = steady.counted("x", lambda: {"n": 1}, NOON)
    later = NOON + timedelta(seconds=29)
    ticks[0] += steady.SECONDS - 1
    second = steady.counted("x", lambda: {"n": 2}, later)
    assert (first.kept, second.kept, second.found, second.at) == (False, True, {"n": 1}, NOON)
    assert steady.counted("y", lambda: {"n": 3}, later).found == {"n": 3}
    ticks[0] += 2
    third = steady.counted("x", lambda: {"n": 4}, later)
    assert (third.kept, third.found, third.at) == (False, {"n": 4}, later)


def test_what_has_run_out_is_let_go(ticks):
    book_of(LARGE + 1)
    for number in range(5):
        steady.counted(f"x{number}", dict, NOON, seconds=10)
        ticks[0] += 11
    assert len(steady._KEPT) == 1


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("lead", ""),
        ("lead", "floor"),
        ("manager", "dashboard"),
        ("manager", "kpi/rpc"),
        ("compliance", "refusals"),
    ],
)
def test_a_page_with_kept_counts_says_how_old_they_are(ticks, role, path):
    book_of(LARGE + 1)
    client = Client(headers={"accept-language": "en"})
    person = Staff.objects.create_user(username=role, password="x", role=role, number="F1")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    first, second = (client.get(f"/desk/{path}").content.decode().lower() for _ in range(2))
    assert ("calculated at" in first, "calculated at" in second) == (False, True)
