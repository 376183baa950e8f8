"""Delivery receipts in the forms that centres really write, of the standard's parameters and the vendors' texts."""

import json
from types import SimpleNamespace

import pytest

from forbear.channels.smpp.inbound import read_receipt, spellings
from forbear.channels.smpp.parts import encode
from tests.factories.messages import NOW

TEXT = "id:{id} sub:001 dlvrd:001 submit date:2611291200 done date:2611291201 stat:{stat} err:000 text:"


def receipt(text="", *, ref=b"", state=None, coding=0, octets=None, payload=None):
    packet = SimpleNamespace(
        short_message=text.encode("latin-1") if octets is None else octets,
        message_payload=payload,
        message_state=state,
        receipted_message_id=ref,
        data_coding=coding,
    )
    return read_receipt(packet, NOW, provider="carrier")


@pytest.mark.parametrize(
    ("told", "ref", "state"),
    [
        (receipt(TEXT.format(id="00000001", stat="DELIVRD")), "00000001", "delivered"),
        (receipt(TEXT.format(id="", stat="DELIVRD"), ref=b"00000002\0", state=2), "00000002", "delivered"),
        (receipt(TEXT.format(id="3", stat="MK:0001"), state=5), "3", "undelivered"),
        (receipt(TEXT.format(id="3", stat="MK:0001")), "3", "undelivered"),
        (receipt(octets=TEXT.format(id="4", stat="DELIVRD").encode("utf-16-be"), coding=8), "4", "delivered"),
        (receipt(octets=TEXT.format(id="4", stat="DELIVRD").encode("utf-16-be")), "4", "delivered"),
        (receipt(octets=TEXT.format(id="4", stat="DELIVRD").encode("utf-16-le")), "4", "delivered"),
        (receipt(TEXT.format(id="8", stat="REJECTED")), "8", "undelivered"),
        (receipt(TEXT.format(id="8", stat="delivered")), "8", "delivered"),
        (receipt(TEXT.format(id="text", stat="UNDELIV"), ref=b"tlv\0", state=2), "tlv", "delivered"),
        (receipt("", ref=b"9\0", state=8), "9", "undelivered"),
        (receipt(octets=b"", payload=TEXT.format(id="p", stat="EXPIRED").encode()), "p", "undelivered"),
        (receipt("ID: 77, SUB:001 Stat=UNDELIVERABLE Err=12"), "77", "undelivered"),
        (receipt("id:a-b_c;stat:DELETED"), "a-b_c", "undelivered"),
    ],
)
def test_a_receipt(told, ref, state):
    assert (told.provider_ref, told.state) == (ref, state)


@pytest.mark.parametrize(
    "told",
    [
        receipt(TEXT.format(id="", stat="DELIVRD")),
        receipt(TEXT.format(id="1", stat="ENROUTE"), state=1),
        receipt(TEXT.format(id="1", stat="UNKNOWN"), state=7),
        receipt(TEXT.format(id="1", stat="whatever")),
        receipt("hello"),
        receipt(""),
        receipt(octets=b"\xff" * 5000),
    ],
)
def test_what_says_nothing_final(told):
    assert told is None


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        ("1234567", "001234567"),
        ("00B8BE19", "B8BE19"),
        ("00b8be19", "B8BE19"),
        ("12107289", "B8BE19"),
        ("B8BE19", "12107289"),
        ("0000B8BE19", "12107289"),
        ("255", "ff"),
    ],
)
def test_identifiers_are_compared_as_numbers(answered, said):
    assert answered in spellings(said)


@pytest.mark.parametrize("ref", ["", "0", "x" * 65, "m-1", "９９", "f" * 64])
def test_any_identifier_has_some_spellings(ref):
    assert ref not in spellings(ref)
    assert len(spellings(ref)) < 60
    json.dumps(spellings(ref))


def test_our_own_texts_are_no_receipts():
    coding, (octets,) = encode("您好 id:1")
    assert receipt(octets=octets, coding=coding) is None
