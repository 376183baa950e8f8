"""Speech made into what a telephone carries, and the two sides of a call put into one recording.

Everything is 8000 samples a second of 16 bits, the rate of G.711.
"""

import array
import io
import itertools
import subprocess
import sys
import wave
from pathlib import Path

RATE = 8000
_VOICES = {"zh": "cmn", "en": "en-gb"}
_SPEECH_SECONDS = 30.0


class NoSound(Exception):
    """There is nothing to play; the text is fit for staff."""


def speak(text: str, language: str, command: tuple[str, ...], folder: Path) -> array.array:
    """The text as speech. `command` reads it from standard input; `{voice}` and `{file}` are filled in."""
    speech = folder / "speech.wav"
    voice = _VOICES.get(language[:2], "en-gb")
    words = [part.replace("{voice}", voice).replace("{file}", str(speech)) for part in command]
    try:
        done = subprocess.run(
            words,
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_SPEECH_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise NoSound(f"{command[0]} is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoSound(f"{command[0]} could not speak ({type(error).__name__})") from None
    if done.returncode != 0 or not speech.is_file():
        raise NoSound(f"{command[0]} ended with status {done.returncode}")
    try:
        return read_wave(speech.read_bytes())
    finally:
        speech.unlink()


def read_wave(content: bytes) -> array.array:
    """The samples of a WAV of 16 bits, mixed to one channel and brought to the telephone's rate."""
    try:
        with wave.open(io.BytesIO(content)) as sound:
            rate, channels = sound.getframerate(), sound.getnchannels()
            if sound.getsampwidth() != 2 or not 1 <= channels <= 2 or rate < RATE:
                raise NoSound("the sound must be a WAV of 16 bits, one or two channels, at least 8000 Hz")
            samples = array.array("h", sound.readframes(sound.getnframes()))
    except (wave.Error, EOFError, ValueError):
        raise NoSound("the sound is no WAV file") from None
    if sys.byteorder == "big":
        samples.byteswap()
    if channels == 2:
        samples = array.array("h", (sum(pair) // 2 for pair in zip(samples[::2], samples[1::2], strict=True)))
    if not samples:
        raise NoSound("the sound is empty")
    return samples if rate == RATE else _slower(samples, rate)


def _slower(samples: array.array, rate: int) -> array.array:
    """Fewer samples a second: each the mean of those it stands for, which also takes out what would fold over."""
    sums = [0, *itertools.accumulate(samples)]
    slowed = array.array("h")
    for at in range(len(samples) * RATE // rate):
        first = at * rate // RATE
        last = max(first + 1, (at + 1) * rate // RATE)
        slowed.append((sums[last] - sums[first]) // (last - first))
    return slowed


def repeated(samples: array.array, times: int) -> array.array:
    """Half a second of quiet, then the sound that many times with a second between."""
    quiet = array.array("h", bytes(RATE * 2))
    repeated_samples = quiet[: RATE // 2]
    for _ in range(times):
        repeated_samples += samples + quiet
    return repeated_samples


def quiet(seconds: int) -> array.array:
    """Nothing to hear, for so long."""
    return array.array("h", bytes(2 * RATE * seconds))


def as_wave(*sides: array.array) -> bytes:
    """A WAV of one channel a side; a shorter side is filled with quiet."""
    longest = max(len(side) for side in sides)
    even = [side + array.array("h", bytes(2 * (longest - len(side)))) for side in sides]
    frames = array.array("h", itertools.chain.from_iterable(zip(*even, strict=True)))
    if sys.byteorder == "big":
        frames.byteswap()
    kept = io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(len(sides))
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(frames.tobytes())
    return kept.getvalue()


def joined(sent: Path | None, received: Path | None) -> bytes:
    """One recording of a call: our side left, the borrower's right; empty when nothing was recorded."""
    sides = []
    for path in (sent, received):
        try:
            sides.append(read_wave(path.read_bytes()) if path is not None else array.array("h"))
        except (NoSound, OSError):
            sides.append(array.array("h"))
    return as_wave(*sides) if any(sides) else b""
