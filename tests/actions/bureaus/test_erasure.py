"""Goal: a file for a credit bureau goes when its time is over, on record; what it told stays, for the corrections."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from forbear.actions.bureaus.bureau_report import hand_out_report, make_report, report_path
from forbear.actions.bureaus.erasure import due_credit_files, erase_credit_files
from forbear.store.models import CreditRecord, Event, Notice, Payment, Staff
from tests.actions.bureaus.test_bureau_report import APRIL, APRIL_END, MARCH_END, MAY, PACK
from tests.actions.payments.test_penalty_checks import brought
from tests.factories.desk import house_rules

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def report(tmp_path):
    house_rules(PACK)
    brought(tmp_path / "feed")
    Notice.objects.create(borrower_id="B1", loan_id="L1", kind="credit_notice", given_at=APRIL)
    return make_report("cn", MARCH_END, APRIL, actor="test")


def erased_events():
    return [event for event in Event.objects.filter(kind="change") if "credit report erased" in event.line]


def test_it_goes_the_day_after_its_last_and_is_on_record_once(report):
    last = APRIL + timedelta(days=730)
    assert due_credit_files(last) == []
    assert erase_credit_files(last, actor="test") == []
    assert report_path(report).is_file()
    assert erase_credit_files(last + timedelta(days=1), actor="test") == ["cn-2026-03-31.jsonl"]
    assert not report_path(report).exists()
    assert erase_credit_files(last + timedelta(days=2), actor="test") == []
    (event,) = erased_events()
    assert report.sha256 in event.line


def test_the_policy_says_how_long(report):
    (settings.HOME.folder / "policy.yaml").write_text("credit_file: {keep_days: 30}", encoding="utf-8")
    assert erase_credit_files(APRIL + timedelta(days=30), actor="test") == []
    assert erase_credit_files(APRIL + timedelta(days=31), actor="test") == ["cn-2026-03-31.jsonl"]


def test_one_that_died_after_the_file_went_is_told_of_when_asked_again(report):
    report_path(report).unlink()
    assert erase_credit_files(APRIL + timedelta(days=731), actor="test") == ["cn-2026-03-31.jsonl"]
    assert len(erased_events()) == 1


def test_what_was_told_wrongly_is_corrected_without_the_file(report):
    (settings.HOME.folder / "policy.yaml").write_text("credit_file: {keep_days: 1}", encoding="utf-8")
    erase_credit_files(MAY, actor="test")
    paid_on = MARCH_END - timedelta(days=19)
    Payment.objects.create(payment_id="P1", loan_id="L1", paid_on=paid_on, amount=101_900, received_at=MAY)
    made = make_report("cn", APRIL_END, MAY, actor="test")
    assert made.counts["corrections"] == 1
    assert CreditRecord.objects.filter(report=made, kind="correction", loan_id="L1").exists()


def test_the_page_says_so_and_hands_nothing_out(report, monkeypatch):
    erase_credit_files(APRIL + timedelta(days=731), actor="test")
    officer = Staff.objects.create_user("he", password="a-long-passphrase-1", role="compliance", number="F9")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(officer)
    page = client.get(reverse("desk:credit_report", args=[report.pk])).content.decode()
    assert "erased on" in page
    assert "Download the file" not in page
    report.refresh_from_db()
    assert not hand_out_report(report, datetime(2028, 5, 1, tzinfo=UTC), actor="test")
