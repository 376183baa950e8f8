"""One baresip process: its files, its control line (netstrings of JSON over TCP on loopback), its end.

A process of its own for each call keeps calls, sounds and recordings apart, and the process ends itself after
the longest call there may be, also when the worker has died.
"""

import json
import queue
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_MODULES = Path("/usr/lib/baresip/modules")
#: The kind of an event that says that a command could not be done.
FAILED = "FAILED"
_START_SECONDS = 8.0
_STARTS = 2
_END_SECONDS = 5.0

_CONFIG = """\
poll_method epoll
sip_listen {listen}:0
net_interface {listen}
call_local_timeout {ring}
call_max_calls 2
audio_player aubridge,unheard
audio_source {source}
audio_alert aubridge,unheard
ausrc_srate 8000
auplay_srate 8000
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_level no
rtp_ports {rtp_ports}
rtcp_mux no
jitter_buffer_delay 5-10
rtp_stats no
ringback_disabled yes
module_path {modules}
module g711.so
{recorder}module aufile.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {folder}
"""


class NotStarted(Exception):
    """The user agent does not run; nothing was dialled. The text is fit for staff."""


@dataclass(frozen=True, slots=True)
class Event:
    """What the user agent reported: `kind` as CALL_RINGING, on which of our accounts, and more words."""

    kind: str
    account: str
    detail: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How the user agent is set up. `accounts` are lines of its accounts file, `longest` seconds of life."""

    listen: str
    accounts: tuple[str, ...]
    source: str
    ring: int
    rtp_ports: str
    longest: int
    record: bool


class Agent:
    """Runs from entering to leaving; `folder` is its own and is not taken away here."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan, self._folder = plan, folder
        self._events: queue.Queue[Event | None] = queue.Queue()
        #: Whether the process has gone and all that it reported has been read.
        self.gone = False

    def __enter__(self) -> Self:
        program = shutil.which("baresip")
        if program is None:
            raise NotStarted("baresip is not installed")
        for left in reversed(range(_STARTS)):
            try:
                self._start(program)
                break
            except NotStarted:
                if not left:
                    raise
        threading.Thread(target=self._read, daemon=True, name="baresip-events").start()
        return self

    def _start(self, program: str) -> None:
        control = _free_port()
        self._write(control)
        self._process = subprocess.Popen(
            [program, "-4", "-f", str(self._folder), "-t", str(self._plan.longest)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._line = self._connect(control)
        except NotStarted:
            self._end()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Hang up, let the recordings be finished, and end the process; a second time does nothing."""
        try:
            self.command("quit")
            self._process.wait(_END_SECONDS)  # it finishes the recordings
        except (OSError, subprocess.TimeoutExpired):
            pass
        self._line.close()
        self._end()

    def _write(self, control: int) -> None:
        plan = self._plan
        text = _CONFIG.format(
            listen=plan.listen,
            ring=plan.ring,
            source=plan.source,
            rtp_ports=plan.rtp_ports,
            modules=_MODULES,
            recorder="module sndfile.so\n" if plan.record else "",
            control=control,
            folder=self._folder,
        )
        for name, content in (
            ("config", text),
            ("accounts", "\n".join(plan.accounts) + "\n"),
            ("contacts", ""),
        ):
            (self._folder / name).write_text(content, encoding="utf-8")

    def _connect(self, control: int) -> socket.socket:
        """The control line, once this very process listens there: a free port may be taken by another meanwhile."""
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            listening = _listener(control)
            if listening is None:
                time.sleep(0.02)
                continue
            if listening not in _sockets(self._process.pid):
                break
            line = socket.create_connection(("127.0.0.1", control), timeout=1)
            line.settimeout(None)
            return line
        raise NotStarted("baresip did not start")

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def command(self, name: str, params: str = "") -> None:
        """Give a command of the menu module. OSError when the process has gone."""
        text = json.dumps({"command": name, "params": params}).encode()
        self._line.sendall(b"%d:%s," % (len(text), text))

    def dial(self, account: str, address: str) -> None:
        """Call an address from one of our accounts."""
        self.command("uafind", account)
        self.command("dial", address)

    def next(self, seconds: float) -> Event | None:
        """The next event of a call; None when the time is over or the process has gone."""
        try:
            event = self._events.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None
        self.gone = event is None
        if self.gone:
            self._events.put(None)
        return event

    def _read(self) -> None:
        """Cut the stream into netstrings: length, colon, JSON, comma."""
        kept = b""
        try:
            while piece := self._line.recv(65536):
                kept += piece
                while (netstring := _netstring(kept)) is not None:
                    text, kept = netstring
                    payload = json.loads(text)
                    if payload.get("event"):
                        self._events.put(
                            Event(
                                str(payload["type"]),
                                str(payload.get("accountaor", "")),
                                str(payload.get("param", "")),
                            )
                        )
                    elif payload.get("response") and not payload.get("ok"):
                        self._events.put(Event(FAILED, "", str(payload.get("data", "")).strip()))
        except (OSError, ValueError, KeyError, AttributeError):
            pass  # the line is closed, or nothing that it says can be read any more
        self._events.put(None)


def _netstring(text: bytes) -> tuple[bytes, bytes] | None:
    """The first whole netstring and what follows it; None when there is none yet."""
    length, colon, rest = text.partition(b":")
    if not colon:
        if len(length) > 9:
            raise ValueError("this is no netstring")
        return None
    size = int(length)
    if len(rest) <= size:
        return None
    return rest[:size], rest[size + 1 :]


def _listener(port: int) -> str | None:
    """The inode of the socket that listens on a TCP port of this machine's loopback; None when none does."""
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        at = line.split()
        if at[1] == f"0100007F:{port:04X}" and at[3] == "0A":
            return at[9]
    return None


def _sockets(process: int) -> set[str]:
    """The inodes of a process's sockets."""
    inodes = set()
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):  # closed since it was listed
            name = link.readlink().name
            if name.startswith("socket:["):
                inodes.add(name[len("socket:[") : -1])
    return inodes


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]
