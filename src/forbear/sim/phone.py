"""What a visitor's phone tells of a visit: its beginning and end, and the recording."""

import hashlib
import io
import wave
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class Recorded:
    """A recording as the web hands it over."""

    content: bytes

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.content)

    def read(self) -> bytes:
        """All of it."""
        return self.content


def recording(samples: bytes, rate: int) -> bytes:
    """A sound file of these samples, one byte each, `rate` of them a second."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(rate)
        sound.writeframes(samples)
    return kept.getvalue()


def events(
    visit: str,
    ids: tuple[str, str],
    began: datetime,
    seconds: int,
    place: dict | None,
    outcome: str,
    sound: bytes,
) -> tuple[dict, dict]:
    """The start and the end of a visit of that many seconds, by their ids; the end names the recording."""
    start: dict[str, object] = {
        "id": ids[0],
        "kind": "start",
        "visit": visit,
        "at": began.isoformat(),
        "place": place,
    }
    ended = began + timedelta(seconds=seconds)
    end = start | {"id": ids[1], "kind": "end", "at": ended.isoformat(), "outcome": outcome}
    end["recordings"] = [{"sha256": hashlib.sha256(sound).hexdigest(), "seconds": seconds}]
    return start, end
