"""Goal: adverse records leave only for people who were told before; what was wrong is corrected the month after."""

import json
import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.actions.bureaus.bureau_report import make_report, report_path
from forbear.core.base.problem import Problem
from forbear.core.base.reason import NO_REASON, Reason
from forbear.core.bureaus import metro2_check
from forbear.store.models import CreditRecord, CreditReport, Event, Loan, Notice, Payment
from forbear.web import clock as web_clock
from tests.actions.payments.test_penalty_checks import brought
from tests.factories.desk import house_rules
from tests.web.pages import born

pytestmark = [pytest.mark.database, pytest.mark.django_db]
APRIL, MAY = datetime(2026, 4, 1, 3, 0, tzinfo=UTC), datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
MARCH_END, APRIL_END = date(2026, 3, 31), date(2026, 4, 30)
PACK = """
pack: house
rules:
  - id: house.credit_notice
    says: {zh: 报送前须告知, en: The person is told before}
    applies: {channels: [bureau]}
    refuse_when: days_since_credit_notice = 9999
    clause: 征信业管理条例 第15条
    force: law
"""


@pytest.fixture
def told(tmp_path):
    """Two late loans; only B1 was told that a record would follow."""
    house_rules(PACK)
    brought(tmp_path / "feed")
    Notice.objects.create(borrower_id="B1", loan_id="L1", kind="credit_notice", given_at=APRIL)


@pytest.mark.postgresql
def test_only_who_was_told_is_reported(told):
    made = make_report("cn", MARCH_END, APRIL, actor="test")
    assert made.counts == {"records": 1, "adverse": 1, "corrections": 0, "withheld": 1}
    rows = {row.loan_id: (row.kind, row.reason) for row in CreditRecord.objects.all()}
    assert rows == {
        "L1": ("monthly", NO_REASON),
        "L2": ("withheld", Reason.of("rules", rules=["house.credit_notice"])),
    }
    (line,) = report_path(made).read_text("utf-8").splitlines()
    assert json.loads(line)["acct_code"] == "L1"
    assert Event.objects.filter(kind="credit_report").values_list("borrower", flat=True).get() == "B1"
    assert Event.objects.filter(kind="refusal", borrower="B2").count() == 1
    assert isinstance(make_report("cn", MARCH_END, APRIL, actor="test"), Problem)


def test_a_back_dated_payment_is_corrected_the_month_after(told):
    make_report("cn", MARCH_END, APRIL, actor="test")
    Payment.objects.create(
        payment_id="P1",
        loan=Loan.objects.get(pk="L1"),
        paid_on=date(2026, 3, 12),
        amount=101_900,
        received_at=MAY,
    )
    made = make_report("cn", APRIL_END, MAY, actor="test")
    assert made.counts["corrections"] == 1
    first = json.loads(report_path(made).read_text("utf-8").splitlines()[0])
    assert (first["inf_rec_type"], first["rpt_date"], first["acct_status"]) == (
        "correction",
        "2026-03-31",
        "3",
    )
    assert made.records.filter(kind="correction").get().on == MARCH_END


def test_metro2_leaves_out_what_is_not_in_dollars(told):
    made = make_report("metro2", MARCH_END, APRIL, actor="test")
    text = report_path(made).read_text("utf-8")
    assert metro2_check.flaws(text) == []
    assert made.counts == {"records": 0, "adverse": 0, "corrections": 0, "withheld": 0, "left_out": 2}
    assert made.gaps == {"left_out": {"other_currency": 2}}


def test_the_borrower_reads_what_was_told(told, monkeypatch):
    make_report("cn", MARCH_END, APRIL, actor="test")
    monkeypatch.setattr(web_clock, "now", lambda: APRIL)
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), APRIL).rsplit("/", 1)[
        1
    ]
    client = Client(headers={"Accept-Language": "en"})
    client.post("/my/", {"token": token, **born("19900131")})
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", client.get("/my/credit").content.decode()))
    assert "What was reported 1 April 2026 · L1 As of 31 March 2026: 21 days late" in text


@pytest.mark.parametrize("on", [date(2026, 3, 30), APRIL_END])
def test_a_month_that_is_not_over_or_no_month_is_refused(told, on):
    assert isinstance(make_report("cn", on, APRIL, actor="test"), Problem)
    assert not CreditReport.objects.exists()
