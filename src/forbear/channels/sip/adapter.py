"""Reminders and click-to-call over a SIP trunk.

A reminder rings the borrower, plays what may be left on a machine, and its own words once a key asks for them.
Click-to-call rings the collector's own line; once it is taken, the borrower is rung from a second leg in the same
process and the two are bridged. `send` returns when the borrower's phone rings or can't be made to; how the call went
comes as a report.

What this user agent can't do: tell an answering machine from a person (so no machine is told of a debt, and one counts
as answered), encrypt, and hand a call on to somebody else. Put a border controller between it and a trunk on the
internet.
"""

import logging
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from forbear.channels.adapter_context import AdapterContext, Text, Truth, Whole, provider_settings, setting
from forbear.channels.sip.agent import FAILED, Agent, Event, NotStarted, Plan
from forbear.channels.sip.inbound import End, call_end, report_of
from forbear.channels.sip.sound import NoSound, as_wave, joined, quiet, read_wave, repeated, speak
from forbear.channels.transport import Message, Receipt, Reply, Report, check_permit
from forbear.core.base.problem import MessageId, noop
from forbear.core.facts.contact import normal_point
from forbear.core.permits.permit import Permit

CHANNELS = ("voice", "call")
_SPEECH = ("espeak-ng", "-v", "{voice}", "-s", "150", "--stdin", "-w", "{file}")
_RINGING = ("CALL_RINGING", "CALL_PROGRESS")
_TAKEN, _CLOSED, _KEY = "CALL_ESTABLISHED", "CALL_CLOSED", "CALL_DTMF_START"
#: Recordings are named by the second they begin in, so the two legs may not begin in the same one.
_APART_SECONDS = 1.1
#: How long somebody has to press the key; the words that ask for it, by whether they are Chinese; and what it plays.
_KEY_SECONDS = 8
_KEY_WORDS = {False: "To hear a message, press {key}.", True: "收听留言请按{key}。"}
_WORDS = "words.wav"
#: How long a trunk may take to say that the phone rings. With the rest of `send` it is less than a worker's lease.
_FIRST_SIGN_SECONDS = 20.0
_TELL_AGAIN = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)

log = logging.getLogger(__name__)


@provider_settings
class SipSettings:
    """A trunk.

    `domain` is the host (and port) that calls go to, `sender` the number shown. `lines` is how many calls may
    run at once, `ring` and `agent_ring` how long the borrower's and the collector's phone ring, `longest` how
    long a call may last, all in seconds. `hear_key` has the words said that are for a person alone; without it a
    reminder is no more than may be left on a machine. `stop_key` is the key that opts out during a reminder.
    """

    domain: Text = setting(noop("The trunk's host"))
    sender: Text = setting(noop("The number or name that borrowers see"))
    username: str = setting(noop("The trunk's account"), "")
    password: str = setting(noop("The account's password"), "", secret=True)
    transport: Literal["udp", "tcp"] = setting(noop("How the trunk is reached"), "udp")
    listen: Text = setting(noop("This machine's address for calls"), "0.0.0.0")  # noqa: S104
    rtp_ports: Text = setting(noop("This machine's ports for sound"), "16384-32766")
    lines: Whole = setting(noop("Calls at once; one more is busy"), 4, least=1, maximum=200, unit="lines")
    ring: Whole = setting(
        noop("How long the borrower's phone rings"), 30, least=1, maximum=120, unit="seconds"
    )
    agent_ring: Whole = setting(
        noop("How long the collector's phone rings"), 20, least=1, maximum=45, unit="seconds"
    )
    longest: Whole = setting(noop("The longest call"), 1800, least=5, maximum=7200, unit="seconds")
    times: Whole = setting(noop("How often the text is said"), 2, least=1, maximum=3, unit="times")
    record: Truth = setting(noop("Whether calls are recorded"), True)
    hear_key: Literal["", "0", "1", "2", "3", "4", "5", "6", "7", "8"] = setting(
        noop("The key by which a person hears the message; empty says only what a machine may hear"), ""
    )
    stop_key: Literal["", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"] = setting(
        noop("The key that opts out; empty is none"), "9"
    )
    speech: tuple[str, ...] = setting(noop("A command that reads text and writes a WAV to {file}"), _SPEECH)


def mistakes(settings: SipSettings) -> dict[str, MessageId]:
    """What the reader of the file can't see: field to message. These go into the user agent's own files."""
    shapes = {
        "domain": (r"[A-Za-z0-9.-]+(:\d{1,5})?", noop("must be a host, or host:port")),
        "sender": (r"\+?[A-Za-z0-9._-]{1,40}", noop("must be a number or a plain name")),
        "username": (r"[A-Za-z0-9._+@-]{0,80}", noop("must be a plain name")),
        "password": (r"[^\s;\"<>]{0,80}", noop('may hold no blank and none of ; " < >')),
        "listen": (r"\d{1,3}(\.\d{1,3}){3}", noop("must be an IPv4 address of this machine")),
        "rtp_ports": (r"\d{4,5}-\d{4,5}", noop("must be two ports like 16384-32766")),
    }
    mistakes_found = {
        name: words
        for name, (shape, words) in shapes.items()
        if not re.fullmatch(shape, getattr(settings, name))
    }
    if not settings.speech or not any("{file}" in part for part in settings.speech):
        mistakes_found["speech"] = noop("must be a command with {file} in it, which it writes a WAV to")
    return mistakes_found


@dataclass(slots=True)
class _Call:
    """A call under way."""

    message: Message
    agent: Agent
    folder: Path
    stack: ExitStack
    account: str
    before: frozenset[Path] = frozenset()
    pressed: list[str] = field(default_factory=list)


class Sip:
    """Makes calls, at most `lines` at once; the reference of a call is its contact's id."""

    def __init__(self, settings: SipSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self.records = settings.record
        self._settings, self._clock, self._on_message = settings, around.clock, around.on_message
        self._lines = threading.BoundedSemaphore(settings.lines)
        self._closing = threading.Event()
        self._running: set[threading.Thread] = set()

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Ring the borrower (for `call`, once the collector has answered)."""
        check_permit(permit, message)
        to = normal_point("phone", message.to)
        if not re.fullmatch(r"\+?[0-9]{3,20}", to):
            return self._receipt("refused", message, "the address is no phone number")
        if message.channel == "call" and not re.fullmatch(
            r"\+?[A-Za-z0-9._*#-]{1,40}(@[A-Za-z0-9.-]+(:\d{1,5})?)?", message.agent
        ):
            return self._receipt("refused", message, "the collector has no line of their own")
        if message.channel == "voice" and not message.on_machine:
            return self._receipt("refused", message, "there are no words that may be left on a machine")
        if not self._lines.acquire(blocking=False):
            return self._receipt("busy", message, "all lines are taken")
        self._closing.clear()
        with ExitStack() as stack:
            stack.callback(self._lines.release)
            folder = Path(tempfile.mkdtemp(prefix="forbear-call-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            try:
                agent = stack.enter_context(Agent(self._plan(message, folder), folder))
            except (NoSound, NotStarted, OSError) as why:
                return self._receipt(
                    "busy", message, str(why) if not isinstance(why, OSError) else "no process"
                )
            call = _Call(message, agent, folder, stack, self._account(message.channel == "call"))
            try:
                return self._make(call, f"sip:{to}@{self._settings.domain}{self._suffix()}")
            except OSError:
                return self._receipt("unknown", message, "the user agent stopped while dialling")
        raise AssertionError("every way out returns")

    def _make(self, call: _Call, address: str) -> Receipt:
        """Dial, and keep the call if the phone rings; the stack lets go of everything else."""
        if call.message.channel == "call" and (refused := self._ring_agent(call)):
            return refused
        call.before = frozenset(call.folder.glob("dump-*.wav"))
        call.agent.dial(call.account, address)
        event = self._wait(call, (*_RINGING, _TAKEN, FAILED), _FIRST_SIGN_SECONDS)
        if event is not None and event.kind == FAILED:
            return self._receipt("busy", call.message, f"it could not be dialled ({event.detail})")
        if event is None or event.kind == _CLOSED:
            end = (
                call_end(event.detail)
                if event is not None
                else End("unknown", "", "no answer from the trunk")
            )
            if end.answer == "accepted":
                self._later(
                    call.stack.pop_all(), lambda: self._log_event(self._ended(call, end.state, end.detail))
                )
            return self._receipt(end.answer, call.message, end.detail)
        taken = event.kind == _TAKEN
        self._later(call.stack.pop_all(), lambda: self._follow(call, taken))
        return self._receipt("accepted", call.message, "")

    def _ring_agent(self, call: _Call) -> Receipt | None:
        """Ring the collector; None when they answered. Until then nobody has called the borrower."""
        line = call.message.agent
        where = line if "@" in line else f"{line}@{self._settings.domain}"
        call.agent.dial(self._account(False), f"sip:{where}{self._suffix()}")
        event = self._wait(call, (_TAKEN, FAILED), self._settings.agent_ring)
        if event is None or event.kind != _TAKEN:
            detail = (
                f" ({event.detail if event.kind == FAILED else call_end(event.detail).detail})"
                if event
                else ""
            )
            return self._receipt("refused", call.message, f"the collector's line was not answered{detail}")
        self._closing.wait(_APART_SECONDS)
        return None

    def _follow(self, call: _Call, taken: bool) -> None:
        """From ringing to the end of the call, then the report."""
        if not taken:
            event = self._wait(call, (_TAKEN,), self._settings.ring)
            if event is None or event.kind != _TAKEN:
                end = call_end(event.detail) if event is not None else None
                state, detail = "unanswered", "it rang and was not taken"
                if end is not None and end.state:
                    state, detail = end.state, end.detail
                self._log_event(self._ended(call, state, detail))
                return
        began = time.monotonic()
        event = self._wait(call, (), self._settings.longest)
        seconds = round(time.monotonic() - began)
        detail = "ended" if event is None or "end of file" not in event.detail else "all was said"
        call.agent.stop()
        recording = self._recording(call)
        self._log_event(self._ended(call, "answered", detail, seconds, recording))
        if self._settings.stop_key and self._settings.stop_key in call.pressed:
            ref = f"{call.message.contact_id}-key"
            self._log_event(Reply(self.provider, ref, "voice", call.message.to, "", "STOP", self._clock()))

    def _wait(self, call: _Call, wanted: tuple[str, ...], seconds: float) -> Event | None:
        """The next wanted event of the leg in hand, or the end of any leg; None when time is over."""
        end = time.monotonic() + seconds
        while not self._closing.is_set() and (left := end - time.monotonic()) > 0:
            event = call.agent.next(min(left, 0.5))
            if event is None and call.agent.gone:
                break
            if event is None:
                continue
            if event.kind == _KEY and call.message.channel == "voice":
                if event.detail == self._settings.hear_key and event.detail not in call.pressed:
                    call.agent.command("ausrc", f"aufile,{call.folder / _WORDS}")
                call.pressed.append(event.detail)
            if event.kind in wanted or event.kind == _CLOSED:
                return event
        return None

    def _recording(self, call: _Call) -> bytes:
        recordings = sorted(set(call.folder.glob("dump-*.wav")) - call.before)
        sides = {path.stem.rpartition("-")[2]: path for path in recordings}
        return joined(sides.get("enc"), sides.get("dec"))

    def _ended(
        self, call: _Call, state: str, detail: str, seconds: int = 0, recording: bytes = b""
    ) -> Report:
        return report_of(
            self.provider,
            call.message.contact_id,
            state,
            self._clock(),
            detail=detail,
            seconds=seconds,
            recording=recording,
        )

    def _log_event(self, message: Report | Reply) -> None:
        """Give it to the listener, again and again if it can't keep it: there is nobody to ask a second time."""
        for pause in _TELL_AGAIN:
            time.sleep(pause)
            try:
                self._on_message(message)
            except Exception as error:  # the listener is the caller's, and may fail as a database does
                log.warning(
                    "%s: the end of a call could not be kept (%s)", self.provider, type(error).__name__
                )
            else:
                return

    def _later(self, stack: ExitStack, work: Callable[[], None]) -> None:
        """Do the rest in a thread that owns the process, the folder and the line."""

        def run() -> None:
            try:
                with stack:
                    work()
            except OSError as error:
                log.warning("%s: a call was lost (%s)", self.provider, type(error).__name__)
            finally:
                self._running.discard(threading.current_thread())

        thread = threading.Thread(target=run, name="sip-call")
        self._running.add(thread)
        thread.start()

    def _plan(self, message: Message, folder: Path) -> Plan:
        chosen = self._settings
        source = "aubridge,unsaid"
        accounts: tuple[str, ...]
        if message.channel == "voice":
            source = f"aufile,{self._sounds(message, folder)}"
            accounts = (self._line(False, ""),)
        else:
            accounts = (
                self._line(False, ";audio_source=aubridge,borrower;audio_player=aubridge,collector"),
                self._line(True, ";audio_source=aubridge,collector;audio_player=aubridge,borrower"),
            )
        longest = chosen.ring + chosen.agent_ring + chosen.longest + 60
        return Plan(chosen.listen, accounts, source, chosen.ring, chosen.rtp_ports, longest, chosen.record)

    def _sounds(self, message: Message, folder: Path) -> Path:
        """The file that is played at first; the words for a person lie beside it, where a key asks for them."""
        chosen = self._settings
        given = [each.content for each in message.attachments if each.media_type == "audio/wav"]
        if not given and not message.body.strip():
            raise NoSound("there is nothing to say")
        if chosen.hear_key:
            words = (
                read_wave(given[0]) if given else speak(message.body, message.language, chosen.speech, folder)
            )
            (folder / _WORDS).write_bytes(as_wave(repeated(words, chosen.times)))
        key = _KEY_WORDS[message.language[:2] == "zh"].format(key=chosen.hear_key) if chosen.hear_key else ""
        first = speak(f"{message.on_machine} {key}", message.language, chosen.speech, folder)
        played = folder / "first.wav"
        played.write_bytes(as_wave(repeated(first, 1) + quiet(_KEY_SECONDS if key else 0)))
        return played

    def _account(self, second: bool) -> str:
        """Our address on a leg. The second leg differs by a parameter that no trunk looks at."""
        host = self._settings.domain.partition(":")[0]
        return (
            f"sip:{self._settings.sender}@{host}"
            if not second
            else f"sip:{self._settings.sender}@{host}:5060"
        )

    def _line(self, second: bool, more: str) -> str:
        chosen = self._settings
        sign_in = f";auth_user={chosen.username};auth_pass={chosen.password}" if chosen.username else ""
        return f"<{self._account(second)}>;regint=0{sign_in}{more}"

    def _suffix(self) -> str:
        return ";transport=tcp" if self._settings.transport == "tcp" else ""

    def _receipt(self, answer: str, message: Message, detail: str) -> Receipt:
        ref = message.contact_id if answer in ("accepted", "unknown") else ""
        return Receipt(answer, self.provider, ref, detail)

    def close(self) -> None:
        """Hang up every call and wait for their reports."""
        self._closing.set()
        for thread in list(self._running):
            thread.join(15)
