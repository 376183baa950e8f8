"""What a text is made of, for a second reader: runs of signs, and in Latin script runs of words.

Chinese gives every run of one to four signs. Latin words give runs of one to three words, marked by `=`, and runs of
three to five letters inside a word with a blank at each end. The text has to be folded before.
"""

import re

#: Runs of Hanzi, and runs of words in Latin script.
_PIECES = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\u3400-\u9fff\U00020000-\U0003ffff]+")
_WORD = re.compile(r"[^\W_]+|[?!$£€¥%]")
_LONGEST_HANZI, _LONGEST_WORDS = 4, 3
_LETTERS = range(3, 6)
#: Digits say little by themselves; how many there are says more.
_DIGITS = re.compile(r"\d+")


def grams(text: str) -> frozenset[str]:
    """The runs in a folded text, each once."""
    found: set[str] = set()
    for piece in _PIECES.findall(_DIGITS.sub(lambda hit: "0" * min(3, len(hit.group())), text)):
        if piece[0] >= "\u3400":
            found.update(
                piece[at : at + length]
                for length in range(1, _LONGEST_HANZI + 1)
                for at in range(len(piece) - length + 1)
            )
        else:
            _add_words(found, _WORD.findall(piece))
    return frozenset(found)


def _add_words(found: set[str], words: list[str]) -> None:
    for length in range(1, _LONGEST_WORDS + 1):
        found.update("=" + " ".join(words[at : at + length]) for at in range(len(words) - length + 1))
    for word in words:
        padded = f" {word} "
        for size in _LETTERS:
            found.update(padded[at : at + size] for at in range(len(padded) - size + 1))
