"""Goal: no view reads a form by hand, so that every field is checked, said in words, and kept when it is refused."""

import ast
from pathlib import Path

from tests.tidy.tree import SRC

WEB = SRC / "forbear" / "web"
#: What reads a form below all forms, and why.
LOWER = {
    "errors.py": "shows what was typed when a form's proof of origin is missing",
    "form_token.py": "reads the token that stands beside the fields, and all fields to tell equal forms",
}


def read_by_hand(source: str) -> list[int]:
    """The lines where `request.POST` is anything but what a form is made of."""
    tree = ast.parse(source)
    handed = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for given in [*call.args, *(each.value for each in call.keywords)]
        for part in ([given.body, given.orelse] if isinstance(given, ast.IfExp) else [given])
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "POST" and id(node) not in handed
    ]


def test_no_view_reads_a_form_by_hand():
    found = {
        f"{path.relative_to(WEB)}:{line}"
        for path in sorted(WEB.rglob("*.py"))
        for line in read_by_hand(path.read_text("utf-8"))
        if str(path.relative_to(WEB)) not in LOWER
    }
    assert not found, "make a form of it: Form(request.POST)"


def test_the_readers_below_are_still_there():
    assert [name for name in LOWER if not read_by_hand((WEB / name).read_text("utf-8"))] == []


def test_the_check_sees_each_way_of_reading():
    for line in (
        'request.POST["a"]',
        'request.POST.get("a")',
        'request.POST.getlist("a")',
        '"a" in request.POST',
        "form = request.POST",
        "request.POST.dict()",
    ):
        assert read_by_hand(line) == [1], line
    for line in (
        "Form(request.POST)",
        "Form(request.POST if sent else None, key=1)",
        "form(data=request.POST)",
    ):
        assert read_by_hand(line) == [], line


def test_this_looks_where_the_views_are():
    assert Path(WEB / "desk" / "case.py").is_file()
