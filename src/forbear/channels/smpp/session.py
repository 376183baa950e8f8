"""One SMPP session: bound as a transceiver, kept alive, with every answer matched to what it answers.

A thread reads. What the provider delivers is handled by a second thread, so that a slow database never makes
an answer to a submission look lost. The library packs and unpacks; sockets, order and time are minded here.
"""

import contextlib
import logging
import queue
import select
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smpplib import consts, exceptions, smpp
from smpplib.client import Client

TICK_SECONDS = 0.5
_TROUBLE = (exceptions.PDUError, exceptions.ConnectionError, exceptions.UnknownCommandError, OSError)

log = logging.getLogger(__name__)
# The library logs whole packets, with numbers and words, on its lower levels.
for _name in ("forbear.smpp.wire", "smpplib.command"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class NotBound(Exception):
    """No session could be had; nothing was sent. The text is fit for staff."""


@dataclass(slots=True)
class Answer:
    """What became of one submission: `status` is None when no answer came and it may have been taken."""

    status: int | None = None
    message_id: str = ""
    written: bool = False
    came: threading.Event = field(default_factory=threading.Event)


class _Wire(Client):
    """The library's client over IPv4, IPv6 or TLS with the host's name checked."""

    tls: ssl.SSLContext | None = None

    def connect(self) -> None:
        """Connect; OSError when that fails."""
        raw = socket.create_connection((self.host, self.port), timeout=self.timeout)
        try:
            self._socket = self.tls.wrap_socket(raw, server_hostname=self.host) if self.tls else raw
        except OSError:
            raw.close()
            raise
        self.state = consts.SMPP_CLIENT_STATE_OPEN

    def readable(self, seconds: float) -> bool:
        """Whether something can be read within that many seconds."""
        assert self._socket is not None, "it is connected"
        pending = getattr(self._socket, "pending", None)
        if pending is not None and pending():
            return True
        return bool(select.select([self._socket], [], [], seconds)[0])

    def shut(self) -> None:
        """Close the socket, whatever the state."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()


class Session:
    """Bound from the moment it exists; `alive` turns False for good when the line breaks.

    `take` is given each deliver_sm and returns the status to answer with. `tick` is called now and then.
    """

    def __init__(
        self,
        host: str,
        port: int,
        bind: dict[str, Any],
        *,
        tls: bool,
        timeout: float,
        enquire_every: float,
        take: Callable[[Any], int],
        tick: Callable[[], None],
    ) -> None:
        self.alive = True
        self._timeout, self._enquire_every = timeout, enquire_every
        self._take, self._tick = take, tick
        self._lock = threading.Lock()
        self._waiting: dict[int, Answer] = {}
        self._delivered: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._quiet = 0.0
        self._asked = False
        self._wire = _Wire(
            host, port, timeout=timeout, logger_name="forbear.smpp.wire", allow_unknown_opt_params=True
        )
        self._wire.tls = ssl.create_default_context() if tls else None
        self._bind(bind)
        for work in (self._read, self._deliver):
            threading.Thread(target=work, daemon=True, name=f"smpp-{work.__name__}").start()

    def _bind(self, bind: dict[str, Any]) -> None:
        try:
            self._wire.connect()
            self._wire.bind_transceiver(**bind)
        except exceptions.PDUError as error:
            self._wire.shut()
            status = error.args[1] if len(error.args) > 1 else 0
            raise NotBound(f"the bind was refused with status 0x{status:08X}") from None
        except (*_TROUBLE, ValueError) as error:
            self._wire.shut()
            raise NotBound(f"not connected ({type(error).__name__})") from None

    def submit(self, **fields: Any) -> Answer:
        """Submit one part and wait for its answer."""
        answer = Answer()
        with self._lock:
            if not self.alive:
                return answer
            packet = smpp.make_pdu("submit_sm", client=self._wire, **fields)
            self._waiting[packet.sequence] = answer
            answer.written = True
            try:
                self._wire.send_pdu(packet)
            except _TROUBLE:
                self._die()
        answer.came.wait(self._timeout)
        with self._lock:
            self._waiting.pop(packet.sequence, None)
        return answer

    def close(self) -> None:
        """Say goodbye and let go."""
        with self._lock:
            if self.alive:
                with contextlib.suppress(*_TROUBLE):
                    self._wire.send_pdu(smpp.make_pdu("unbind", client=self._wire))
            self._die()

    def _die(self) -> None:
        """Let everybody know that no answer will come. The lock is held."""
        self.alive = False
        self._wire.shut()
        for answer in self._waiting.values():
            answer.came.set()
        self._delivered.put(None)

    def _send(self, command: str, **fields: Any) -> None:
        with self._lock:
            if self.alive:
                packet = smpp.make_pdu(command, client=self._wire, **fields)
                if "sequence" in fields:
                    packet.sequence = fields["sequence"]
                self._wire.send_pdu(packet)

    def _read(self) -> None:
        """Read until the line breaks."""
        try:
            while self.alive:
                if self._wire.readable(TICK_SECONDS):
                    with self._lock:  # a TLS socket is not for two threads at once
                        packet = self._wire.read_pdu()
                    self._handle(packet)
                    self._quiet, self._asked = 0.0, False
                else:
                    self._keep_alive()
        except Exception as error:  # whatever the provider sends, the session ends and a new one is made
            if self.alive:
                log.warning("an SMPP session broke (%s); a new one will be made", type(error).__name__)
        with self._lock:
            self._die()

    def _keep_alive(self) -> None:
        """Ask when it has been quiet for long; a provider that doesn't answer that is gone."""
        self._quiet += TICK_SECONDS
        if self._asked and self._quiet > self._timeout:
            raise exceptions.ConnectionError("no answer to enquire_link")
        if not self._asked and self._quiet >= self._enquire_every:
            self._send("enquire_link")
            self._quiet, self._asked = 0.0, True
        self._delivered.put("tick")

    def _handle(self, packet: Any) -> None:
        if packet.command in ("submit_sm_resp", "generic_nack"):
            with self._lock:
                answer = self._waiting.get(packet.sequence)
            if answer is not None:
                answer.status = packet.status
                answer.message_id = (getattr(packet, "message_id", None) or b"").decode("latin-1")
                answer.came.set()
        elif packet.command == "deliver_sm":
            self._delivered.put(packet)
        elif packet.command == "enquire_link":
            self._send("enquire_link_resp", sequence=packet.sequence)
        elif packet.command == "unbind":
            self._send("unbind_resp", sequence=packet.sequence)
            raise exceptions.ConnectionError("the provider unbound")

    def _deliver(self) -> None:
        """Handle what was delivered, one after the other, and answer only when it has been kept."""
        while (item := self._delivered.get()) is not None:
            if item == "tick":
                self._tick()
                continue
            status = self._take(item)
            try:
                self._send("deliver_sm_resp", sequence=item.sequence, status=status)
            except _TROUBLE:
                return
