"""Goal: a changed strategy's effect is told as core itself would decide it, and nothing is published."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from forbear.cli.main import group
from forbear.core.facts.borrower import facts_of
from forbear.core.strategy.parse import parse_strategy
from forbear.core.strategy.stage import decide, looks_ahead
from forbear.engine.columnar import connected
from forbear.insight.whatif import what_if
from forbear.interchange.book.book import open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.book.read import read_borrowers
from forbear.interchange.home.lender import make_home, open_home

DAY = date(2026, 3, 10)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("what-if") / "home"
    make_home(folder)
    generate_feed(folder / "feed", loans=600, seed=5, as_of=DAY, form="parquet", bad_rows=0)
    home = open_home(folder)
    import_feed(home.book, folder / "feed", quarantine=home.quarantine, threads=1)
    return home


@pytest.fixture(scope="module")
def changed(home):
    text = home.strategy.read_text(encoding="utf-8")
    wider = text.replace("days_past_due between 4 and 29", "days_past_due between 2 and 29")
    wider = wider.replace("days_past_due between 1 and 3", "days_past_due = 1")
    assert wider != text
    path = home.folder / "changed.yaml"
    path.write_text(wider, encoding="utf-8")
    return path


def by_core(home, text: str) -> dict[str, tuple[str, frozenset[tuple[str, str]]]]:
    """Each borrower's stage and treatments on the day, one at a time."""
    book = open_book(home.book)
    products, strategy, found = book.products(), parse_strategy(text, "x"), {}
    with connected() as engine:
        records = [record for part in range(book.partitions) for record in read_borrowers(engine, book, part)]
    for record in records:
        facts = facts_of(
            record.borrower, record.loans, products, DAY, lookahead=looks_ahead(strategy), feed_doubt=record.feed_doubt
        )  # fmt: skip
        if facts is not None:
            decision = decide(strategy, facts)
            planned = frozenset((each.channel, each.template) for each in decision.treatments)
            found[record.borrower.borrower_id] = (decision.stage, planned)
    return found


def test_the_same_strategy_changes_nothing(home):
    found = what_if(home, open_book(home.book), home.strategy, DAY, DAY)
    assert (found.otherwise, found.stages, found.examples) == (0, [], [])
    assert found.borrowers > 20
    assert all(count.before == count.after > 0 for count in found.treatments)


def test_what_differs_is_what_core_decides_otherwise(home, changed):
    found = what_if(home, open_book(home.book), changed, DAY, DAY)
    before = by_core(home, home.strategy.read_text(encoding="utf-8"))
    after = by_core(home, changed.read_text(encoding="utf-8"))
    none = ("", frozenset())
    everybody = before.keys() | after.keys()
    otherwise = {name for name in everybody if before.get(name, none) != after.get(name, none)}
    assert found.otherwise == len(otherwise) > 0
    assert set(found.examples) <= otherwise
    moved = [name for name in everybody if before.get(name, none)[0] != after.get(name, none)[0]]
    assert sum(change.borrowers for change in found.stages) == len(moved)
    for count in found.treatments:
        key = (count.channel, count.template)
        assert count.before == sum(key in planned for _, planned in before.values())
        assert count.after == sum(key in planned for _, planned in after.values())


def test_to_plan_nothing_is_a_difference_and_needs_no_permit(home):
    text = home.strategy.read_text(encoding="utf-8")
    path = home.folder / "silent.yaml"
    path.write_text(
        "holdout: {share: 0.5, salt: kept, ends: {day: 90}}\n"
        + text.replace("sms: overdue_reminder}", "nothing: breather}"),
        encoding="utf-8",
    )
    found = what_if(home, open_book(home.book), path, DAY, DAY)
    planned = {(each.channel, each.template): (each.before, each.after) for each in found.treatments}
    assert planned["nothing", "holdout"][1] > 0
    assert all(each.channel != "nothing" for each in found.refused_after)


def test_nothing_is_published(home, changed):
    what_if(home, open_book(home.book), changed, DAY, DAY)
    assert list(home.nights.iterdir()) == []


def test_the_command_tells_it_to_people_and_programs(home, changed):
    asked = ["what-if", str(changed), "--from", str(DAY), "--to", str(DAY), "--home", str(home.folder)]
    shown = CliRunner().invoke(group, asked, catch_exceptions=False)
    assert "borrowers would be treated otherwise" in shown.output
    told = json.loads(CliRunner().invoke(group, [*asked, "--json"], catch_exceptions=False).stdout)
    assert told["otherwise"] > 0
    assert told["from_day"] == str(DAY)
