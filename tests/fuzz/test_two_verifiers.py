"""Goal: two programs in two languages, written apart, say the same of every bundle, however it was changed.

Each bundle is changed at random, also signed again by somebody with the key. `forbear verify` and the page's script,
run by Node, must both find it sound or not, and name the same places.
"""

import contextlib
import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from tests.core.evidence.test_verify import resigned
from tests.core.evidence_log import Files
from tests.profile import rounds
from tests.tidy.tree import ROOT
from tests.web.test_check_bundle import LINED, LOG, TAMPERED, by_command, packed

SCRIPT = ROOT / "src" / "forbear" / "web" / "pages" / "public" / "check-bundle.js"
#: The Node that comes with the browser tests' library, so that nobody has to install one.
NODE = str(compute_driver_executable()[0])
ROUNDS = rounds(200, 10_000)


class Node:
    """The page's script in a process of its own."""

    def __init__(self) -> None:
        command = [NODE, "--no-warnings", str(Path(__file__).with_name("verifier.mjs")), str(SCRIPT)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def says(self, path: Path) -> dict:
        """What it finds in a bundle."""
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "it ended"
        return json.loads(line)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    made = Node()
    yield made
    made.process.kill()
    made.process.wait()


def flipped(files: Files, chance: random.Random) -> None:
    """A bit of any file."""
    name = chance.choice(sorted(files.files))
    content = bytearray(files.files[name])
    if content:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    files.files[name] = bytes(content)


def lines_moved(files: Files, chance: random.Random) -> None:
    """Lines of one file left out, doubled, or in another order."""
    name = chance.choice(LINED)
    rows = files.files.get(name, b"").splitlines(keepends=True)
    if not rows:
        return
    at = chance.randrange(len(rows))
    match chance.randrange(4):
        case 0:
            del rows[at]
        case 1:
            rows.insert(at, rows[chance.randrange(len(rows))])
        case 2:
            chance.shuffle(rows)
        case _:
            rows[at] = rows[at][: chance.randrange(len(rows[at]))] + b"\n"
    files.files[name] = b"".join(rows)


def digits_changed(files: Files, chance: random.Random) -> None:
    """A number or a letter in a line: what somebody with a reason would change."""
    name = chance.choice([*LINED, "bundle.json"])
    content = bytearray(files.files.get(name, b""))
    places = [at for at, byte in enumerate(content) if chr(byte).isalnum()]
    if places:
        content[chance.choice(places)] = ord(chance.choice("0123456789abcdef"))
    files.files[name] = bytes(content)


def tampered(files: Files, chance: random.Random) -> None:
    """One of the ways that the list of tampering names."""
    TAMPERED[chance.choice(sorted(TAMPERED))](files)


CHANGES: tuple[Callable[[Files, random.Random], None], ...] = (flipped, lines_moved, digits_changed, tampered)


def changed(chance: random.Random) -> Files:
    """A bundle after one to three changes; every other one is signed again, as who has the key would do."""
    files = LOG.files(chance.choice(("B1", "B2")))
    for _ in range(chance.randint(1, 3)):
        # a change before may have taken away what this one changes
        with contextlib.suppress(IndexError, KeyError, StopIteration):
            chance.choice(CHANGES)(files, chance)
    if chance.random() < 0.5:
        # perhaps nothing is left that could be signed
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            return resigned(files)
    return files


def test_both_say_the_same_of_bundles_changed_at_random(node, tmp_path):
    chance, unsound = random.Random(24), 0
    for turn in range(ROUNDS):
        path = packed(tmp_path, changed(chance))
        mine, theirs = node.says(path), by_command(path)
        assert mine["sound"] == theirs.sound, turn
        places = sorted([each.file, each.line] for each in theirs.flaws)
        assert sorted(mine["flaws"]) == places, turn
        unsound += not theirs.sound
        path.unlink()
    assert unsound > ROUNDS / 2
