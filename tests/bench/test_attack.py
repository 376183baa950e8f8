"""Goal: the attack notices what should not have been, and a small one on a made-up lender finds nothing."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from forbear.bench.attack import measure
from forbear.bench.attackers import Attack, Forms, ask

READY = {
    "owner": {"L000000001": "B000000001", "L000000002": "B000000002"},
    "keys": {"borrower_id": ["B000000001"]},
}
ONE = {"name": "borrower one", "headers": {"Cookie": "s=1"}, "sees": ["B000000001"], "pages": []}


def asked(status: int, body: str, address: str = "/my/owe") -> Attack:
    """The attack after one page was asked for, which answered so."""
    state = Attack(0, READY, time.monotonic() + 60, 1)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, html=body)

    async def once() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://t") as client:
            await ask(state, client, ONE, "page", "GET", address)

    # another test's browser may have left a loop running in this thread
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, once()).result()
    return state


@pytest.mark.parametrize(
    ("status", "body", "address", "found"),
    [
        (200, "your loan L000000001", "/my/owe", []),
        (200, "a loan L000000002", "/my/owe", ["row: borrower one GET /my/owe: 1 of others"]),
        (200, "of B000000002", "/my/owe", ["row: borrower one GET /my/owe: 1 of others"]),
        (404, "there is no L000000002", "/my/owe?loan=L000000002", []),
        (500, "", "/my/owe", ["500: borrower one GET /my/owe"]),
        (502, "", "/my/pay/123456", ["502: borrower one GET /my/pay/#"]),
        (503, "busy", "/my/owe", []),
    ],
)
def test_what_should_not_have_been_is_noted(status, body, address, found):
    assert list(asked(status, body, address).found) == found


def test_forms_are_read_with_what_stands_in_them():
    reader = Forms()
    reader.feed(
        '<form method="get"><input name="q"></form><form method="post" action="/x"><input name="a" value="1">'
        '<select name="b"></select><button name="c" value="2"></button></form><input name="outside">'
    )
    assert reader.forms == [("/x", {"a": "1", "b": "", "c": "2"})]


@pytest.mark.long
@pytest.mark.process
@pytest.mark.database
def test_a_small_attack_finds_nothing():
    outcome = measure(0.7, 4, 200, 1)
    assert outcome["found"] == {}
    assert (outcome["twice"], outcome["flaws"]) == ([], [])
    assert outcome["kills"] >= 1
    assert outcome["sends"] > 0
    assert outcome["asked"]["page"] > 100
