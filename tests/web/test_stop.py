"""Goal: one click in an e-mail ends such e-mails, at once and for that person only."""

import pytest
from django.test import Client

from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.opt_outs import opt_out_url
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.core.facts.contact import PlannedContact
from forbear.store.models import Consent, Contact, ContactPoint
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def email() -> Contact:
    house_rules()
    borrower = make_borrower()
    digest = digest_of("email", "a@b.example")
    ContactPoint.objects.create(borrower=borrower, kind="email", value="a@b.example", digest=digest)
    planned = PlannedContact("email", "collect", point=digest, loans=("B1-L1",))
    return queue_contact(ContactDraft("B1", planned, body="您好,您有一期还款逾期。"), NOON, actor="test")


def path_of(contact: Contact) -> str:
    return "/" + opt_out_url(contact).split("/", 3)[3]


def test_every_email_carries_the_way_out_and_a_text_does_not(email):
    message = compose(email, email.borrower, NOON)
    assert message.unsubscribe_url == opt_out_url(email)
    assert "a@b.example" not in message.unsubscribe_url
    email.channel = "sms"
    assert compose(email, email.borrower, NOON).unsubscribe_url == ""


def test_looking_at_the_page_changes_nothing_and_the_button_ends_them(email):
    client = Client()
    assert client.get(path_of(email)).status_code == 200
    assert not Consent.objects.exists()
    answer = client.post(path_of(email), "List-Unsubscribe=One-Click", content_type="text/plain")
    assert answer.status_code == 200
    consent = Consent.objects.get()
    assert (consent.given, consent.channel, consent.point) == (False, "email", email.point_digest)
    email.refresh_from_db()
    assert email.state == "cancelled"


def test_pressed_twice_it_is_one_opt_out(email):
    client = Client()
    for _ in range(2):
        client.post(path_of(email))
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("token", ["x", "ImFiYyI:1abc:made-up", "%00"])
def test_a_made_up_address_is_not_found(token, email):
    assert Client().get(f"/stop/{token}").status_code in (400, 404)
    assert Client().post(path_of(email) + "x").status_code == 404
    assert not Consent.objects.exists()
