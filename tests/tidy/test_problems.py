"""Every problem has a code of its own and one English sentence, whose named values are given where it is made.

The catalogues of the other languages are held to the same sentences and values by test_messages.
"""

import ast
import gettext
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

from tests.tidy.tree import ROOT, Module, module, modules

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMED = re.compile(r"%\((\w+)\)s")
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def made(one: Module) -> Iterator[ast.Call]:
    """Each problem a module makes."""
    for node in one.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
            yield node


def literal(node: ast.expr) -> str | None:
    """The text that stands in the source, marked by `noop` or not; None where there is none."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "noop":
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def passed_on(call: ast.Call) -> bool:
    """Whether a code is another problem's, one of a table's known by its beginning, or read with all its values."""
    read_again = all(isinstance(each, ast.Name) for each in call.args) and any(
        each.arg is None for each in call.keywords
    )
    return read_again or isinstance(call.args[0], ast.Attribute | ast.JoinedStr)


def flaws(one: Module) -> list[str]:
    """Problems without a code, without a sentence, or with other values than the sentence names."""
    found = []
    for node in made(one):
        place = f"{one.path}:{node.lineno}"
        if len(node.args) != 2 or any(isinstance(each, ast.Starred) for each in node.args):
            found.append(f"{place}: a problem has a code and a message, and its values by name")
            continue
        code, message = map(literal, node.args)
        if code is None and not passed_on(node):
            found.append(f"{place}: the code stands in the source")
        if code is not None and not CODE.fullmatch(code):
            found.append(f"{place}: `{code}` is no code in snake_case")
        if message is None:
            if not passed_on(node):
                found.append(f"{place}: the message stands in the source")
            continue
        if CHINESE.search(message):
            found.append(f"{place}: the message is in English; its translation stands in the catalogue")
        named, given = set(NAMED.findall(message)), {each.arg for each in node.keywords}
        if named != given:
            found.append(
                f"{place}: the values {sorted(named)} are named, {sorted(map(str, given))} are given"
            )
    return found


def codes_shared(all_modules: Iterable[Module]) -> list[str]:
    """Codes used with different messages, and messages used with different codes."""
    messages, codes = defaultdict(set), defaultdict(set)
    for one in all_modules:
        for node in made(one):
            code, message = map(literal, node.args) if len(node.args) == 2 else (None, None)
            if code is not None and message is not None:
                messages[code].add(message)
                codes[message].add(code)
    return [f"{code}: {sorted(each)}" for code, each in sorted(messages.items()) if len(each) > 1] + [
        f"{message}: {sorted(each)}" for message, each in sorted(codes.items()) if len(each) > 1
    ]


def read_as_text(one: Module) -> list[str]:
    """Places where a program goes by what a problem's sentence says instead of by its code."""
    found = []
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked, of = node.func.attr in ("startswith", "endswith", "split", "partition"), node.func.value
        elif isinstance(node, ast.Compare):
            asked, of = True, node.left
        else:
            continue
        if asked and _is_sentence(of):
            found.append(f"{one.path}:{node.lineno}: go by the problem's code, not by its words")
    return found


def _is_sentence(node: ast.expr) -> bool:
    """Whether this is `str(problem)`, as far as the name tells, or a problem's message."""
    names = ("problem", "wrong", "made", "ended", "refused")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and node.args:
        return isinstance(node.args[0], ast.Name) and node.args[0].id in names
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "message"
        and isinstance(node.value, ast.Name)
        and node.value.id in (*names, "told")
    )


def test_every_problem_has_a_code_a_sentence_and_its_values():
    assert sum(1 for one in modules() for _ in made(one)) > 300
    assert [each for one in modules() for each in flaws(one)] == []


def test_a_code_has_one_message_and_a_message_one_code():
    assert codes_shared(modules()) == []


def test_every_sentence_is_translated_with_the_same_values():
    chinese = gettext.translation("django", ROOT / "src" / "forbear" / "locale", ["zh_Hans"])
    messages = {literal(node.args[1]) for one in modules() for node in made(one) if len(node.args) == 2} - {
        None
    }
    assert len(messages) > 300
    told = {message: chinese.gettext(message) for message in messages}
    only_values = {message for message in messages if not re.search(r"[a-z]", NAMED.sub("", message))}
    assert [each for each in messages - only_values if not CHINESE.search(told[each])] == []
    assert [each for each in messages if set(NAMED.findall(each)) != set(NAMED.findall(told[each]))] == []


def test_programs_go_by_the_code():
    assert [each for one in modules() for each in read_as_text(one)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Problem('there is no such case')",
        "Problem('no_such_case', '没有这个案件')",
        "Problem('No such case', 'there is no such case')",
        "Problem(code, 'there is no such case')",
        "Problem('no_such_case', f'there is no case {x}')",
        "Problem('no_such_case', 'there is no case %(case)s')",
        "Problem('no_such_case', 'there is no such case', case=x)",
        "Problem('no_such_case', 'there is no case %(case)s', number=x)",
        "Problem(*pair)",
    ],
)
def test_a_flaw_is_found(text):
    assert len(flaws(module(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Problem('no_such_case', 'there is no case %(case)s', case=x)",
        "Problem('no_such_case', 'there is no such case')",
        "Problem(first.code, noop('%(first)s; %(second)s'), first=first, second=second)",
        "Problem(f'lawsuit_{each}', AGAINST[each])",
    ],
)
def test_what_is_right_is_not(text):
    assert flaws(module(text)) == []


def test_a_shared_code_and_a_shared_message_are_found():
    one = module("Problem('a', 'x'); Problem('a', 'y'); Problem('b', 'y')")
    assert codes_shared([one]) == ["a: ['x', 'y']", "y: ['a', 'b']"]


@pytest.mark.parametrize(
    "text", ["str(made).startswith('there is no')", "told.message.split(':')", "str(problem) == 'x'"]
)
def test_going_by_the_words_is_found(text):
    assert len(read_as_text(module(text))) == 1


def test_pages_say_what_is_wrong_in_the_readers_language():
    shown = re.compile(r"messages\.\w+\(\s*request,\s*str\(")
    assert [one.path for one in modules() if one.room == "web" and shown.search(one.text)] == []
