"""What the measurement of the desk does with tables: fills a desk, visits its pages, brings a night to it."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.urls import resolve

from forbear.actions.contacts.next_case import next_case
from forbear.core.facts.vocabulary import facts_known
from forbear.core.search.terms import digests, name_terms, number_terms, phone_terms
from forbear.interchange.book.book import open_book
from forbear.interchange.home.keys import point_keys
from forbear.interchange.home.lender import open_home
from forbear.night.run import open_night
from forbear.publish.publish import publish
from forbear.store.bulk import fill
from forbear.store.models import Borrower, Case, ContactPoint, Conversation, PublishedNight, Staff
from forbear.store.sealed_field import Sealed
from forbear.store.sql_value import SqlValue

COLLECTORS = 50
#: Names that people share: each of 30,000, so that a common one is that of dozens.
_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红鑫斌波宁"
#: What a text that a night plans is.
_TEXT_FLAGS = (*("automated", "own_line", "discloses_debt", "states_identity", "offers_opt_out", "recorded"),)
#: Page: (who looks at it, its address; {n} is a borrower's number).
PAGES = {
    "queue": ("lead", "/desk/"),
    "case": ("lead", "/desk/case/B{n}/"),
    "approvals": ("lead", "/desk/approvals"),
    "requests": ("lead", "/desk/requests"),
    "floor": ("lead", "/desk/floor"),
    "unknown": ("lead", "/desk/outbox"),
    "dashboard": ("manager", "/desk/dashboard"),
    "figure": ("manager", "/desk/kpi/rpc"),
    "refusals": ("compliance", "/desk/refusals"),
    "rules": ("compliance", "/desk/rules"),
}
#: What the lead types into the search; of the same borrower's name, telephone and loan.
SEARCHES = {
    "search: name": "{name}",
    "search: name, digits": "{name} {last}",
    "search: digits": "{last}",
    "search: telephone": "{phone}",
    "search: loan": "L{n}",
}
#: These find more people than a page shows.
COMMON = ("search: name", "search: digits")


def fill_desk(cases: int, each: int = 15) -> None:
    """Open cases with a loan, a number, a planned call and some history each, as after some weeks of work.

    One in `each` has a text that waits.
    """
    now = datetime.now(UTC)
    facts = {fact.name: fact.default for fact in facts_known({"night"})}
    facts |= {
        "days_past_due": 12,
        "past_due_amount": 41_200,
        "total_past_due": 41_200,
        "outstanding": 300_000,
    }
    adapt = connection.ops.adapt_datetimefield_value
    values: dict[str, SqlValue] = {
        "cases": cases,
        # two in the afternoon somewhere: rules that read the clock have no say
        "zones": f'["Etc/GMT{now.hour - 14:+d}"]',
        "facts": connection.ops.adapt_json_value(facts, None),
        "now": adapt(now),
        "today": str(now.date()),
        "yesterday": adapt(now - timedelta(days=1)),
        "name": _sealed(Borrower, "name", "王小明"),
        "number": _sealed(ContactPoint, "value", "+8610100000001"),
        "note": _sealed(Conversation, "note", "月底发工资"),
        "weeks": adapt(now - timedelta(days=20)),
        "tomorrow": adapt(now + timedelta(days=1)),
        "planned": connection.ops.adapt_json_value(dict.fromkeys(_TEXT_FLAGS, True), None),
        "each": each,
    }
    text = files("forbear.bench").joinpath("desk_fill.sql").read_text("utf-8")
    text = text.replace("{json}", "jsonb" if connection.vendor == "postgresql" else "text")
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in text.split(";"):
            if bare := "\n".join(
                line for line in statement.splitlines() if not line.startswith("--")
            ).strip():
                cursor.execute(bare, {name: value for name, value in values.items() if f"%({name})s" in bare})
    with transaction.atomic():
        fill("store_searchterm", ("borrower_id", "term", "source"), _search_rows(cases))
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if connection.vendor == "postgresql" else "analyze")
    PublishedNight.objects.update_or_create(
        as_of=now.date(), defaults={"version": "bench", "published_at": now, "counts": {"open_cases": cases}}
    )
    for number in range(COLLECTORS):
        _person(f"c{number}", "collector")
    for role in {role for role, _ in PAGES.values()}:
        _person(role, role)


def _sealed(model: type[Model], name: str, value: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, Sealed), name
    return str(field.get_prep_value(value))


def _searched(number: int) -> dict[str, str]:
    """What the borrower of this number is searched for by."""
    family, first, second = number % 30, number // 30 % 31, number // 930 % 31
    phone = str(100_000_000 + number)
    return {
        "n": str(number),
        "name": f"{_FAMILY[family]}{_GIVEN[first]}{_GIVEN[second]}",
        "phone": f"010{phone}",
        "last": phone[-4:],
    }


def _search_rows(cases: int) -> Iterator[tuple[str, str, str]]:
    """The digests that a night writes of each borrower: of the name, the telephone's digits, the number of an ID."""
    key = point_keys(settings.HOME)
    for number in range(1, cases + 1):
        searched = _searched(number)
        terms = (
            name_terms(searched["name"])
            | phone_terms(f"+86{searched['phone'][1:]}")
            | number_terms("id", f"11010119900101{number % 10_000:04}")
        )
        for term in digests(terms, key):
            yield f"B{number}", term, "feed"


def _person(name: str, role: str) -> Staff:
    return Staff.objects.create(username=name, role=role, number=name[:16], password="!")


def visit_all(cases: int, visits: int) -> dict[str, dict]:
    """Milliseconds and queries of the next case and of every page."""
    resolve("/desk/")  # as `forbear serve` has read its addresses before anybody asks
    chance = random.Random(1)
    people = list(Staff.objects.filter(role="collector"))
    pages = {"next case": measured(lambda turn: _take(people[turn % len(people)]), visits)}
    for name, (role, address) in PAGES.items():
        client = _signed_in(role)

        def visit(turn: int, client: Client = client, address: str = address) -> None:
            response = client.get(address.format(**_searched(chance.randrange(1, cases + 1))))
            assert response.status_code == 200, f"{address}: {response.status_code}"

        pages[name] = measured(visit, visits)
    client = _signed_in("lead")
    for name, typed in SEARCHES.items():

        def search(turn: int, typed: str = typed, many: bool = name in COMMON) -> None:
            one = _searched(chance.randrange(1, cases + 1))
            response = client.post("/desk/search", {"words": typed.format(**one)})
            assert many or f"/desk/search/B{one['n']}/open" in response.text, f"{typed}: not found"

        pages[name] = measured(search, visits)
    return pages


def _signed_in(role: str) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(Staff.objects.get(username=role), "django.contrib.auth.backends.ModelBackend")
    return client


def _take(person: Staff) -> None:
    """What a collector does all day: the case in hand is done, the next one is asked for."""
    now = datetime.now(UTC)
    Case.objects.filter(collector=person, leased_until__gt=now).update(
        leased_until=None, next_at=now + timedelta(days=1)
    )
    assert next_case(person, now) is not None, "there are cases"


def measured(act: Callable[[int], None], times: int) -> dict:
    """Milliseconds of the first turn and of all but a few to warm up, and the fewest and most queries of one."""
    spent, counts, first = [], [], 0.0
    for turn in range(times + 3):
        queries = Counter[str]()
        with connection.execute_wrapper(
            lambda run, *query, seen=queries: (seen.update(["asked"]), run(*query))[1]
        ):
            before = time.perf_counter()
            act(turn)
            took = time.perf_counter() - before
        if turn == 0:
            first = took * 1000
        if turn >= 3:
            spent.append(took * 1000)
            counts.append(queries.total())
    spent.sort()
    return {
        "first": first,
        "median": spent[len(spent) // 2],
        "p95": spent[int(len(spent) * 0.95)],
        "p99": spent[int(len(spent) * 0.99)],
        "queries": [min(counts), max(counts)],
    }


def bring(folder: Path, day: date) -> dict:
    """Bring a decided night to the desk; seconds in all and by step."""
    home = open_home(folder)
    night = open_night(home.nights, day)
    assert night is not None, "the nights were decided beforehand"
    steps: list[tuple[str, float]] = []
    started = time.perf_counter()
    done = publish(
        night,
        open_book(home.book),
        datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=20),
        progress=lambda step, *_: steps.append((step, time.perf_counter())),
    )
    ended = time.perf_counter()
    assert done is not None, "the desk is new"
    ends = [at for _, at in steps[1:]] + [ended]
    return {
        "as_of": str(day),
        "opened": done.opened,
        "moved": done.moved,
        "closed": done.closed,
        "open": done.open_cases,
        "spent": ended - started,
        "steps": {name: end - at for (name, at), end in zip(steps, ends, strict=True)},
    }
