"""Goal: a sale passport shows where each debt comes from, and whatever was changed in it is found."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.evidence.bundle import Part, part
from forbear.core.evidence.log import key_hex
from forbear.core.sales.sale_file import (
    DOCUMENTS,
    LOANS,
    STATEMENT,
    SoldLoan,
    Title,
    is_sale_file,
    passport,
    verify_sale,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SELLER, BUYER, DAY = "丰禾消费金融", "瑞安资产", "2026-03-31"
CHAIN = (Title(SELLER, "2024-05-01", "originated"), Title(BUYER, DAY, "assigned"))


class Files:
    """A passport in memory."""

    def __init__(self, parts: list[Part]) -> None:
        self.content = {one.name: b"".join(one.chunks()) for one in parts}

    def names(self) -> list[str]:
        return list(self.content)

    def chunks(self, name: str) -> Iterator[bytes]:
        yield self.content[name]


def document(content: bytes) -> Part:
    return part(DOCUMENTS + hashlib.sha256(content).hexdigest(), content, "application/json")


LEDGERS = [document(b'{"loan":1}'), document(b'{"loan":2}')]
BUNDLE = document(b"a bundle")


def sold(number: int, **more: object) -> SoldLoan:
    documents = {"ledger": LEDGERS[number - 1].name[-64:], "evidence": BUNDLE.name[-64:]}
    made = SoldLoan(
        f"L{number}", "B1", "cash", "CNY", 500_000, 120_000 * number, 400, "2024-05-01", "2025-02-01", "", DAY, "",
        CHAIN, documents,
    )  # fmt: skip
    return replace(made, **more)


def made(*loans: SoldLoan) -> Files:
    return Files(passport(SELLER, BUYER, "S1", DAY, f"{DAY}T01:02:03Z", loans, [*LEDGERS, BUNDLE], KEY))


def flaws(files: Files, *pinned: str) -> list[str]:
    return [str(flaw) for flaw in verify_sale(files, pinned).flaws]


def test_a_whole_one_is_sound():
    files = made(sold(2), sold(1))
    verdict = verify_sale(files, (key_hex(KEY.public_key()),))
    assert (verdict.sound, verdict.flaws) == (True, [])
    assert (verdict.loans, verdict.totals, verdict.documents) == (2, {"CNY": 360_000}, 3)
    assert (verdict.seller, verdict.buyer) == (SELLER, BUYER)
    assert verdict.bundles == {"B1": BUNDLE.name[-64:]}
    assert is_sale_file(files)
    assert files.content == made(sold(1), sold(2)).content, "equal sales give equal bytes"


def test_another_key_is_told():
    assert "not with the key given" in flaws(made(sold(1), sold(2)), "0" * 64)[0]


@pytest.mark.parametrize(
    ("chain", "what"),
    [
        (CHAIN[:1], "no chain of title"),
        ((Title(SELLER, "2024-05-01", "assigned"), CHAIN[1]), "begin where the money was lent"),
        ((Title(SELLER, "2026-05-01", "originated"), CHAIN[1]), "goes back in time"),
        ((CHAIN[0], Title("somebody else", DAY, "assigned")), "does not end with this sale"),
        ((Title("somebody", "2024-05-01", "originated"), CHAIN[1]), "does not end with this sale"),
    ],
)
def test_a_broken_chain_is_told_though_it_was_signed(chain, what):
    assert any(what in flaw for flaw in flaws(made(sold(1, title=chain), sold(2))))


def test_a_debt_that_was_sold_twice_has_a_longer_chain():
    chain = (
        Title("first bank", "2020-01-01", "originated"),
        Title(SELLER, "2024-05-01", "assigned"),
        CHAIN[1],
    )
    assert flaws(made(sold(1, title=chain), sold(2))) == []


def test_a_loan_without_its_documents_and_a_document_without_a_loan_are_told():
    found = flaws(made(sold(1)))
    assert found == [f"{LEDGERS[1].name}: belongs to no loan"]
    assert any("(ledger) that is not there" in flaw for flaw in flaws(made(sold(1, documents={}), sold(2))))


def test_more_loans_than_were_stated_are_told():
    files = made(sold(1), sold(2))
    files.content[LOANS] = files.content[LOANS] + sold(1, loan_id="L3").line() + b"\n"
    found = flaws(files)
    assert f"{LOANS}: is not the file that was signed" in found
    assert any("other loans or sums" in flaw for flaw in found)


@pytest.mark.parametrize(
    "name", [STATEMENT, LOANS, "sale.sig", "seller.pub.pem", "README.txt", LEDGERS[0].name]
)
def test_what_is_taken_away_is_missed(name):
    files = made(sold(1), sold(2))
    if name == STATEMENT:
        assert not is_sale_file(Files([]))
        return
    del files.content[name]
    assert flaws(files)


@given(st.data())
def test_no_byte_can_be_changed_unnoticed(data):
    files = made(sold(1), sold(2))
    name = data.draw(st.sampled_from(sorted(files.content)))
    content = bytearray(files.content[name])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    files.content[name] = bytes(content)
    assert not verify_sale(files).sound


@given(
    st.recursive(
        st.none() | st.text() | st.integers(-9, 9),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_nonsense_is_refused_and_nothing_breaks(told):
    files = made(sold(1), sold(2))
    files.content[STATEMENT] = json.dumps(told).encode() + b"\n"
    assert not verify_sale(files).sound
