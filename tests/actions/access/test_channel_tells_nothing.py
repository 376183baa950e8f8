"""The fact that opens a borrower's pages is never one that the message's own way shows to the one who got it."""

import pytest

from forbear.actions.access.portal_access import _WENT_TO, Fact, enter, link_for
from forbear.store.models import Contact, ContactPoint
from tests.factories.desk import NOON, PHONE, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.mark.parametrize("channel", sorted([*_WENT_TO, "unheard-of"]))
def test_what_the_channel_shows_opens_nothing(channel):
    """A recycled number, a relative, an employer's telephone: each knows the number that it was sent to."""
    house_rules()
    borrower = make_borrower()
    contact = wished(borrower)
    Contact.objects.filter(pk=contact.pk).update(channel=channel)
    contact.refresh_from_db()
    token = link_for(contact, NOON).rsplit("/", 1)[1]
    opened = enter(token, Fact(ending=PHONE[-4:]), NOON) is not None
    assert opened == (channel in ("email", "push", "letter")), "only where the way shows no number"
    assert enter(token, Fact(), NOON) is None


def test_without_any_fact_on_file_no_link_opens():
    house_rules()
    borrower = make_borrower()
    contact = wished(borrower)
    token = link_for(contact, NOON).rsplit("/", 1)[1]
    ContactPoint.objects.filter(borrower=borrower).update(kind="email", value="a@b.example")
    for fact in (Fact(), Fact(ending=""), Fact(ending=PHONE[-4:])):
        assert enter(token, fact, NOON) is None
