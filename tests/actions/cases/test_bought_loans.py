"""Goal: nothing is asked for a loan that was bought before its notice of assignment, and the notice goes by itself.

Method: dated stories in each country with its own pack, texts and strategy: a feed that names the seller, nights
published, the worker between them, the gate asked, the borrower's page read.
"""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.actions.contacts.notices import recall_notice
from forbear.actions.contacts.permit_gate import preview
from forbear.actions.contacts.queue_contact import digest_of
from forbear.core.base.reason import Reason
from forbear.core.facts.contact import PlannedContact
from forbear.store.desk_facts import desk_facts
from forbear.store.models import Borrower, Contact, ContactPoint, Loan, Notice, Treatment
from forbear.web import clock as web_clock
from tests.actions.agreements.test_settlement_offers import (
    ADDRESS,
    LATE,
    PHONES,
    ZONES,
    at,
    lender_of,
    loan_of,
    night,
    read,
    send,
)
from tests.home_night import feed_in
from tests.web.pages import born

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SELLER = "L1,1,seller,Harbor Bank"


@pytest.fixture(params=["cn", "us", "uk"])
def bought(request, tmp_path):
    """A loan of 1,500.00 that was bought from Harbor Bank, late since January, with a postal address since day 1."""
    with lender_of(request.param):
        loan_of(request.param, tmp_path / "feed", parties=[SELLER])
        yield request.param


def first_night() -> None:
    night(LATE)
    assert Loan.objects.get().bought_from == "Harbor Bank"
    ContactPoint.objects.create(
        borrower=Borrower.objects.get(),
        kind="address",
        value=ADDRESS,
        digest=digest_of("address", ADDRESS),
        lawful=True,
    )


def sent_texts(day: date) -> dict[str, str]:
    """What leaves on a day: by the text's name its words, of a letter as its paper says."""
    sent = send(at(day))
    names = dict(Contact.objects.values_list("contact_id", "template"))
    return {
        names[one.contact_id]: read(one.attachments[0].content) if one.attachments else one.body
        for one in sent
    }


def asking(day: date) -> set[str]:
    """The rules that refuse a letter which asks for the loan, on a day."""
    point = ContactPoint.objects.get(kind="address")
    wish = PlannedContact("letter", "collect", point=point.digest, loans=("L1",))
    (decision,) = preview("B1", [wish], at(day))
    return {refusal.rule for refusal in decision.refusals}


def test_a_bought_loan_is_asked_for_after_its_notice_of_assignment(bought, monkeypatch):
    first_night()
    rule = {"cn": "cn.assignment_notice", "us": "us.sold", "uk": "uk.assignment"}[bought]
    assert rule in asking(LATE + timedelta(days=1)), "before they are told, nothing is asked for"
    # the second night plans the notice, which is no wish to be paid
    night(LATE + timedelta(days=1))
    assert Treatment.objects.filter(template="bought_debt_notice").count() == 1
    said = sent_texts(LATE + timedelta(days=2))
    assert list(said) == ["bought_debt_notice"]
    words = "".join(said["bought_debt_notice"].split())
    assert "HarborBank" in words
    assert "L1" in words
    (notice,) = Notice.objects.all()
    assert (notice.kind, notice.loan_id) == ("assignment_notice", "L1")
    # it goes once, and what is owed may be asked for
    for days in (2, 3, 4):
        night(LATE + timedelta(days=days))
        assert "bought_debt_notice" not in sent_texts(LATE + timedelta(days=days + 1))
    assert rule not in asking(LATE + timedelta(days=5))
    # the borrower reads from whom it was bought
    now = at(LATE + timedelta(days=5))
    monkeypatch.setattr(web_clock, "now", lambda: now)
    client = Client(headers={"Accept-Language": "en"})
    token = link_for(Contact.objects.get(template="bought_debt_notice"), now).rsplit("/", 1)[1]
    assert client.post("/my/", {"token": token, **born("19900131")}).status_code == 302
    page = " ".join(client.get("/my/who").content.decode().split())
    assert "bought your loan …L1 from Harbor Bank" in page
    assert "/my/ask/dispute" in page


def test_a_notice_that_did_not_arrive_is_given_again_and_a_loan_bought_later_needs_its_own(bought, tmp_path):
    first_night()
    night(LATE + timedelta(days=1))
    assert list(sent_texts(LATE + timedelta(days=2))) == ["bought_debt_notice"]
    contact = Contact.objects.get(template="bought_debt_notice")
    with transaction.atomic():
        recall_notice(contact, at(LATE + timedelta(days=3)), actor="test", reason=Reason.of("sold"))
    assert desk_facts(at(LATE + timedelta(days=3)))["B1"]["assignment_untold"]
    assert "assignment_untold" not in desk_facts(at(LATE + timedelta(days=2), 20)).get("B1", {}), (
        "as known then"
    )
    Contact.objects.filter(pk=contact.pk).update(outcome="undelivered")
    night(LATE + timedelta(days=3))
    assert list(sent_texts(LATE + timedelta(days=4))) == ["bought_debt_notice"]
    assert "assignment_untold" not in desk_facts(at(LATE + timedelta(days=5))).get("B1", {})
    loan = Loan.objects.get()
    loan.pk = "L2"
    loan.save(force_insert=True)
    assert desk_facts(at(LATE + timedelta(days=5)))["B1"]["assignment_untold"]
    Loan.objects.update(sold_at=at(LATE + timedelta(days=5)))
    assert "assignment_untold" not in desk_facts(at(LATE + timedelta(days=6))).get("B1", {}), (
        "sold on: not ours to tell"
    )


def test_each_bought_loan_has_its_own_notice_whichever_is_later_paid(tmp_path):
    with lender_of("cn"):
        feed_in(
            tmp_path / "feed",
            loans=[f"{name},B1,cash,CNY,1500.00,2025-12-10,active" for name in ("L1", "L2")],
            instalments=["L1,1,2026-01-10,1500.00,0,0,0", "L2,1,2026-01-20,1500.00,0,0,0"],
            payments=[],
            borrowers=[f"B1,Ann Lee,{PHONES['cn']},,en,,{ZONES['cn']},1990-01-31,true"],
            parties=[SELLER, "L2,1,seller,Lake Bank"],
        )
        for days in range(4):
            night(LATE + timedelta(days=days))
            sent_texts(LATE + timedelta(days=days + 1))
        told = Contact.objects.filter(template="bought_debt_notice").order_by("queued_at")
        assert [each.loans for each in told] == [["L1"], ["L2"]], "one after the other, each once"
        assert set(Notice.objects.values_list("loan_id", flat=True)) == {"L1", "L2"}
