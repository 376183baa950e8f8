"""Goal: no sentence names one creditor for another's debt, and what counts by person counts across creditors.

Method: a servicer's feed with two creditors through the real import, a night published, its contacts sent by a worker;
a borrower who owes both, one who owes the servicer itself.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from pypdf import PdfReader

from forbear.actions.agreements.plans import late_loans
from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.court.lawsuits import assessed
from forbear.actions.requests.written_notice import write_notice
from forbear.actions.selectors.creditors import creditor_of, creditor_of_ids, creditor_with_code, writer
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_feed import import_feed
from forbear.jobs.publish_night import publish_night
from forbear.store.evidence import attachment_path
from forbear.store.models import Borrower, Contact, Document, Loan
from tests.factories.creditors import DONGHU, QINGHE, collecting_for
from tests.factories.desk import Recorder, house_rules
from tests.home_night import decided
from tests.interchange.book.small_feed import take_in, write

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 26)
MORNING = datetime(2026, 3, 27, 2, 0, tzinfo=UTC)
#: A owes both creditors, East Lake Bank for three days and Qinghe for two; B owes the servicer itself.
LOANS = ["A1,A,cash,CNY,100.00,2026-01-01,active,donghu", "A2,A,cash,CNY,200.00,2026-01-01,active,qinghe"]
OWN = ["B1,B,cash,CNY,300.00,2026-01-01,active,"]
INSTALMENTS = ["A1,1,2026-03-23,100.00,0,0,0", "A2,1,2026-03-24,200.00,0,0,0", "B1,1,2026-03-24,300.00,0,0,0"]
PEOPLE = ["A,林安,+8610000000001,,zh,,Asia/Shanghai,,true", "B,何文,+8610000000002,,zh,,Asia/Shanghai,,true"]


def feed(folder, loans: list[str]):
    made = write(folder, loans=[], instalments=INSTALMENTS, payments=[], borrowers=PEOPLE)
    header = "loan_id,borrower_id,product,currency,principal,disbursed_on,status,creditor"
    (made / "loans.csv").write_text("\n".join([header, *loans, ""]), encoding="utf-8")
    return made


@pytest.fixture(autouse=True)
def _servicer():
    house_rules()
    with collecting_for(DONGHU, QINGHE):
        yield


@pytest.fixture
def _night(tmp_path):
    home = settings.HOME
    report = import_feed(
        home.book,
        feed(tmp_path / "feed", LOANS + OWN),
        quarantine=home.quarantine,
        threads=1,
        creditors=home.creditor_codes,
    )
    assert report.quarantined_rows == 0
    publish_night(*decided(DAY), MORNING)


def sent(now: datetime = MORNING) -> dict[str, list[str]]:
    """What a worker sends now, by borrower."""
    out, bodies = Recorder(), dict[str, list[str]]()
    for contact_id in claim("w1", now):
        send_one(contact_id, "w1", {"sms": out}, lambda: now)
    owners = dict(Contact.objects.values_list("contact_id", "borrower_id"))
    for message in out.sent:
        bodies.setdefault(owners[message.contact_id], []).append(message.body)
    return bodies


@pytest.mark.usefixtures("_night")
def test_a_night_s_text_names_the_creditor_of_the_debt_it_states():
    assert dict(Loan.objects.values_list("loan_id", "creditor")) == {"A1": "donghu", "A2": "qinghe", "B1": ""}
    bodies = sent()
    assert set(bodies) == {"A", "B"}
    (first,) = bodies["A"]
    assert first.startswith("【恒信（受东湖银行委托）】")
    assert "100.00" in first
    assert "青禾" not in first
    (own,) = bodies["B"]
    assert own.startswith("【恒信】")
    assert "委托" not in own


@pytest.mark.usefixtures("_night")
def test_a_text_about_both_debts_is_about_the_later_paid_one():
    borrower = Borrower.objects.get(pk="A")
    point = borrower.points.get(kind="phone").digest
    planned = PlannedContact("sms", "collect", point=point, loans=("A1", "A2"))
    contact = queue_contact(ContactDraft("A", planned, template="overdue_reminder"), MORNING, actor="test")
    assert isinstance(contact, Contact), contact
    assert contact.loans == ["A1"]


@pytest.mark.usefixtures("_night")
def test_agreements_placements_and_lawsuits_are_with_one_creditor():
    assert [loan.pk for loan in late_loans("A")] == ["A1"]
    mixed = record_promise(Offered("A", ("A1", "A2"), 30000, DAY + timedelta(days=5)), MORNING, actor="test")
    assert [problem.code for problem in mixed] == ["agreement_creditors_mixed"]
    _, loans = assessed(Borrower.objects.get(pk="A"), MORNING)
    assert [loan.pk for loan in loans] == ["A1"]


@pytest.mark.usefixtures("_night")
def test_a_cap_by_person_counts_the_texts_of_all_creditors():
    """The house's cap is three texts a day for a person: the fourth is refused, of whichever creditor's debt it is."""
    sent()
    borrower = Borrower.objects.get(pk="A")
    point = borrower.points.get(kind="phone").digest
    states = []
    for minute, loan in enumerate(("A2", "A1", "A2"), start=1):
        now = MORNING + timedelta(minutes=minute)
        planned = PlannedContact("sms", "collect", point=point, loans=(loan,))
        contact = queue_contact(ContactDraft("A", planned, body="您好,您有一期还款逾期。"), now, actor="test")
        assert isinstance(contact, Contact), contact
        sent(now)
        contact.refresh_from_db()
        states.append(contact.state)
    assert states == ["sent", "sent", "waiting"]


@pytest.mark.usefixtures("_night")
def test_nothing_asks_for_the_money_of_a_creditor_that_lender_yaml_has_lost():
    with collecting_for(QINGHE):
        assert set(sent()) == {"B"}
    contact = Contact.objects.get(borrower="A", channel="sms")
    assert contact.state != "sent"
    assert contact.at is None


def test_an_undeclared_creditor_goes_aside_with_the_nearest_name(tmp_path):
    loans = ["A1,A,cash,CNY,100.00,2026-01-01,active,dongu", *LOANS[1:], *OWN]
    report, _ = take_in(tmp_path, feed(tmp_path / "feed", loans), creditors=("donghu", "qinghe"))
    assert [text for text in report.warnings if "dongu" in text] == [
        "loans: lender.yaml declares no creditor `dongu` (1 rows, first loan A1); did you mean `donghu`?"
    ]
    assert report.totals["loans"]["quarantined"]["rows"] == "1"
    with pytest.raises(FeedError, match="declares no creditors"):
        take_in(tmp_path / "none", feed(tmp_path / "other", LOANS), creditors=())


def test_several_creditors_are_named_together_and_the_lender_by_itself():
    def loan(code: str) -> Loan:
        return Loan(loan_id=f"L{code}", creditor=code)

    assert creditor_of([loan("donghu")]).name("en") == "East Lake Bank"
    assert creditor_of([]).is_lender
    both = creditor_of([loan("donghu"), loan("qinghe")])
    assert (both.names, both.pay_in) == (
        ("东湖银行、青禾消费金融", "East Lake Bank, Qinghe Consumer Finance"),
        ("", ""),
    )
    with_own = creditor_of([loan(""), loan("donghu")])
    assert with_own.name("en") == "Hengxin, East Lake Bank"
    assert not with_own.is_lender
    assert writer(creditor_of([loan("")]), "en") == "Hengxin"
    assert writer(creditor_of([loan("qinghe")]), "en") == "Hengxin for Qinghe Consumer Finance"
    assert not creditor_with_code("gone").declared
    with collecting_for():
        assert creditor_of_ids(["A1"]).is_lender


@pytest.mark.usefixtures("_night")
def test_a_notice_that_is_asked_for_states_the_loans_of_every_creditor():
    made = write_notice("A", "en", MORNING)
    assert isinstance(made, Document), made
    pages = PdfReader(attachment_path(made.sha256)).pages
    texts = [" ".join(page.extract_text().split()) for page in pages]
    assert [("East Lake Bank" in text, "Qinghe Consumer Finance" in text) for text in texts] == [
        (True, False),
        (False, True),
    ]
    assert "100.00" in texts[0]
    assert "200.00" in texts[1]
