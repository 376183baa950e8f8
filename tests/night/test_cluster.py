"""Goal: a night on a cluster that loses a node is the night of one machine, byte for byte.

Method: a real Ray cluster of three node processes on this machine (a head without cores, two workers with one
each); one worker is killed, without a word, as soon as the first partition is decided.
"""

from datetime import date
from pathlib import Path

import pytest

from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.lender import make_home, open_home
from forbear.night.cluster import decide_on
from forbear.night.run import Night, plan_night, run_night

DAY = date(2026, 3, 31)
PARTS = 12


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    root = tmp_path_factory.mktemp("lender")
    generate_feed(root / "feed", loans=3_000, seed=5, as_of=DAY)
    import_feed(root / "book", root / "feed", quarantine=root / "quarantine", partitions=PARTS)
    return open_book(root / "book")


@pytest.fixture
def cluster():
    from ray.cluster_utils import Cluster  # takes a second to load, which every worker of a run would spend

    # a dead node is noticed within a second or two, not half a minute
    quick = {
        "health_check_period_ms": 500,
        "health_check_timeout_ms": 500,
        "health_check_failure_threshold": 3,
    }
    head = {"num_cpus": 0, "include_dashboard": False, "_system_config": quick}
    made = Cluster(initialize_head=True, head_node_args=head)
    workers = [made.add_node(num_cpus=1), made.add_node(num_cpus=1)]
    made.wait_for_nodes()
    yield made, workers
    made.shutdown()


def _night(book: Book, root: Path, decide=None) -> Night:
    make_home(root)
    strategy = open_home(root).strategy
    inputs = plan_night(book, root / "nights", DAY, strategy.read_text(encoding="utf-8"), strategy.name)
    return run_night(inputs, book, root / "nights", decide=decide)


def _bytes(night: Night) -> dict[str, bytes]:
    return {str(p.relative_to(night.folder)): p.read_bytes() for p in night.folder.rglob("*") if p.is_file()}


def test_a_lost_node_changes_nothing(book: Book, cluster, tmp_path: Path) -> None:
    made, workers = cluster
    killed = []

    def decide(inputs, numbers, target):
        for notes in decide_on(made.address, inputs, numbers, target):
            if not killed:
                made.remove_node(workers[0], allow_graceful=False)
                killed.append(notes["part"])
            yield notes

    there = _night(book, tmp_path / "cluster", decide)
    here = _night(book, tmp_path / "here")
    assert killed, "a node was lost while partitions were still to be decided"
    assert _bytes(there) == _bytes(here)
    assert len(there.manifest["files"]) == 4 * PARTS
