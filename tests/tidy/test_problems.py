"""What is wrong is told in English and Chinese, side by side, wherever a problem is made."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.tidy.tree import Module, module, modules

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def made(one: Module) -> Iterator[tuple[int, list[ast.expr]]]:
    """Each problem a module makes: its line, and what it is made of."""
    for node in one.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
            yield node.lineno, [*node.args, *(word.value for word in node.keywords)]


def words(part: ast.expr) -> str | None:
    """The words that stand in the source; None where all of a text is put together elsewhere."""
    if isinstance(part, ast.BinOp):
        return "".join(filter(None, (words(part.left), words(part.right)))) or None
    pieces = part.values if isinstance(part, ast.JoinedStr) else [part]
    if not all(isinstance(piece, ast.Constant | ast.FormattedValue) for piece in pieces):
        return None
    found = "".join(piece.value for piece in pieces if isinstance(piece, ast.Constant))
    return found if isinstance(part, ast.Constant) or re.search(r"\w", found) else None


def untold(one: Module) -> list[str]:
    """Problems without their sentence in one of the two languages."""
    found = []
    for line, parts in made(one):
        if any(isinstance(part, ast.Starred) for part in parts):
            continue  # a pair made elsewhere
        english, chinese = map(words, parts) if len(parts) == 2 else ("", "")
        if english is None and chinese is None:
            continue
        if not english or CHINESE.search(english) or not chinese or not CHINESE.search(chinese):
            found.append(f"{one.path}:{line}: a problem says what is wrong in English and then in Chinese")
    return found


def test_every_problem_is_told_in_both_languages():
    assert sum(1 for one in modules() for _ in made(one)) > 300
    assert [each for one in modules() for each in untold(one)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Problem('there is no such case')",
        "Problem('there is no such case', '')",
        "Problem('there is no such case', 'there is none')",
        "Problem('没有这个案件', 'there is no such case')",
        "Problem(f'there is no case {x}', f'{x}')",
        "Problem('there is no case', message_zh='none')",
    ],
)
def test_one_that_lacks_a_language_is_found(text):
    assert len(untold(module(text))) == 1


def test_one_with_both_is_not():
    assert (
        untold(module("Problem(f'there is no case {x}', f'没有案件 {x}'); Problem(*pair); Problem(en, zh)"))
        == []
    )


def test_pages_say_what_is_wrong_in_the_readers_language():
    shown = re.compile(r"messages\.\w+\(\s*request,\s*str\(")
    assert [one.path for one in modules() if one.room == "web" and shown.search(one.text)] == []
