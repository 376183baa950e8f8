"""Make each change of tests/mutants.yaml in a copy of the tree, and say whether its tests notice.

    .venv/bin/python scripts/mutants.py                     all of them
    .venv/bin/python scripts/mutants.py --subject night     one subject's; more of them by more `--subject`
    .venv/bin/python scripts/mutants.py --list FILE --tree FOLDER      another list, on another tree

Prints a line a mutant: killed and by which test, alive, or broken (its text isn't there, or nothing could be run).
Exit status 0 when all are killed, else 1. The tree itself is never changed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SUBJECTS = ("permits", "ledger", "agreements", "evidence", "night")
FIELDS = {"subject", "rule", "change", "file", "old", "new", "tests"}
#: What is no part of a tree and can be large.
_LEFT_OUT = (".git", ".venv", ".tools", ".hypothesis", "__pycache__", ".*_cache", "demo-home")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+::.+?)(?: - (.*))?$", re.MULTILINE)
#: Failures that say that a mutant is no program or no SQL, not that a test noticed it.
_NO_PROGRAM = re.compile(
    r"^\S*(?:NameError|SyntaxError|ImportError|ParserException|BinderException|CatalogException)"
)
_PYTEST = (
    "-m",
    "pytest",
    "-x",
    "-q",
    "-rfE",
    "--tb=no",
    "-n0",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:schemathesis",
)
#: pytest: nothing was collected.
_NO_TESTS = 5
_LONGEST = 900


class MutantError(ValueError):
    """A mutant that can't be made; the message says which and why."""


def read(path: Path) -> list[dict]:
    """The mutants of a list; MutantError where a field is missing or unknown."""
    mutants = yaml.safe_load(path.read_text("utf-8"))
    for mutant in mutants:
        if mutant.keys() != FIELDS or mutant["subject"] not in SUBJECTS or not mutant["tests"]:
            raise MutantError(f"{mutant.get('change')}: a mutant has {', '.join(sorted(FIELDS))}")
    return mutants


def changed(mutant: dict, tree: Path) -> str:
    """The text of the mutant's file with the change made; MutantError unless the old text stands there once."""
    file = tree / mutant["file"]
    text = file.read_text("utf-8") if file.is_file() else ""
    count = text.count(mutant["old"])
    if count != 1 or mutant["old"] == mutant["new"]:
        raise MutantError(f"{mutant['file']}: the old text stands there {count} times: {mutant['old']!r}")
    return text.replace(mutant["old"], mutant["new"])


class Copy:
    """A copy of a tree in which one mutant after another is made and undone."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.folder = folder
        self._clock = int(time.time())
        shutil.copytree(tree, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT), dirs_exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "pyc")
        environment |= {"FORBEAR_TEST_SMALLEST": "no", "COLUMNS": "200"}
        for name in ("PYTHONDONTWRITEBYTECODE", "FORBEAR_TEST_DATABASE"):
            environment.pop(name, None)
        self.environment = environment

    def write(self, file: str, text: str) -> None:
        """Write a file with a time of its own: byte code of the text before must not pass for this one's."""
        path = self.folder / file
        path.write_text(text, "utf-8")
        self._clock += 2
        os.utime(path, (self._clock, self._clock))

    def killer(self, tests: Sequence[str], examples: str) -> tuple[str, str]:
        """("killed", the first test that fails), ("alive", "") or ("broken", the end of what was said).

        `examples` is a profile of tests/profile.py. In `fast` what needs a database or the engine is not run; where
        nothing else is there, the mutant is ("untried", "").
        """
        run = subprocess.run(
            [sys.executable, *_PYTEST, *tests],
            cwd=self.folder,
            env={**self.environment, "FORBEAR_TEST_PROFILE": examples},
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        if run.returncode == _NO_TESTS and examples == "fast":
            return "untried", ""
        if run.returncode == 0:
            return "alive", ""
        found = _FAILED.search(run.stdout)
        if run.returncode == 1 and found:
            return "broken" if _NO_PROGRAM.match(found[2] or "") else "killed", found[0].partition(" ")[2]
        return "broken", (run.stdout + run.stderr).strip()[-300:]


def results(mutants: list[dict], tree: Path, *, trusted: bool = False) -> Iterator[tuple[dict, str, str]]:
    """Each mutant, whether it is killed, alive or broken, and by what.

    All their tests must pass without any mutant; `trusted` says that they have. Few examples come first and kill most;
    who outlives them meets as many as `./test` makes.
    """
    with tempfile.TemporaryDirectory(prefix="forbear-mutants-") as folder:
        copy = Copy(tree, Path(folder))
        every = sorted({name for mutant in mutants for name in mutant["tests"]})
        state, what = ("alive", "") if trusted else copy.killer(every, "default")
        if state != "alive":
            raise MutantError(f"the tests fail without a mutant: {what}")
        not_fast: set[tuple[str, ...]] = set()
        for mutant in mutants:
            file, tests = mutant["file"], tuple(mutant["tests"])
            try:
                text = changed(mutant, copy.folder)
            except MutantError as error:
                yield mutant, "broken", str(error)
                continue
            before = (copy.folder / file).read_text("utf-8")
            copy.write(file, text)
            state, what = ("untried", "") if tests in not_fast else copy.killer(tests, "fast")
            if state == "untried":
                not_fast.add(tests)
            if state in ("alive", "untried"):
                state, what = copy.killer(tests, "default")
            copy.write(file, before)
            yield mutant, state, what


def main() -> int:
    """Run those that were asked for; 1 when one of them lives or can't be made."""
    parser = argparse.ArgumentParser(
        description="Make each mutant of the list and see whether its tests notice."
    )
    parser.add_argument("--subject", action="append", choices=SUBJECTS, help="only these subjects")
    parser.add_argument(
        "--list", type=Path, default=ROOT / "tests" / "mutants.yaml", help="the list of mutants"
    )
    parser.add_argument("--tree", type=Path, default=ROOT, help="the tree they are made in a copy of")
    parser.add_argument("--trusted", action="store_true", help="the tests are known to pass on this tree")
    asked = parser.parse_args()
    mutants = [mutant for mutant in read(asked.list) if mutant["subject"] in (asked.subject or SUBJECTS)]
    counts: Counter[str] = Counter()
    try:
        for mutant, state, what in results(mutants, asked.tree, trusted=asked.trusted):
            counts[state] += 1
            by = f" ({what})" if what else ""
            sys.stdout.write(f"{state:7} {mutant['subject']:10} {mutant['change']}{by}\n")
            sys.stdout.flush()
    except MutantError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{counts['killed']} killed, {counts['alive']} alive, {counts['broken']} broken\n")
    return 0 if counts["killed"] == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
