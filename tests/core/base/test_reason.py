"""Goal: a reason is a declared code with exactly its values, every declared code is used, and every use is declared.

Method: the whole source is read. `Reason.of("code", name=...)` is a use; so is a code in an SQL statement.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import forbear
from forbear.core.base.problem import Problem, Refusal, from_json
from forbear.core.base.reason import NO_REASON, REASONS, Reason, of_problem, refused_by
from tests.tidy.tree import modules

ROOT = Path(forbear.__file__).parent
IN_SQL = re.compile(r"reason_code\s*=\s*'(\w*)'")


@cache
def uses() -> tuple[tuple[str, str, set[str]], ...]:
    """Where each reason of the source is made, its code, and the names of its values."""
    return tuple(_uses())


def _uses() -> Iterator[tuple[str, str, set[str]]]:
    for module in modules():
        for node in module.nodes if ".of(" in module.text else ():
            if isinstance(node, ast.Call) and _makes_reason(node.func):
                place = f"{module.path}:{node.lineno}"
                assert isinstance(node.args[0], ast.Constant), f"{place}: the code is no literal"
                yield place, node.args[0].value, {each.arg for each in node.keywords}
    for path in sorted(ROOT.rglob("*.sql")):
        for code in IN_SQL.findall(path.read_text("utf-8")):
            yield str(path.relative_to(ROOT)), code, set()


def _makes_reason(function: ast.expr) -> bool:
    """Whether what is called is `Reason.of`, or `cls.of` in its own class."""
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "of"
        and isinstance(function.value, ast.Name)
        and function.value.id in ("Reason", "cls")
    )


def test_every_use_is_declared_with_its_values():
    wrong = [
        f"{place}: {code} {sorted(names)}"
        for place, code, names in uses()
        if code not in REASONS or names != set(REASONS[code])
    ]
    assert wrong == []


def test_every_declared_reason_is_used():
    assert set(REASONS) - {code for _, code, _ in uses()} - {""} == set()


def test_reading_the_source_finds_uses():
    found = {code for _, code, _ in uses()}
    assert {"payment", "hold", "superseded_by_night", "rules", "folder_not_writable"} <= found
    assert len(uses()) > 60


def test_no_prose_column_is_left():
    """A reason is a code: no module or statement names the columns and values that held sentences."""
    named = re.compile(r"\b(?:ended_|locked_|suspended_)?because\b(?=\s*=[^=]|\")")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in [*ROOT.rglob("*.py"), *ROOT.rglob("*.sql")]
        for line in path.read_text("utf-8").splitlines()
        if named.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("no_such_reason", {}),
        ("hold", {}),
        ("hold", {"kind": "dispute", "more": 1}),
        ("hold", {"type": "dispute"}),
        ("opted_out", {"kind": "dispute"}),
    ],
)
def test_another_code_or_other_values_are_a_fault_of_ours(code, params):
    with pytest.raises(AssertionError, match="the reason"):
        Reason(code, params)


def test_a_reason_survives_being_written():
    made = Reason.of("hold", kind="dispute")
    assert Reason.read(json.loads(json.dumps(made.as_dict()))) == made
    assert made.columns() == {"reason_code": "hold", "reason_params": {"kind": "dispute"}}
    assert made.columns("locked_").keys() == {"locked_reason_code", "locked_reason_params"}
    assert made
    assert not NO_REASON
    assert Reason.read(NO_REASON.as_dict()) == NO_REASON


def test_codes_fit_their_columns():
    assert all(re.fullmatch(r"[a-z][a-z_]{0,31}", code) for code in REASONS if code)


def test_all_rules_are_named_however_many():
    refusals = [Refusal(f"us.rule_{n}", "§ 1", None, "no") for n in range(60)]
    assert refused_by(refusals).params["rules"] == [f"us.rule_{n}" for n in range(60)]
    assert refused_by([refusals[0], refusals[1], refusals[0]]).params["rules"] == ["us.rule_0", "us.rule_1"]


def test_a_problem_is_a_reason_with_its_code_and_values():
    problem = Problem("no_address", "%(name)s has no address", name="B1")
    reason = of_problem(problem)
    assert from_json(Reason.read(reason.as_dict()).params["problem"]) == problem
