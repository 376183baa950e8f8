"""What attacks over the network: pages of others, made-up values, slow senders, floods, the same form many times.

Each notes what should not have been: a row of somebody else, a page without its permission, an error of ours.
"""

import asyncio
import json
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

#: Borrowers and loans of the demo, as pages write them.
_NAMED = re.compile(r"\b[BL][0-9]{9}\b")
_PART = re.compile(r"<(?:(\w+):)?(\w+)>")
_NASTY = (
    "", "0", "-1", "1", "99999999999999999999", "1e309", "NaN", "\x00", "a\x00b", "' or 1=1 --", "%s%n", "{{7*7}}",
    "<script>x</script>", "=cmd()", "../../etc/passwd", "٣", "１２", "😀",
    "0001-01-01", "9999-12-31", "2026-02-30", "x" * 5000, "\u202e", "[]", "{}", "null", "true", "on", "sms", "zh",
)  # fmt: skip
#: Pages that end an attacker's session, or move the demo's time, for all of the attack.
_NOT_ASKED = ("sign-out", "my/out", "demo/")
#: Nothing is sent there: it would lock the attackers out.
_NOT_SENT = (*_NOT_ASKED, "administration/people/", "own/", "i18n")
#: The one error that is an answer: the service says that it is busy or away, and when to try again.
_AWAY = 503


def _without_cookies() -> CookieJar:
    """Cookies are each attacker's own, so none that an answer sets is kept for the next."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


class Forms(HTMLParser):
    """The forms of a page with the values that stand in them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or a field stands in one."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = given.get("method", "").lower() == "post"
            if self._open:
                self.forms.append((given.get("action", ""), {}))
        elif self._open and tag in ("input", "select", "textarea", "button") and given.get("name"):
            self.forms[-1][1].setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """A form ends."""
        self._open = self._open and tag != "form"


@dataclass(slots=True)
class Attack:
    """Who attacks what until when, and what was found. `away` is true while the service is killed and starts again."""

    port: int
    ready: dict
    until: float
    seed: int
    away: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    def note(self, what: str) -> None:
        """Something that should not have been."""
        self.found[what] += 1

    def goes_on(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.until

    def filled(self, path: str, chance: random.Random, nasty: float = 0.05) -> str:
        """An address with keys of real rows in it, and with what is none now and then."""

        def one(match: re.Match[str]) -> str:
            keys = self.ready["keys"].get(match[2]) or ()
            if keys and chance.random() > nasty:
                return str(chance.choice(keys))
            if match[1] == "int" and chance.random() > nasty:
                return str(chance.choice((0, 1, 2, 3, 7, 2**31, 2**63, 10**25)))
            return httpx.URL("/", params={"v": chance.choice(_NASTY)}).query.decode()[2:] or "x"

        return "/" + _PART.sub(one, path)


async def attack(attack: Attack, walkers: int) -> None:
    """All of them until the time is over."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=1.0)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{attack.port}", timeout=60.0, limits=limits, cookies=_without_cookies()
    ) as client:
        await asyncio.gather(
            *(_walk(attack, client, number) for number in range(walkers)),
            *(_race(attack, client, number) for number in range(2)),
            _flood(attack, client),
            *(_slow(attack, number) for number in range(12)),
        )


async def ask(
    attack: Attack,
    client: httpx.AsyncClient,
    actor: dict,
    kind: str,
    method: str,
    address: str,
    **more: Any,
) -> httpx.Response | None:
    """One request; what is wrong with its answer is noted. None where there was none."""
    chance = random.Random(f"{actor['name']}{address}")
    headers = {
        "Host": "localhost",
        "X-Forwarded-For": f"10.{chance.randrange(2, 250)}.{chance.randrange(250)}.{chance.randrange(1, 250)}",
        "Accept-Language": chance.choice(("zh-CN", "en")),
        **actor["headers"],
        **more.pop("headers", {}),
    }
    attack.asked[kind] += 1
    try:
        answer = await client.request(method, address, headers=headers, **more)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.LocalProtocolError):
            attack.asked["without an answer while it was away" if attack.away else "without an answer"] += 1
        return None
    attack.asked[str(answer.status_code)] += 1
    place = re.sub(r"[0-9]{2,}|[0-9a-f]{12,}", "#", address.split("?")[0])[:120]
    if answer.status_code >= 500 and answer.status_code != _AWAY:
        attack.note(f"{answer.status_code}: {actor['name']} {method} {place}")
    if answer.headers.get("content-type", "").startswith(("text/", "application/json")) and kind != "fuzz":
        _look(attack, actor, method, place, address, answer.text)
    return answer


def _look(attack: Attack, actor: dict, method: str, place: str, address: str, text: str) -> None:
    """Whether the answer names somebody whom this attacker may not see; what was asked for is said back."""
    sees, owner = set(actor["sees"]), attack.ready["owner"]
    named = {name for name in _NAMED.findall(text) if name not in address}
    if others := {name for name in named if owner.get(name, name) not in sees}:
        attack.note(f"row: {actor['name']} {method} {place}: {len(others)} of others")


async def _walk(attack: Attack, client: httpx.AsyncClient, number: int) -> None:
    """Each attacker at each address with each kind of key, in an order by chance; forms found are sent, changed."""
    chance = random.Random(f"{attack.seed}-{number}")
    while attack.goes_on():
        actor = chance.choice(attack.ready["actors"])
        path, permission = chance.choice(attack.ready["addresses"])
        if path.startswith(_NOT_ASKED):
            continue
        address = attack.filled(path, chance)
        if chance.random() < 0.3:
            address += "?" + str(
                httpx.QueryParams(
                    {name: chance.choice(_NASTY) for name in ("page", "sort", "q", "day", "from", "kind")}
                )
            )
        answer = await ask(attack, client, actor, "page", "GET", address)
        if answer is None:
            await asyncio.sleep(0.2)
            continue
        if permission and permission not in actor["pages"] and answer.status_code == 200:
            attack.note(f"page: {actor['name']} /{path}")
        if answer.status_code == 200 and "text/html" in answer.headers.get("content-type", ""):
            await _send_form(attack, client, actor, str(answer.url.path), answer.text, chance)
        elif chance.random() < 0.3 and not path.startswith(_NOT_SENT):
            await _send_made_up(attack, client, actor, address, permission, chance)


async def _send_form(
    attack: Attack, client: httpx.AsyncClient, actor: dict, page: str, text: str, chance: random.Random
) -> None:
    """One of the page's forms, with some fields changed into what nobody types."""
    reader = Forms()
    reader.feed(text)
    forms = [each for each in reader.forms if not each[0].strip("/").startswith(_NOT_SENT)]
    if not forms:
        return
    action, fields = chance.choice(forms)
    changed = {
        name: chance.choice(_NASTY)
        if chance.random() < 0.3 and name not in ("csrfmiddlewaretoken", "form_token")
        else value
        for name, value in fields.items()
    }
    target = action or page
    if target.startswith("/"):
        await ask(attack, client, actor, "form", "POST", target, data=changed, headers=_proof(actor, changed))


def _proof(actor: dict, fields: dict[str, str]) -> dict[str, str]:
    """The cookie that belongs to a form's proof of origin."""
    token = fields.get("csrfmiddlewaretoken", "")
    return (
        {"Cookie": f"{actor['headers'].get('Cookie', '')}; csrftoken={token}".lstrip("; ")} if token else {}
    )


async def _send_made_up(
    attack: Attack,
    client: httpx.AsyncClient,
    actor: dict,
    address: str,
    permission: str,
    chance: random.Random,
) -> None:
    """What no page of ours sends: other methods, JSON of any shape, fields by guess, with a proof of its own."""
    proof = "a" * 32
    cookie = f"{actor['headers'].get('Cookie', '')}; csrftoken={proof}".lstrip("; ")
    headers = {"Cookie": cookie, "X-CSRFToken": proof}
    made_up = {
        name: chance.choice(_NASTY)
        for name in (
            "note",
            "reason",
            "amount",
            "day",
            "loans",
            "loan_id",
            "borrower_id",
            "channel",
            "kind",
            "state",
        )
    }
    bodies: tuple[dict[str, Any], ...] = (
        {"data": made_up},
        {"json": made_up},
        {"json": [made_up, None, 1e300]},
        {
            "content": json.dumps(made_up)[: chance.randrange(40)].encode(),
            "headers": {"Content-Type": "application/json"},
        },
        {
            "files": {
                "file": (
                    "a\x00.pdf",
                    b"%PDF-1" + bytes(chance.randrange(256) for _ in range(200)),
                    "application/pdf",
                )
            }
        },
    )
    body = dict(chance.choice(bodies))
    headers |= body.pop("headers", {})
    method = chance.choice(("POST", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"))
    answer = await ask(attack, client, actor, "fuzz", method, address, headers=headers, **body)
    if answer is None or method in ("OPTIONS", "HEAD") or not permission or permission in actor["pages"]:
        return
    if answer.status_code in (200, 201, 202, 204):
        attack.note(f"act: {actor['name']} {method} {address.split('?')[0]}")


async def _race(attack: Attack, client: httpx.AsyncClient, number: int) -> None:
    """The same form of a case eight times at once, and one request of a program under one key eight times."""
    chance = random.Random(f"race-{attack.seed}-{number}")
    staff = [
        each for each in attack.ready["actors"] if each["name"].startswith(("collector", "lead", "agency"))
    ]
    program = next(each for each in attack.ready["actors"] if each["name"] == "program lender")
    while attack.goes_on():
        actor, borrower = chance.choice(staff), chance.choice(attack.ready["keys"]["borrower_id"])
        answer = await ask(attack, client, actor, "race", "GET", f"/desk/case/{borrower}/")
        if answer is not None and answer.status_code == 200:
            reader = Forms()
            reader.feed(answer.text)
            action, fields = chance.choice(reader.forms or [("", {})])
            if action.startswith("/") and not action.strip("/").startswith(_NOT_SENT):
                proof = _proof(actor, fields)
                await asyncio.gather(
                    *(
                        ask(attack, client, actor, "race", "POST", action, data=fields, headers=proof)
                        for _ in range(8)
                    )
                )
        key = f"race-{chance.randrange(10**9)}"
        loan = chance.choice(sorted(attack.ready["owner"]))
        paid = {"payment_id": key, "loan_id": loan, "paid_on": "2026-11-30", "amount": 100}
        once = {"Idempotency-Key": key}
        answers = await asyncio.gather(
            *(
                ask(attack, client, program, "race", "POST", "/api/v1/payments", json=paid, headers=once)
                for _ in range(8)
            )
        )
        if len({each.text for each in answers if each is not None and each.status_code < 300}) > 1:
            attack.note("race: one payment was answered in two ways")
        await asyncio.sleep(1)


async def _flood(attack: Attack, client: httpx.AsyncClient) -> None:
    """Bursts of addresses that are not there and of guessed passwords and links."""
    chance = random.Random(f"flood-{attack.seed}")
    nobody = attack.ready["actors"][0]
    while attack.goes_on():
        await asyncio.gather(
            *(
                ask(attack, client, nobody, "flood", "GET", f"/wp-{chance.randrange(10**6)}.php")
                for _ in range(60)
            )
        )
        form = {"username": "lin", "password": "x", "csrfmiddlewaretoken": "a" * 32}
        proof = {"Cookie": "csrftoken=" + "a" * 32}
        await asyncio.gather(
            *(
                ask(
                    attack,
                    client,
                    nobody,
                    "flood",
                    "POST",
                    "/sign-in",
                    data=form | {"username": f"guess{n}"},
                    headers=proof,
                )
                for n in range(10)
            )
        )
        await asyncio.sleep(5)


async def _slow(attack: Attack, number: int) -> None:
    """A head or a body that comes a byte a second, until the service cuts it off."""
    while attack.goes_on():
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", attack.port), 5)
            attack.asked["slow"] += 1
            begin = (
                b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
                if number % 2
                else b"GET / HTTP/1.1\r\n"
            )
            writer.write(begin)
            while attack.goes_on():
                await asyncio.sleep(1)
                writer.write(b"X")
                await writer.drain()
        except (OSError, TimeoutError):
            await asyncio.sleep(1)
