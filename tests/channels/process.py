"""A peer process: speaks JSON lines on its standard output, is told things on its input, and is always ended."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PEERS = Path(__file__).parent / "peers"
LONGEST_WAIT = 30.0


class Peer:
    """Started on entering, killed on leaving. Its first line tells at least its `port`."""

    def __init__(self, *command: str, env: dict[str, str] | None = None) -> None:
        self._command = command
        self._env = {**os.environ, **(env or {})}
        self._lines: queue.Queue[dict | None] = queue.Queue()
        self.port = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=self._env,
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.port = self.hear()["port"]
        return self

    def _read(self) -> None:
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def say(self, **told: Any) -> None:
        """Tell the peer to do something."""
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()

    def hear(self, wait: float = LONGEST_WAIT) -> dict:
        """The next thing the peer tells."""
        told = self._lines.get(timeout=wait)
        assert told is not None, f"the peer ended: {self._process.stderr.read()[-2000:]}"
        return told

    def hear_of(self, what: str, wait: float = LONGEST_WAIT) -> dict:
        """The next line whose `what` is this; others are passed over."""
        while (told := self.hear(wait)).get("what") != what:
            pass
        return told

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(LONGEST_WAIT)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            stream.close()


def python_peer(name: str, *arguments: str, env: dict[str, str] | None = None) -> Peer:
    """A peer written in Python; it imports nothing of ours."""
    return Peer(sys.executable, "-I", str(PEERS / f"{name}.py"), *arguments, env=env)


def wait_for(found: Callable[[], Any], wait: float = LONGEST_WAIT) -> Any:
    """Wait until `found` gives something true, and give it."""
    end = time.monotonic() + wait
    while not (result := found()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return result
