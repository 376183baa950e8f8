"""How many messages a text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.content.sms import sms_segments


@pytest.mark.parametrize(
    ("text", "count", "encoding", "units"),
    [
        ("", 0, "gsm7", 0),
        ("a" * 160, 1, "gsm7", 160),
        ("a" * 161, 2, "gsm7", 161),
        ("a" * 306, 2, "gsm7", 306),
        ("a" * 307, 3, "gsm7", 307),
        ("€" * 80, 1, "gsm7", 160),
        ("€" * 81, 2, "gsm7", 163),  # 76 in the first, which leaves one septet empty: no sign is split
        ("您" * 70, 1, "ucs2", 70),
        ("您" * 71, 2, "ucs2", 71),
        ("您" * 134, 2, "ucs2", 134),
        ("您" * 135, 3, "ucs2", 135),
        ("a" * 69 + "您", 1, "ucs2", 70),
        ("😀" * 35, 1, "ucs2", 70),
        ("😀" * 36, 2, "ucs2", 73),  # 33 in the first, which leaves one unit empty
        ("“a”", 1, "ucs2", 3),
        ("[a]", 1, "gsm7", 5),
        ("Price: 5 £ @ noon", 1, "gsm7", 17),
    ],
)
def test_segments(text, count, encoding, units):
    found = sms_segments(text)
    assert (found.count, found.encoding, found.units) == (count, encoding, units)


@given(st.text("aé€您😀", max_size=400))
def test_a_longer_text_never_needs_fewer_messages(text):
    found, longer = sms_segments(text), sms_segments(text + "a")
    assert longer.count >= found.count
    assert found.room >= 0
    each = 153 if found.encoding == "gsm7" else 67
    assert found.count <= 1 or (found.count - 1) * each < found.units <= found.count * each
