"""The program in a process of its own, without the second that each would take to read its libraries.

One process has read them and divides itself for each command: what a command finds is what it would find in a process
begun for it, but for what does not hang on its arguments. Where the beginning of a process is what a test is about, it
starts one by itself.
"""

import json
import os
import subprocess
import sys
import tempfile
from atexit import register
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

from forbear.cli.main import COMMANDS, main

#: What most commands read in, and what needs no settings to be read.
LIBRARIES = (
    *(module for name, module in COMMANDS.items() if name not in ("bench", "sim", "serve", "work", "demo")),
    "duckdb",
    "django.contrib.postgres.fields",
    "django.core.management",
    "django.core.management.commands.migrate",
    "django.db.backends.sqlite3.base",
    "django.db.backends.postgresql.base",
    "django.db.migrations.executor",
    "django.forms",
    "django.template.defaulttags",
    "django.test.signals",
    "holidays.countries.china",
    "phonenumbers",
    "pypinyin",
    "rich.progress",
)


def run_program(
    *arguments: object, cwd: Path | None = None, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """`forbear` with these arguments, this environment and no other, in this folder."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("out", "error")]
        words = [str(each) for each in arguments]
        told = {"arguments": words, "cwd": str(cwd or Path.cwd()), "env": dict(env), "paths": paths}
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(told) + "\n")
        server.stdin.flush()
        status = json.loads(server.stdout.readline())
        out, error = (Path(path).read_text("utf-8") for path in paths)
    return subprocess.CompletedProcess(["forbear", *words], status, out, error)


@cache
def _server() -> subprocess.Popen[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("FORBEAR", "DJANGO"))}
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.factories.program"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=given, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    register(_end, started)
    return started


def _end(server: subprocess.Popen[str]) -> None:
    server.stdin.close()  # type: ignore[union-attr]  # it was asked for
    server.wait()
    server.stdout.close()  # type: ignore[union-attr]  # it was asked for


def serve() -> None:
    """Read commands, a line each, and tell how each one ended."""
    for name in LIBRARIES:
        # what wants the settings of a lender is left to each command
        with suppress(Exception):
            import_module(name)
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(told)
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)  # noqa: T201


def _become(told: dict) -> None:
    """Be the process of one command, and end with it."""
    os.environ.clear()
    os.environ.update(told["env"])
    os.chdir(told["cwd"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for handle, path in enumerate(told["paths"], 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), handle)
    sys.argv = ["forbear", *told["arguments"]]
    main(told["arguments"])


if __name__ == "__main__":
    serve()
