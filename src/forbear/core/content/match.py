"""Finding phrases in a folded text, in time that grows with the text's length and nothing else.

A pattern is written as words with a few signs: `…` is a gap of some signs inside one sentence, `……` a gap
three times as long, `(a|b|)` is one of these or nothing, `<name>` a word of that list, `*` after a Latin word
any ending. It becomes elements, each a set of literal phrases, with gaps between them. All literals of all
patterns are found in one pass by an automaton (Aho and Corasick 1975), then chains of elements are joined in
order. There is no backtracking, so no text takes long.
"""

import itertools
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forbear.core.base.problem import Problem
from forbear.core.content.normalize import END, Normal, is_hanzi, normal_phrase
from forbear.core.content.sound import Sounds, is_word, sounds_of, syllable

#: How many signs a gap may span, by whether the pattern is Chinese.
GAP = {True: 10, False: 36}
MAX_LITERALS = 4000
#: Up to how many pairs two neighbouring choices are joined into phrases, which are also matched by sound as one.
MAX_JOINED = 150
#: How many signs a hit by sound must have together.
LEAST_BY_SOUND = 3

_STRANGE = re.compile(r"[?\[\]{}\\^]|[+](?=[)(<…])")
_PARTS = re.compile(r"(……|…)|\(([^()]*)\)|<([a-z_]+)>|([^…()<>]+)")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What to look for: elements in order, and the longest gap after each but the last.

    Each element is a tuple of folded phrases, any of which will do.
    """

    written: str
    elements: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found: the spans of its elements in the folded text. `by_sound`: matched by sound only."""

    pattern: int
    spans: tuple[tuple[int, int], ...]
    by_sound: bool = False

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Where it has ended."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a folded text has what a rule uses: in disguise, or in a sentence that only a person can judge."""

    start: int
    end: int
    disguised: bool = False
    doubtful: bool = False


def read_pattern(written: str, lists: Mapping[str, Sequence[str]], *, chinese: bool) -> Pattern | Problem:
    """A pattern of its written form, or what is wrong with it. `chinese` decides how long a gap may be."""
    if strange := _STRANGE.search(written):
        return Problem("pattern_sign_unknown", "`%(sign)s` has no meaning in a pattern", sign=strange.group())
    elements: list[list[str]] = [[""]]
    gaps: list[int] = []
    at = 0
    for part in _PARTS.finditer(written):
        if part.start() != at:
            break
        at = part.end()
        gap, choice, name, plain = part.groups()
        if gap:
            gaps.append(GAP[chinese] * (3 if len(gap) == 2 else 1))
            elements.append([""])
            continue
        if name is not None and name not in lists:
            return Problem("pattern_list_unknown", "unknown list <%(name)s>", name=name)
        words = lists[name] if name is not None else choice.split("|") if choice is not None else [plain]
        _append(elements, gaps, words)
    if at != len(written):
        return Problem(
            "pattern_unreadable",
            "`%(written)s` can't be read: ( and < need their ends and can't be nested",
            written=written[at:],
        )
    folded = [tuple(sorted({_fold(literal) for literal in element} - {""})) for element in elements]
    if not all(folded):
        return Problem(
            "pattern_empty", "there is nothing to look for at an end of the pattern or between two gaps"
        )
    if any(len(element) > MAX_LITERALS for element in folded):
        return Problem(
            "pattern_too_wide",
            "this stands for more than %(most)s phrases; use a gap or fewer words",
            most=MAX_LITERALS,
        )
    return Pattern(written, tuple(folded), tuple(gaps))


def _append(elements: list[list[str]], gaps: list[int], words: Sequence[str]) -> None:
    """Put words behind what is there: joined to it, or as an element of their own that stands right after it.

    Joined there are as many literals as pairs, so only while they are few; a word that may be left out and a
    bare blank can't stand alone.
    """
    last = elements[-1]
    alone = "" not in words and all(word.strip() for word in words) and all(before.strip() for before in last)
    if alone and len(last) * len(words) > MAX_JOINED:
        # between two Latin words stands the blank that folding took off both
        gaps.append(int(last[0].endswith(" ") or words[0].startswith(" ")))
        elements.append(list(words))
    else:
        elements[-1] = [before + word for before in last for word in words]


def _fold(literal: str) -> str:
    """A literal folded as texts are; `*` after a Latin word stays as its last sign."""
    open_end = literal.rstrip().endswith("*")
    folded = normal_phrase(literal.rstrip().removesuffix("*") if open_end else literal).strip(" .")
    return folded + "*" if open_end and folded else folded


class Automaton:
    """Finds all of many sequences at once. Sequences are of characters, or of any other equal things."""

    def __init__(self, sequences: Iterable[Sequence[str]]) -> None:
        following: list[dict[str, int]] = [{}]
        outputs: list[tuple[tuple[int, int], ...]] = [()]
        for number, sequence in enumerate(sequences):
            state = 0
            for symbol in sequence:
                after = following[state].get(symbol)
                if after is None:
                    after = following[state][symbol] = len(following)
                    following.append({})
                    outputs.append(())
                state = after
            outputs[state] = (*outputs[state], (number, len(sequence)))
        fail = [0] * len(following)
        waiting = deque(following[0].values())
        while waiting:
            state = waiting.popleft()
            for symbol, after in following[state].items():
                waiting.append(after)
                back = fail[state]
                while back and symbol not in following[back]:
                    back = fail[back]
                back = following[back].get(symbol, 0)
                if back:
                    fail[after] = back
                    if outputs[back]:
                        outputs[after] += outputs[back]
        self._next, self._found, self._fail = following, outputs, fail

    def find(self, symbols: Sequence[str]) -> Iterable[tuple[int, int, int]]:
        """(number of the sequence, start, end) of every occurrence."""
        state = 0
        for at, symbol in enumerate(symbols, 1):
            while state and symbol not in self._next[state]:
                state = self._fail[state]
            state = self._next[state].get(symbol, 0)
            for number, length in self._found[state]:
                yield number, at - length, at


class Matcher:
    """Finds many patterns in a folded text, by their spelling and, those in `by_sound`, by their sound."""

    def __init__(
        self, patterns: Sequence[Pattern], by_sound: frozenset[int], sounds_fine: frozenset[str]
    ) -> None:
        self.patterns = tuple(patterns)
        self._sounds_fine = sounds_fine
        self._literals = sorted(
            {part for pattern in patterns for element in pattern.elements for part in element}
        )
        number = {literal: at for at, literal in enumerate(self._literals)}
        self._elements = [
            [frozenset(number[part] for part in element) for element in pattern.elements]
            for pattern in patterns
        ]
        self._by_first: dict[int, list[int]] = {}
        for at, elements in enumerate(self._elements):
            for literal in elements[0]:
                self._by_first.setdefault(literal, []).append(at)
        self._spelling = Automaton(literal.removesuffix("*") for literal in self._literals)
        squeezable = [at for at, sequence in enumerate(self._literals) if " " in sequence]
        self._squeezed = squeezable
        self._together = Automaton(self._literals[at].removesuffix("*").replace(" ", "") for at in squeezable)
        self._by_sound = by_sound
        wanted = sorted({part for at in by_sound for element in self._elements[at] for part in element})
        self._by_ear = [at for at in wanted if all(map(is_hanzi, self._literals[at]))]
        self._hearing = Automaton([syllable(sign) for sign in self._literals[at]] for at in self._by_ear)

    def find(self, normal: Normal) -> list[Hit]:
        """All hits, in the order of patterns; several of one pattern by where they stand."""
        spelt: dict[int, list[tuple[int, int]]] = {}
        for number, start, end in self._spelling.find(normal.text):
            if _is_whole(normal, start, end, self._literals[number]):
                spelt.setdefault(number, []).append((start, end))
        if any(normal.joined):
            for place, start, end in self._together.find(normal.text):
                if all(normal.joined[start:end]):
                    spelt.setdefault(self._squeezed[place], []).append((start, end))
        hits = self._chains(spelt, normal, range(len(self.patterns)), sounded=False)
        if self._by_ear:
            hits += self._listen(normal, spelt)
        return hits

    def _listen(self, normal: Normal, spelt: dict[int, list[tuple[int, int]]]) -> list[Hit]:
        """Hits that only sound like their pattern, with enough written as it should be to be no accident."""
        if not any(map(is_hanzi, normal.text)) and " " in normal.text.strip():
            return []  # an English sentence
        sounds: Sounds = sounds_of(normal)
        known = {number: frozenset(spans) for number, spans in spelt.items()}
        sounded = {number: list(spans) for number, spans in spelt.items()}
        new = False
        for place, start, end in self._hearing.find(sounds.syllables):
            number = self._by_ear[place]
            span = (sounds.starts[start], sounds.ends[end - 1])
            if span in known.get(number, ()):
                continue
            if self._believable(normal.text, span, self._literals[number]):
                sounded.setdefault(number, []).append(span)
                new = True
        if not new:
            return []
        hits = self._chains(sounded, normal, sorted(self._by_sound), sounded=True)
        return [hit for hit in hits if _length(hit) >= LEAST_BY_SOUND and not self._is_spelt(hit, known)]

    def _is_spelt(self, hit: Hit, known: Mapping[int, frozenset[tuple[int, int]]]) -> bool:
        elements = self._elements[hit.pattern]
        return all(
            any(span in known.get(number, ()) for number in element)
            for span, element in zip(hit.spans, elements, strict=True)
        )

    def _believable(self, text: str, span: tuple[int, int], literal: str) -> bool:
        """Whether what sounds like a phrase is meant as it: part is written so, and it is no other word."""
        written = text[span[0] : span[1]].replace(" ", "")
        if written in self._sounds_fine or is_word(written):
            return False
        if any(
            fine in text[max(0, span[0] - 2) : span[1] + 2] for fine in self._sounds_fine if written in fine
        ):
            return False
        hanzi = [sign for sign in written if is_hanzi(sign)]
        kept = len(literal) - len(hanzi) + sum(sign in literal for sign in hanzi)
        return len(literal) >= 2 and kept >= max(1, len(literal) // 2)

    def _chains(
        self,
        spans: Mapping[int, list[tuple[int, int]]],
        normal: Normal,
        which: Iterable[int],
        *,
        sounded: bool,
    ) -> list[Hit]:
        hits: list[Hit] = []
        if not spans:
            return hits
        stops = list(itertools.accumulate((sign == END for sign in normal.text), initial=0))
        wanted = {pattern for number in spans for pattern in self._by_first.get(number, ())}
        for at in which:
            if at in wanted:
                hits += (Hit(at, chain, sounded) for chain in self._join(at, spans, stops))
        return hits

    def _join(
        self, at: int, spans: Mapping[int, list[tuple[int, int]]], stops: list[int]
    ) -> list[tuple[tuple[int, int], ...]]:
        """The chains of one pattern: each element's spans joined to the nearest chain that ends before them."""
        chains: list[tuple[tuple[int, int], ...]] = []
        for place, element in enumerate(self._elements[at]):
            candidates = sorted({span for number in element for span in spans.get(number, ())})
            if place == 0:
                chains = [(span,) for span in candidates]
                continue
            # of chains that end together the longest comes last and is taken
            chains.sort(key=lambda chain: (chain[-1][1], -chain[0][0]))
            ends = [chain[-1][1] for chain in chains]
            gap = self.patterns[at].gaps[place - 1]
            longer = []
            for start, end in candidates:
                nearest = bisect_right(ends, start) - 1
                if nearest < 0 or start - ends[nearest] > gap or stops[start] != stops[ends[nearest]]:
                    continue
                longer.append((*chains[nearest], (start, end)))
            chains = longer
            if not chains:
                return []
        return chains


def _length(hit: Hit) -> int:
    """How many signs its elements have together; two-syllable words sound alike too often."""
    return sum(end - start for start, end in hit.spans)


def _is_whole(normal: Normal, start: int, end: int, literal: str) -> bool:
    """Whether a Latin phrase stands as whole words. Chinese has no blanks, so Hanzi always do."""
    text = normal.text
    first, last = text[start], text[end - 1]
    if (
        start
        and _in_word(first)
        and _in_word(text[start - 1])
        and not (normal.joined[start] and end - start >= 4)
    ):
        return False
    if literal.endswith("*") or end == len(text) or not (_in_word(last) and _in_word(text[end])):
        return True
    return normal.joined[end - 1] and end - start >= 4


def _in_word(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign == "*")
