"""Goal: a debt is written off and sold by two people, never one that has to stay, and its borrower knows the owner."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings

from forbear.actions.contacts.permit_gate import preview
from forbear.actions.holds.holds import place_hold
from forbear.actions.payments.charge_offs import decide_write_offs, propose_write_offs, recommendations
from forbear.actions.payments.debt_sale import Buyer, decide_sale, on_offer, propose_sale, sell_due
from forbear.actions.payments.sale_file import make_sale_files, sale_file_path
from forbear.core.base.problem import Problem
from forbear.core.sales.sale_file import verify_sale
from forbear.insight.recovery import recoveries, rows_of, totals
from forbear.interchange.documents.evidence_file import BundleFile
from forbear.store.models import Contact, Event, Hold, Loan, Payment, Sale, WriteOff
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules, make_borrower, wish_for, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PACK = """
pack: house
rules:
  - id: house.hold
    says: {zh: 已冻结, en: The case is held}
    applies: {purposes: [collect, place, sue]}
    refuse_when: on_hold
    until: hold_ends
    clause: house §1
    force: house
  - id: house.assigned
    says: {zh: 须先通知转让, en: A sale is told first}
    applies: {purposes: [collect, place, sue]}
    refuse_when: debt_sold and days_since_assignment_notice = 9999
    clause: 民法典 第546条
    force: law
"""
BUYER = Buyer("瑞安资产管理有限公司", "91310000DEMO", "+861000000900", "示例市样板街 9 号")


@pytest.fixture(autouse=True)
def _rules():
    house_rules(PACK)


def late(name: str = "B1", *, days: int = 400) -> Loan:
    """A loan long overdue."""
    make_borrower(name, phone=f"+861000000{name[1:]:0>4}")
    Loan.objects.filter(borrower_id=name).update(days_past_due=days)
    return Loan.objects.get(borrower_id=name)


def written_off(*names: str) -> list[WriteOff]:
    for name in names:
        late(name)
    assert propose_write_offs(person("manager1", "manager"), NOON) == len(names)
    ids = list(WriteOff.objects.values_list("pk", flat=True))
    assert decide_write_offs(ids, person("compliance1", "compliance"), NOON, sign=True) == len(names)
    return list(WriteOff.objects.order_by("pk"))


def sold(now=NOON) -> Sale:
    made = propose_sale(BUYER, person("manager1", "manager"), now)
    assert isinstance(made, Sale), made
    assert isinstance(decide_sale(made.number, person("compliance1", "compliance"), now, sign=True), Sale)
    sell_due(now)
    make_sale_files(now)
    return Sale.objects.get(pk=made.pk)


# write-offs


def test_policy_recommends_one_proposes_another_signs():
    late("B1")
    late("B2", days=179)
    (only,) = recommendations(NOON)
    assert (only.loan.pk, only.why) == ("B1-L1", ("long_overdue",))
    manager = person("manager1", "manager")
    assert propose_write_offs(manager, NOON) == 1
    assert propose_write_offs(manager, NOON) == 0
    row = WriteOff.objects.get()
    assert "somebody else must approve" in str(decide_write_offs([row.pk], manager, NOON, sign=True))
    assert decide_write_offs([row.pk], person("compliance1", "compliance"), NOON, sign=True) == 1
    assert WriteOff.objects.get().state == "signed"
    told = [
        json.loads(event.line)["body"]["what"]
        for event in Event.objects.filter(kind="write_off").order_by("number")
    ]
    assert told == ["proposed", "signed"]
    assert recommendations(NOON) == []


def test_what_happened_between_the_two_signatures_counts():
    late()
    propose_write_offs(person("manager1", "manager"), NOON)
    place_hold("B1", "dispute", NOON, actor="borrower")
    row = WriteOff.objects.get()
    assert decide_write_offs([row.pk], person("compliance1", "compliance"), NOON, sign=True) == 0
    assert WriteOff.objects.get().state == "declined"


def test_a_payment_lately_stands_against_it():
    loan = late()
    paid = Payment.objects.create(
        payment_id="P1", loan=loan, paid_on=NOON.date() - timedelta(days=30), amount=100, received_at=NOON
    )
    assert recommendations(NOON) == []
    Payment.objects.create(
        payment_id="P2",
        loan=loan,
        paid_on=NOON.date(),
        amount=100,
        reverses=paid.payment_id,
        received_at=NOON,
    )
    assert len(recommendations(NOON)) == 1


def test_what_is_paid_afterwards_is_a_recovery_and_a_reversed_one_is_not():
    (row,) = written_off("B1")
    for number, (day, amount, reverses) in enumerate(
        ((-1, 500, ""), (0, 1_000, ""), (5, 2_000, ""), (6, 2_000, "P2"), (9, 300, ""))
    ):
        Payment.objects.create(
            payment_id=f"P{number}", loan=row.loan, paid_on=NOON.date() + timedelta(days=day), amount=amount,
            reverses=reverses, received_at=NOON,
        )  # fmt: skip
    (found,) = recoveries()
    assert [paid.payment_id for paid in found.payments] == ["P1", "P4"]
    (total,) = totals([found])
    assert (total.written_off, total.recovered, total.loans) == (300_000, 1_300, 1)
    assert [line[1:4] for line in rows_of([found], NOON)] == [
        ["P1", NOON.date(), 1_000], ["P4", NOON.date() + timedelta(days=9), 300],
    ]  # fmt: skip


# sales


def test_only_what_may_be_sold_is_and_each_that_stays_has_its_reason():
    written_off("B1", "B2", "B3", "B4", "B5")
    place_hold("B2", "vulnerable", NOON, actor="test")
    Loan.objects.filter(borrower_id="B3").update(time_barred_on=NOON.date())
    Loan.objects.create(
        loan_id="B4-L2", borrower_id="B4", product="cash", currency="CNY", minor_unit=100, principal=1,
        days_past_due=3, past_due_amount=1, outstanding=50_000, payoff=50_000, balance=50_000, as_of=NOON.date(),
    )  # fmt: skip
    found = {loan: why for loan, (_, why) in on_offer(NOON).items()}
    assert found == {
        "B1-L1": (), "B2-L1": ("vulnerable",), "B3-L1": ("time_barred",), "B4-L1": ("split",),
        "B4-L2": ("not_written_off",), "B5-L1": (),
    }  # fmt: skip
    made = propose_sale(BUYER, person("manager1", "manager"), NOON)
    assert dict(made.rows.values_list("loan_id", "state"))["B2-L1"] == "out"
    assert "somebody else" in str(decide_sale(made.number, person("manager1", "manager"), NOON, sign=True))
    assert isinstance(decide_sale(made.number, person("compliance1", "compliance"), NOON, sign=True), Sale)
    # between the two signatures one of them dies
    place_hold("B5", "deceased", NOON, actor="test")
    assert sell_due(NOON) == 1
    assert sell_due(NOON) == 0
    assert dict(made.rows.values_list("loan_id", "state")) == {
        "B1-L1": "sold", "B2-L1": "out", "B3-L1": "out", "B4-L1": "out", "B4-L2": "out", "B5-L1": "dropped",
    }  # fmt: skip
    assert made.rows.get(loan_id="B5-L1").why == ["deceased"]
    assert Loan.objects.get(pk="B1-L1").sold_at == NOON


def test_after_the_sale_nobody_asks_and_the_borrower_knows_whom_they_owe():
    written_off("B1")
    waiting = wished(Loan.objects.get().borrower)
    sale = sold()
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    notice = Contact.objects.get(template="assignment_notice")
    assert (notice.state, notice.purpose) == ("waiting", "notice")
    assert notice.values["owner"] == BUYER.name
    assert notice.values["reference"] == sale.number
    (decision,) = preview("B1", [wish_for(Loan.objects.get().borrower)], NOON)
    assert {each.rule for each in decision.refusals} == {
        "house.hold",
        "house.assigned",
        "forbear.nothing_owed",
    }
    assert Hold.objects.get().source == "sale"
    assert isinstance(propose_sale(BUYER, person("manager1", "manager"), NOON), Problem)


def test_the_passport_is_checked_by_anybody_offline(tmp_path):
    written_off("B1", "B2")
    sale = sold()
    assert sale.state == "done"
    path = sale_file_path(sale.number)
    with BundleFile(path) as passport:
        verdict = verify_sale(passport)
        assert (verdict.sound, verdict.loans, verdict.totals) == (True, 2, {"CNY": 600_000})
        assert (verdict.buyer, verdict.sold_on) == (BUYER.name, NOON.date().isoformat())
    done = checked(path, "--key", str(settings.HOME.folder / "data" / "keys" / "signing.pub.pem"))
    assert done.returncode == 0, done.stderr
    assert "2 evidence bundles checked with them" in done.stdout
    content = bytearray(path.read_bytes())
    at = content.index(b'"outstanding":300000')
    content[at + 14 : at + 15] = b"9"
    forged = tmp_path / "forged.zip"
    forged.write_bytes(content)
    done = checked(forged)
    assert done.returncode == 2
    assert "not the file that was signed" in done.stderr


def checked(path, *more: str) -> subprocess.CompletedProcess:
    arguments = [sys.executable, "-m", "forbear", "verify", str(path), *more]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def test_a_sale_that_was_declined_changes_nothing():
    written_off("B1")
    made = propose_sale(BUYER, person("manager1", "manager"), NOON)
    decide_sale(made.number, person("compliance1", "compliance"), NOON, sign=False)
    assert sell_due(NOON) == 0
    assert Loan.objects.get().sold_at is None
    assert "say who buys" in str(propose_sale(Buyer(" "), person("manager1", "manager"), NOON))
