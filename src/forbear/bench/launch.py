"""The outer side of a measured task: starts its process and reads its answer."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class BenchFailed(RuntimeError):
    """A task ended without an answer, or two tasks disagree; the message carries the task's last words."""


def run_task(module: str, spec: Mapping[str, object], environment: Mapping[str, str] | None = None) -> dict:
    """Run `forbear.bench.<module>` with `spec` in a new process; returns its answer."""
    return json.loads(_run(module, [json.dumps(spec)], environment).splitlines()[-1])


@contextmanager
def running_tasks(module: str, specs: list[dict], environment: Mapping[str, str]) -> Iterator[list[dict]]:
    """Tasks that go on for the length of the block, one a process; their answers are in the list after it."""
    answers: list[dict] = []
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", f"forbear.bench.{module}", json.dumps(spec)],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for spec in specs
    ]
    try:
        yield answers
    finally:
        for process in processes:
            process.terminate()
        ended = [(process, *process.communicate()) for process in processes]
    for process, said, errors in ended:
        if process.returncode:
            raise BenchFailed(f"{module}: {_why(process.returncode, errors)}")
        answers.append(json.loads(said.splitlines()[-1]))


def draw_picture(figures: str, target: Path) -> None:
    """Draw what a run measured into `target`."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as numbers:
        numbers.write(figures)
        numbers.flush()
        _run("picture", [numbers.name, str(target)])


def _run(module: str, arguments: list[str], environment: Mapping[str, str] | None = None) -> str:
    """What a module of this room wrote on standard output."""
    done = subprocess.run(
        [sys.executable, "-m", f"forbear.bench.{module}", *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchFailed(f"{module}: {_why(done.returncode, done.stderr)}")
    return done.stdout


def _why(status: int, said: str) -> str:
    if status < 0:
        return f"the process was ended by signal {-status}; memory may have run out"
    lines = [line for line in said.splitlines() if line.strip()]
    frames = [place for place, line in enumerate(lines) if line.startswith("  File ")]
    problem = [line for line in lines[frames[-1] :] if not line.startswith(" ")] if frames else lines[-1:]
    return problem[0] if problem else f"ended with status {status} and said nothing"


@contextmanager
def running_postgresql(folder: str) -> Iterator[str]:
    """A PostgreSQL server with its data in `folder` for the length of the block; gives its socket folder."""
    server = subprocess.Popen(
        [sys.executable, "-m", "forbear.bench.postgresql", folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    inlet, outlet, errors = (
        pipe for pipe in (server.stdin, server.stdout, server.stderr) if pipe is not None
    )
    try:
        line = outlet.readline()
        if not line:
            raise BenchFailed(f"PostgreSQL did not start: {_why(server.wait(), errors.read())}")
        yield json.loads(line)["host"]
    finally:
        # the server stops when its standard input closes, so it never outlives this process
        inlet.close()
        server.wait()
        outlet.close()
        errors.close()


@contextmanager
def empty_database(engine: str, folder: Path) -> Iterator[dict[str, str]]:
    """A new, empty database for the length of the block, as the environment that names it.

    SQLite's lies in the home; a server keeps its data in `folder`. Either overrules the database that this process was
    named: that is a lender's, and a measurement fills tables with people who don't exist.
    """
    if engine == "sqlite":
        yield {"FORBEAR_DATABASE": ""}
        return
    with running_postgresql(str(folder)) as host:
        yield {"FORBEAR_DATABASE": f"postgresql://postgres@/postgres?host={host}"}
