"""The tree speaks of the project alone, in its own words."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.tidy.kept import unclean
from tests.tidy.tree import ROOT, files

# Not ours to word: the licence, and the lock file that uv writes.
NOT_OURS = {"LICENSE", "uv.lock"}
HERE = "tests/tidy/test_words.py"
RULES = Path(__file__)

# Places of one machine, helpers of one day, and notes to oneself have no place in a project.
FOREIGN = {
    "a path of one machine": r"(?<![\w.:/])/(?:work|tmp|root|opt|mnt|home/\w+|Users/\w+)/",
    "a writing assistant": r"(?i)\b(?:claude|anthropic|openai|chatgpt|gpt-\d|copilot|gemini|llm|ai-generated)\b",
    "a work session": r"(?i)\b(?:this|previous|earlier|next|last) session\b|\bco-authored-by\b",
    "a note to oneself": r"\b(?:TODO|FIXME|HACK)\b",
}
# What a page should not say, outside of code.
PROSE = {
    "an exclamation mark": r"[!!]",
    "a name-calling word": r"(?i)\b(?:debtor|defaulter|deadbeat)s?\b",
    "another spelling of instalment": r"(?i)\binstallments?\b",
    "advertising": r"(?i)\b(?:blazing|seamless(?:ly)?|cutting-edge|world-class|powerful|effortless(?:ly)?)\b",
}


@cache
def texts() -> Mapping[str, str]:
    """Every text file of the project by its path."""
    found = {}
    for path in files():
        if path.as_posix() in NOT_OURS or path.as_posix() == HERE:
            continue
        try:
            found[path.as_posix()] = (ROOT / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a data file
    return found


def foreign(pages: Mapping[str, str]) -> list[str]:
    """Lines that name what is outside the project."""
    return list(_hits(pages, FOREIGN))


def prose(text: str) -> str:
    """A page's words, code blocks, code in a line, comments and link targets blanked out; lines stay."""
    for pattern in (r"^```.*?^```", r"`[^`\n]*`", r"<!--.*?-->", r"\]\([^)\n]*\)", r"!\[", r"https?://\S+"):
        text = re.sub(
            pattern, lambda hit: "\n" * hit.group().count("\n"), text, flags=re.DOTALL | re.MULTILINE
        )
    return text


def worded(pages: Mapping[str, str]) -> list[str]:
    """Lines of pages whose words we don't use."""
    return list(_hits({path: prose(text) for path, text in pages.items()}, PROSE))


def _hits(pages: Mapping[str, str], rules: Mapping[str, str]) -> Iterable[str]:
    for path, text in pages.items():
        for line, words in enumerate(text.splitlines(), 1):
            for what, pattern in rules.items():
                if hit := re.search(pattern, words):
                    yield f"{path}:{line}: {what}: {hit.group()}"


def test_the_tree_speaks_of_the_project_alone():
    assert unclean(foreign, texts(), RULES) == []


def test_the_pages_keep_to_our_words():
    pages = {path: text for path, text in texts().items() if path.endswith(".md")}
    assert pages
    assert unclean(worded, pages, RULES) == []


@pytest.mark.parametrize(
    "text",
    [
        *("see /work/main", "cp a /tmp/plan/b", "/home/ana/x", "/root/.cache", "'/opt/pypi/simple'"),
        *("written with Claude", "as ChatGPT said", "Co-Authored-By: x", "in the previous session"),
        *("# TODO: later", "FIXME"),
    ],
)
def test_a_foreign_word_is_caught(text):
    assert foreign({"a.py": f"first\n{text}\n"})[0].startswith("a.py:2: ")


@pytest.mark.parametrize(
    "text",
    ["https://example.org/work/x", "src/work/a", "the session of a user", "./tmp", "a/home/b", "method"],
)
def test_our_own_words_pass(text):
    assert foreign({"a.py": text}) == []


@pytest.mark.parametrize(
    "text", ["Try it now!", "一分钟上手!", "快!", "the debtor pays", "an installment", "a powerful engine"]
)
def test_a_word_we_do_not_use_is_caught(text):
    assert worded({"a.md": text})


@pytest.mark.parametrize(
    "text",
    [
        "an instalment",
        "`a != b`",
        "![a picture](x.svg)",
        "```sh\n#!/bin/sh\n```",
        "`installments_payments.csv`",
    ],
)
def test_code_and_pictures_are_not_prose(text):
    assert worded({"a.md": text}) == []


# The dialect that is no more: the plain words for each are in docs/glossary.md, or are Python's and Django's.
DIALECT = {
    # the name; in a sentence the word is plain English
    "told": r"""[.#"']told\b|\btold\b(?: =|=|: |\[|\.\w)|def told\b""",
    "heard of": r"(?i)\bheard of\b",
    "anew": r"(?i)\banew\b",
    "reckon": r"(?i)\breckon\w*",
    "whoever": r"(?i)\bwhoever\b",
    "so many": r"(?i)\bso many\b",
    "by lot": r"(?i)\bby lot\b",
    "the chase": r"(?i)\bthe chase\b",
    "the door": r"(?i)(?<!\bat )(?<!\bopens )(?<!\bopen )\bthe door\b(?! is\b)",
    "nobody need": r"(?i)\bnobody need\b",
    "冻结": "冻结",
    "漏网": "漏网",
    "强化": "强化",
}
# Names that were replaced; a name in a contract (the feed, case files, a law) is not among them.
OLD_NAMES = {
    "an old function or column": (
        r"\b(?:hold_(?:borrower|row|number|chain)|_tell|tell_(?:hooks|borrower)|ask_permit|refresh_(?:case|heard)"
        r"|heard_at|settle_(?:contact|promises|plans|agreements)|take_(?:outcome|reply|report|news|field_events)"
        r"|field_day|foresee|keep_(?:agency|keys|staff|strategy|figures)|kept_figures|come_by_sso|note_session"
        r"|check_factor|enrol_factor|miss_recording|forget_ended|find_against|grant_request|who_is_calling"
        r"|write_proof|told_credit|credit_facts|report_credit|claim_of_suit|send_demand|sell_loans|make_passport"
        r"|place_cases|try_(?:strategies|rules)|draft_rule|bring_night|lender_day|say_result"
        r"|(?:desk|setting)_words|judge_\w+|overtaken?|allot\w*|law_kept|agencies_kept)\b"
    ),
    "an old class": (
        r"\bclass (?:Hook|HookDelivery|Told|Heard|AlreadyLater|Brought|Point|Span|Given|Agreed|Debt|Head|Leaf|Seal"
        r"|Personal|Enclosure|Growing|Climber|Ready|Taker|Till|Bucket|Pace|Wish|Wanted|Situation|Suit|Demand|Again)\b"
    ),
}
#: Not our own words: translations, generated code, the words that must not be said, and what borrowers write.
QUOTED = (
    *("src/forbear/locale/", "src/forbear/store/migrations/", "src/forbear/packs/content/"),
    "src/forbear/core/replies/",
)


def plain(pages: Mapping[str, str]) -> list[str]:
    """Lines with the dialect or a replaced name."""
    return list(_hits(pages, DIALECT | OLD_NAMES))


def plain_prose(pages: Mapping[str, str]) -> list[str]:
    """As `plain`, of pages for people."""
    return plain(pages)


def pages_of_docs() -> dict[str, str]:
    """The pages' words, but for the changelog's, which are history."""
    return {
        path: prose(text) for path, text in texts().items() if path.endswith(".md") and path != "CHANGELOG.md"
    }


def sources() -> dict[str, str]:
    """The package's own words."""
    return {
        path: text
        for path, text in texts().items()
        if path.startswith("src/forbear/") and not path.startswith(QUOTED)
    }


def test_the_docs_are_in_plain_words():
    assert unclean(plain_prose, pages_of_docs(), RULES) == []


def test_the_source_is_in_plain_words():
    assert unclean(plain, sources(), RULES) == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "computed anew",
            "row.told",
            "told = 1",
            "reckoned each night",
            "the door says no",
            "chosen by lot",
        ),
        *("def hold_borrower():", "judge_plans(", "class Told:", "案件冻结", "ends the chase"),
    ],
)
def test_the_dialect_is_caught(text):
    assert plain({"a.py": text})


@pytest.mark.parametrize(
    "text",
    ["at the door", "lock_borrower", "class Settlement:", "untold", "a settlement", "停催", "the doors"],
)
def test_plain_words_pass(text):
    assert plain({"a.py": text}) == []
