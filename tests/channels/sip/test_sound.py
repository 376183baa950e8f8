"""Goal: sound keeps its pitch and length on the way to the telephone, and a recording has both sides."""

import array
import math
import wave
from io import BytesIO
from pathlib import Path

import pytest

from forbear.channels.sip.sound import NoSound, as_wave, joined, read_wave, repeated, speak
from tests.channels.sip.phones import loudness


def wav(rate: int, channels: int = 1, width: int = 2, hertz: int = 500, seconds: float = 1.0) -> bytes:
    kept = BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        level = [
            round(8000 * math.sin(2 * math.pi * hertz * at / rate)) for at in range(round(rate * seconds))
        ]
        frames = array.array("h", (each for each in level for _ in range(channels)))
        sound.writeframes(frames.tobytes() if width == 2 else bytes(len(frames) * width))
    return kept.getvalue()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_becomes_the_telephones(rate, channels):
    samples = read_wave(wav(rate, channels))
    assert len(samples) == pytest.approx(8000, abs=2)
    assert loudness(as_wave(samples, samples), 0, 500) == pytest.approx(8000, rel=0.05)


def test_what_a_telephone_can_not_carry_is_taken_out():
    samples = read_wave(wav(44100, hertz=12000))
    assert loudness(as_wave(samples, samples), 0, 4000) < 2000
    assert max(samples) < 4000


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"\0" * 60, wav(4000), wav(8000, width=1), wav(8000, seconds=0)]
)
def test_what_is_no_sound_is_said(content):
    with pytest.raises(NoSound):
        read_wave(content)


def test_repeated():
    assert len(repeated(array.array("h", [1] * 8000), 2)) == 4000 + 2 * 16000


def test_a_shorter_side_is_filled_with_quiet(tmp_path):
    (tmp_path / "a").write_bytes(wav(8000, seconds=0.5))
    (tmp_path / "b").write_bytes(wav(8000, hertz=900))
    made = joined(tmp_path / "a", tmp_path / "b")
    assert loudness(made, 1, 900) > 7000
    assert 3000 < loudness(made, 0, 500) < 5000
    assert loudness(joined(tmp_path / "a", None), 0, 500) > 7000
    assert joined(None, tmp_path / "missing") == b""


@pytest.mark.parametrize(
    ("text", "language"), [("您好,这里是示例贷款。", "zh"), ("Hello; rm -rf $HOME", "en")]
)
def test_it_speaks(tmp_path, text, language):
    samples = speak(text, language, ("espeak-ng", "-v", "{voice}", "--stdin", "-w", "{file}"), tmp_path)
    assert len(samples) > 8000
    assert max(samples) > 2000
    assert list(Path(tmp_path).iterdir()) == []
