"""Goal: a large book shows figures counted ahead and says when; what is old or of before a night is counted anew."""

from datetime import timedelta

import pytest
from django.test import Client

from forbear.insight import kpi_cache as ahead
from forbear.insight.kpi import KPIS, figure, figures
from forbear.insight.kpi_cache import DAYS, cache_kpis, last_days
from forbear.store.large_book import LARGE
from forbear.store.models import CachedKpis, Promise, PublishedNight, Staff
from forbear.web import clock as web_clock
from forbear.web import steady
from tests.factories.desk import NOON, house_rules, make_borrower, wished

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_what_is_kept_is_what_was_counted",
    "test_what_is_old_of_before_a_night_or_of_another_release_is_counted_again",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def book(monkeypatch):
    """A night that left many cases open, and some work since."""
    monkeypatch.setattr(steady, "_KEPT", {})
    house_rules()
    night = PublishedNight.objects.create(
        as_of=NOON.date(),
        version="v",
        published_at=NOON - timedelta(hours=8),
        counts={"open_cases": LARGE + 1},
    )
    contact = wished(make_borrower(), "call")
    contact.__class__.objects.update(state="sent", outcome="conversation", at=NOON - timedelta(hours=1))
    promise()
    return night


def promise() -> None:
    Promise.objects.create(
        borrower_id="B1", loans=[], amount=100, currency="CNY", minor_unit=100, made_on=NOON.date(),
        due_on=NOON.date(), state="kept", paid=100,
    )  # fmt: skip


def test_what_is_kept_is_what_was_counted(book):
    assert ahead.cached_kpis(last_days(30, NOON), NOON) is None
    assert cache_kpis(NOON) is True
    assert CachedKpis.objects.count() == len(DAYS) + 1, "the figures of each period, and the cash"
    for days in DAYS:
        period = last_days(days, NOON)
        found, at = ahead.cached_kpis(period, NOON + timedelta(minutes=24))
        assert (found, at) == (figures(period), NOON)
        assert found == [figure(kpi, period) for kpi in KPIS], "what several figures ask is counted once"
    assert [(each.part, each.whole) for each in found if each.kpi.key in ("rpc", "ptp", "kept")] == [
        (1, 1)
    ] * 3


def test_what_is_old_of_before_a_night_or_of_another_release_is_counted_again(book):
    period = last_days(30, NOON)
    cache_kpis(NOON)
    assert ahead.cached_kpis(period, NOON + timedelta(minutes=26)) is None
    assert ahead.cached_kpis(last_days(30, NOON + timedelta(days=1)), NOON) is None
    CachedKpis.objects.update(found={"rpc": [99, 1, 1, ""]})
    assert ahead.cached_kpis(period, NOON) is None
    cache_kpis(NOON)
    assert ahead.cached_kpis(period, NOON) is not None
    book.published_at = NOON + timedelta(minutes=1)
    book.save()
    assert ahead.cached_kpis(period, NOON + timedelta(minutes=2)) is None
    tomorrow = NOON + timedelta(days=1)
    cache_kpis(tomorrow)
    assert CachedKpis.objects.filter(at=tomorrow).count() == CachedKpis.objects.count() == len(DAYS) + 1


def test_a_small_book_keeps_nothing(book):
    book.counts = {"open_cases": LARGE}
    book.save()
    assert cache_kpis(NOON) is False
    assert not CachedKpis.objects.exists()


def test_the_dashboard_shows_them_and_says_when(book, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(minutes=5))
    cache_kpis(NOON)
    promise()
    person = Staff.objects.create_user(username="m", password="x", role="manager", number="F1")
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/desk/dashboard").content.decode()
    assert "calculated at 2026-03-10 15:00" in page
    assert "1 / 1" in page
    CachedKpis.objects.all().delete()
    steady._KEPT.clear()
    page = client.get("/desk/dashboard").content.decode()
    assert "calculated at" not in page
    assert "2 / 2" in page
