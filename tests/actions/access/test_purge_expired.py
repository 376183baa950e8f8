"""Goal: what has served its time is deleted, not a moment before, and nothing that somebody still waits for."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from forbear.actions.access import purge_expired as module
from forbear.actions.access.purge_expired import ANSWERS, NEWS, purge_expired
from forbear.store.models import (
    ApiKey,
    Idempotency,
    PortalLink,
    RateLimitBucket,
    WebhookDelivery,
    WebhookEndpoint,
)
from forbear.store.rate_limit import take_token
from tests.factories.desk import NOON, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MOMENT = timedelta(seconds=1)


@pytest.fixture
def key() -> ApiKey:
    return ApiKey.objects.create(name="core", prefix="p", digest="d", made_at=NOON)


def told(key: ApiKey, **more: object) -> WebhookDelivery:
    hook, _ = WebhookEndpoint.objects.get_or_create(
        api_key=key, url="https://core.example/hook", defaults={"secret": "s", "made_at": NOON}
    )
    return WebhookDelivery.objects.create(
        webhook=hook, event_id="e", kind="contact.ended", body={"borrower_id": "B1"},
        made_at=NOON, not_before=NOON, **more
    )  # fmt: skip


def test_an_answer_is_given_again_for_its_time(key):
    Idempotency.objects.create(api_key=key, key="k", request="r", status=200, answer={}, at=NOON)
    assert purge_expired(NOON + ANSWERS) == 0
    assert purge_expired(NOON + ANSWERS + MOMENT) == 1
    assert not Idempotency.objects.exists()


def test_news_that_nobody_has_heard_stay(key):
    heard, lost, open_ = told(key, delivered_at=NOON), told(key, given_up_at=NOON), told(key)
    assert purge_expired(NOON + NEWS) == 0
    assert purge_expired(NOON + NEWS + MOMENT) == 2
    assert list(WebhookDelivery.objects.all()) == [open_]
    assert {heard.pk, lost.pk}.isdisjoint(WebhookDelivery.objects.values_list("pk", flat=True))
    assert WebhookEndpoint.objects.count() == 1


def test_sign_ins_and_links_end(key):
    Session.objects.create(session_key="a", session_data="x", expire_date=NOON)
    Session.objects.create(session_key="b", session_data="x", expire_date=NOON + MOMENT)
    PortalLink.objects.create(digest="d", borrower=make_borrower(), made_at=NOON, expires_at=NOON)
    assert purge_expired(NOON + MOMENT / 2) == 2
    assert [each.session_key for each in Session.objects.all()] == ["b"]


def test_an_emptied_bucket_is_not_filled_by_forgetting():
    assert take_token("x", NOON, per_minute=1, burst=1) == 0.0
    assert take_token("x", NOON, per_minute=1, burst=1) == 60.0
    purge_expired(NOON + timedelta(minutes=1) - MOMENT)
    assert take_token("x", NOON + timedelta(minutes=1) - MOMENT, per_minute=1, burst=1) == pytest.approx(1.0)
    assert purge_expired(NOON + timedelta(days=3)) == 1
    assert not RateLimitBucket.objects.exists()
    assert take_token("x", NOON + timedelta(days=3), per_minute=1, burst=1) == 0.0


def test_many_go_some_at_a_time(key, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(module, "_BATCH", 2)
    for number in range(5):
        Idempotency.objects.create(api_key=key, key=str(number), request="r", status=200, answer={}, at=NOON)
    with django_assert_max_num_queries(20):
        assert purge_expired(NOON + ANSWERS + MOMENT) == 5
