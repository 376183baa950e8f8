"""The one clock: a demo's time can be moved, a lender's never."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forbear.interchange.home import clock
from forbear.interchange.home.lender import Home, HomeError, make_home, open_home

NOON = datetime(2027, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def world(monkeypatch):
    """The world's time, which these tests let go by."""
    times = [NOON]
    monkeypatch.setattr(clock, "world", lambda: times[-1])
    return times


def home_at(folder: Path, *, made_up: bool) -> Home:
    make_home(folder, made_up=made_up)
    return open_home(folder)


def test_a_demos_time_is_moved_and_goes_on_from_there(tmp_path, world):
    demo = home_at(tmp_path / "demo", made_up=True)
    assert clock.now(demo) == NOON
    clock.move(demo, NOON + timedelta(days=40))
    world.append(NOON + timedelta(minutes=5))
    assert clock.now(demo) == NOON + timedelta(days=40, minutes=5)
    assert clock.ahead(demo) == timedelta(days=40)
    clock.move(demo, clock.now(demo) + timedelta(hours=1))
    assert clock.now(open_home(demo.folder)) == NOON + timedelta(days=40, hours=1, minutes=5)


def test_a_demo_may_begin_in_the_past_but_never_goes_back(tmp_path, world):
    demo = home_at(tmp_path / "demo", made_up=True)
    clock.move(demo, NOON - timedelta(days=3))
    assert clock.now(demo) == NOON - timedelta(days=3)
    with pytest.raises(AssertionError):
        clock.move(demo, NOON - timedelta(days=4))


def test_while_a_demo_is_closed_no_time_goes_by(tmp_path, world):
    demo = home_at(tmp_path / "demo", made_up=True)
    clock.move(demo, NOON + timedelta(hours=2))
    clock.stop(demo)
    world.append(NOON + timedelta(days=1))
    assert clock.now(demo) == NOON + timedelta(hours=2)
    clock.go_on(demo)
    world.append(NOON + timedelta(days=1, minutes=1))
    assert clock.now(demo) == NOON + timedelta(hours=2, minutes=1)
    clock.go_on(demo)
    assert clock.now(demo) == NOON + timedelta(hours=2, minutes=1), "it was running already"


@pytest.mark.parametrize("found", [{"ahead": 86_400.0}, {"stands": "2020-01-01T00:00:00+00:00"}])
def test_a_lenders_time_is_the_worlds_whatever_lies_in_its_folder(tmp_path, world, found):
    lender = home_at(tmp_path / "lender", made_up=False)
    path = lender.folder / clock.FILE
    path.write_text(json.dumps(found), encoding="utf-8")
    assert (clock.now(lender), clock.ahead(lender)) == (NOON, timedelta(0))
    clock.go_on(lender)
    assert json.loads(path.read_text(encoding="utf-8")) == found, "nor is the file touched"


def test_nobody_can_move_a_lenders_time(tmp_path, world):
    lender = home_at(tmp_path / "lender", made_up=False)
    for act in (lambda: clock.move(lender, NOON + timedelta(days=1)), lambda: clock.stop(lender)):
        with pytest.raises(HomeError, match="only a demo's can be moved"):
            act()
    assert not (lender.folder / clock.FILE).exists()
