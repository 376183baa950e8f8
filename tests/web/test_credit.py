"""Goal: compliance and legal see what was told, what a correction changed and who objects, and hand out the file."""

import hashlib
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from forbear.actions.selectors import bureau_history as bureau_history
from forbear.core.base.reason import NO_REASON, Reason
from forbear.store.models import CreditRecord, CreditReport, Event, Request, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MAY = datetime(2026, 5, 2, 4, 0, tzinfo=UTC)
CONTENT = b'{"acct_code":"B1-L1"}\n'


@pytest.fixture
def made(tmp_path, monkeypatch):
    house_rules()
    make_borrower()
    Request.objects.create(
        number="R7", borrower_id="B1", kind="credit_objection", loans=["B1-L1"], source="portal", opened_at=NOON,
        due_on=NOON.date() + timedelta(days=20),
    )  # fmt: skip
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    monkeypatch.setattr(bureau_history, "folder", lambda: tmp_path)
    report = CreditReport.objects.create(
        form="cn", on=date(2026, 3, 31), made_at=MAY, book_version="v1", file="cn-2026-03-31.jsonl",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        counts={"records": 1_234, "adverse": 2, "corrections": 1, "withheld": 1},
        totals={"CNY": {"balance": 123_456_789, "past_due": 41_200}},
    )  # fmt: skip
    was = [101_900, 101_900, 21, "2026-03-10", "active", "", 0, "special_mention"]
    now = [0, 0, 0, "", "closed", "2026-03-12", 101_900, "normal"]
    for kind, told, before, reason in (
        ("monthly", was, [], NO_REASON),
        ("correction", now, was, NO_REASON),
        ("withheld", was, [], Reason.of("rules", rules=["cn.credit_notice"])),
    ):
        CreditRecord.objects.create(
            report=report, borrower_id="B1", loan_id="B1-L1", on=date(2026, 3, 31), kind=kind,
            adverse=kind == "withheld",
            days_past_due=told[2], currency="CNY", said=told, was=before, reason=reason,
        )  # fmt: skip
    (tmp_path / report.file).write_bytes(CONTENT)
    return report


def page(path: str, role: str = "compliance", language: str = "en") -> str:
    client = Client(headers={"Accept-Language": language})
    person, _ = Staff.objects.get_or_create(username=role, defaults={"role": role, "number": role[:3]})
    client.force_login(person)
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.content.decode()))


def test_objections_stand_with_their_clocks(made):
    text = page("/desk/credit")
    assert "R7 B1 B1-L1" in text
    assert "20 days left" in text
    assert "1,234" in text or "1234" in text
    assert "还有 20 天" in page("/desk/credit", "legal", "zh")


def test_a_correction_says_what_it_changed(made):
    text = page(f"/desk/credit/{made.pk}")
    assert "Balance CNY 1,019.00 → CNY 0.00" in text
    assert "State Open → Paid off" in text
    assert "Days past due 21 → 0" in text
    assert "Refused by rule cn.credit_notice" in text
    assert "Sum of balances CNY 1,234,567.89" in text
    assert "状态 未结清 → 结清" in page(f"/desk/credit/{made.pk}?kind=correction", "legal", "zh")
    only = page(f"/desk/credit/{made.pk}?kind=withheld")
    # behind the titles of the table: the filter names every kind
    assert "Paid off" not in only.rpartition("What changed, or why it was withheld")[2]


def test_the_file_is_handed_out_as_it_was_made_and_on_record(made):
    client = Client()
    client.force_login(Staff.objects.create_user("kept", role="compliance", number="K1"))
    answer = client.post(f"/desk/credit/{made.pk}/file")
    assert b"".join(answer.streaming_content) == CONTENT
    assert made.sha256 in Event.objects.filter(kind="change").get().line
    (bureau_history.folder() / made.file).write_bytes(b"changed")
    assert client.post(f"/desk/credit/{made.pk}/file").status_code == 302
    assert Event.objects.filter(kind="change").count() == 1
    auditor = Client()
    auditor.force_login(Staff.objects.create_user("sees", role="auditor", number="U1"))
    assert auditor.post(f"/desk/credit/{made.pk}/file").status_code == 404
    assert "Download" not in page(f"/desk/credit/{made.pk}", "auditor")
