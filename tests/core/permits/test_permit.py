"""A permit opens one contact until it runs out, and says what the lender signed and nothing else."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forbear.core.permits.permit import Permit, genuine, holds, moment_text, read_permit, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ISSUED = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SIGNED = sign(
    Permit(
        permit_id="p1",
        contact_id="c1",
        borrower_id="B1",
        channel="sms",
        purpose="collect",
        party="debtor",
        point="digest of the number",
        content="digest of the text",
        agency="",
        packs=("cn@0123456789ab",),
        facts="digest of the facts",
        issued_at=moment_text(ISSUED),
        expires_at=moment_text(ISSUED + 60 * SECOND),
        key_id="k1",
    ),
    KEY,
)


@pytest.mark.parametrize(
    ("after", "open_then"), [(-1, False), (0, True), (59, True), (60, False), (61, False)], ids=str
)
def test_it_holds_from_its_second_until_before_its_last(after, open_then):
    assert holds(SIGNED, KEY.public_key(), ISSUED + after * SECOND) is open_then


@pytest.mark.parametrize("name", [field.name for field in fields(Permit) if field.name != "signature"])
def test_no_field_can_be_changed_after_it_was_signed(name):
    other = ("us@ba9876543210",) if name == "packs" else "another"
    changed = replace(SIGNED, **{name: other})
    assert not genuine(changed, KEY.public_key())
    assert genuine(SIGNED, KEY.public_key())


def test_another_key_did_not_sign_it():
    assert not genuine(SIGNED, Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key())
    assert not genuine(replace(SIGNED, signature="no base64"), KEY.public_key())


def test_it_comes_back_from_json_and_half_of_one_does_not():
    told = SIGNED.as_dict()
    assert read_permit(told) == SIGNED
    for broken in ({}, told | {"more": "x"}, told | {"packs": "cn"}, told | {"point": 1}, [], None):
        with pytest.raises(ValueError, match="this is no permit"):
            read_permit(broken)
