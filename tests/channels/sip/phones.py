"""Phones and trunks for tests: SIPp (Debian's sip-tester), a process for each, with sound over RTP."""

import array
import math
import socket
import subprocess
import wave
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.channels.process import PEERS, wait_for

BYE = """
  <recv request="BYE"/>
  <send><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:]
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

  ]]></send>
"""
PLAYS = '<nop><action><exec rtp_stream="{tone},-1,0"/></action></nop>' + BYE
ECHOES = BYE
_ASKS = """
  <pause milliseconds="1200"/>
  <send retrans="500"><![CDATA[
    {method} [$us] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: [$to];tag=[pid]phone[call_number]
    To: [$from]
    [last_Call-ID:]
    CSeq: 7 {method}
    Max-Forwards: 70
    {body}
  ]]></send>
  <recv response="200"/>
"""
HANGS_UP = _ASKS.format(method="BYE", body="Content-Length: 0\n")
_PRESSES = (
    "Content-Type: application/dtmf-relay\n    Content-Length: [len]\n\n    Signal={}\n    Duration=160"
)
PRESSES_1, PRESSES_9 = (_ASKS.format(method="INFO", body=_PRESSES.format(key)) + BYE for key in "19")


def tone(hertz: int) -> bytes:
    """A second of a tone in G.711 mu-law, by the formula of the recommendation."""
    return bytes(_mu_law(round(8000 * math.sin(2 * math.pi * hertz * at / 8000))) for at in range(8000))


def _mu_law(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    size = min(abs(sample), 32635) + 132
    exponent = size.bit_length() - 8
    mantissa = (size >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def loudness(content: bytes, side: int, hertz: int) -> float:
    """How loud a tone is on one side of a stereo recording."""
    with wave.open(BytesIO(content)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 8000)
        samples = array.array("h", sound.readframes(sound.getnframes()))[side::2]
    turns = [2 * math.pi * hertz * at / 8000 for at in range(len(samples))]
    real = sum(sample * math.cos(turn) for sample, turn in zip(samples, turns, strict=True))
    other = sum(sample * math.sin(turn) for sample, turn in zip(samples, turns, strict=True))
    return 2 * math.hypot(real, other) / len(samples)


def seconds_of(content: bytes) -> float:
    """How long a recording is."""
    with wave.open(BytesIO(content)) as sound:
        return sound.getnframes() / sound.getframerate()


def free_ports(kind: int) -> tuple[int, int]:
    """Two ports that nobody has just now, one for signals and one for sound; even ones, as RTP wants."""
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < 2:
            probe = held.enter_context(socket.socket(socket.AF_INET, kind))
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            if port % 2 == 0:
                found.append(port)
    return found[0], found[1]


class Phone:
    """One SIPp that plays a scenario; killed on leaving."""

    def __init__(self, folder: Path, name: str, *, tcp: bool = False, **words: str) -> None:
        text = (PEERS / f"{name}.xml").read_text("ascii")
        for word, value in words.items():
            text = text.replace(word, value)
        self._tcp = tcp
        self.port, media = free_ports(socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        scenario = folder / f"{name}-{self.port}.xml"
        scenario.write_text(text, "ascii")
        self._command = [
            *("sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(self.port), "-nostdin", "-m", "1"),
            *("-mi", "127.0.0.1", "-mp", str(media), "-t", "t1" if tcp else "u1"),
            *(("-rtp_echo",) if words.get("MORE") in (ECHOES, PRESSES_1) else ()),
        ]
        self._folder = folder

    @property
    def domain(self) -> str:
        """Where it is called."""
        return f"127.0.0.1:{self.port}"

    @property
    def ended(self) -> bool:
        """Whether its call is over, played as the scenario has it."""
        return self._process.poll() == 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._listens)
        return self

    def _listens(self) -> bool:
        """Looked up, not tried: to bind the port, if only for a moment, could take it from the phone itself."""
        assert self._process.poll() is None, "sipp ended at once"
        held = Path("/proc/net/tcp" if self._tcp else "/proc/net/udp").read_text("ascii")
        return f" 0100007F:{self.port:04X} " in held

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(10)


def speaking(folder: Path, hertz: int) -> str:
    """The end of a scenario that plays a tone."""
    path = folder / f"tone-{hertz}.ul"
    path.write_bytes(tone(hertz))
    return PLAYS.replace("{tone}", str(path))
