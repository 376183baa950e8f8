"""Goal: a request reaches a row only by a named function, so who sees what is decided in one place."""

import ast

import pytest

from tests.tidy.tree import Module, imported, module, modules

#: Attributes that lead from a class of rows to all its rows.
MANAGERS = {"objects", "_default_manager", "_base_manager"}
#: What finds rows, or the class of them, without naming either.
WAYS_ROUND = (
    "django.apps",
    "django.contrib.auth.get_user_model",
    "django.db.connection",
    "django.db.connections",
    "django.shortcuts.get_list_or_404",
    "django.shortcuts.get_object_or_404",
    "forbear.store.access.queries",
    "forbear.store.access.visibility",
    "forbear.store.models",  # as a module; its classes are looked at below
    "forbear.store.rows",
)
#: What writes rows: pages leave that to actions.
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "raw"}
MODELS = "forbear.store.models"


def web() -> list[Module]:
    return [source for source in modules() if source.room == "web"]


def around(source: Module) -> list[str]:
    """Ways to rows that are no named function of another room."""
    found = [
        f"{source.path}:{line}: {name} is a way round store.access"
        for name, line, _ in imported(source)
        if any(name == way or (way != MODELS and name.startswith(f"{way}.")) for way in WAYS_ROUND)
    ]
    classes = {
        name.rpartition(".")[2]
        for name, _, _ in imported(source)
        if name.startswith(f"{MODELS}.") and not name.rpartition(".")[2].isupper()
    }
    types = {id(node) for root in _types(source) for node in ast.walk(root)}
    for node in source.nodes:
        place = f"{source.path}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            found.append(
                f"{place}: .{node.attr} reaches every row; call a function of store.access or a selector"
            )
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node.func):
            found.append(f"{place}: .{node.func.attr}() writes rows, which is an action's work")
        elif isinstance(node, ast.Name) and node.id in classes and id(node) not in types:
            found.append(f"{place}: {node.id} is more than a type here")
        elif isinstance(node, ast.Import) and any(alias.name.startswith(MODELS) for alias in node.names):
            found.append(f"{place}: the tables as a module are a way round store.access")
    return found


def _writes(function: ast.Attribute) -> bool:
    """Whether a call writes rows: by its name, or because it updates or deletes what another call gave."""
    if function.attr in WRITES:
        # a session is no row of ours
        return not (isinstance(function.value, ast.Attribute) and function.value.attr == "session")
    return function.attr in ("update", "delete") and isinstance(function.value, ast.Call)


def _types(source: Module) -> list[ast.AST]:
    """Where a class stands as a type only: annotations, and what `isinstance` asks for."""
    found: list[ast.AST | None] = []
    for node in source.nodes:
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            found.append(node.args[1])
    return [node for node in found if node is not None]


def test_web_reaches_rows_by_named_functions():
    assert len(web()) > 50
    assert [line for source in web() for line in around(source)] == []


@pytest.mark.parametrize(
    "text",
    [
        "from forbear.store.models import Case\nrows = Case.objects.all()",
        "from forbear.store.models import Case\nrows = Case._default_manager.all()",
        "def f(table):\n    return table.objects",
        "from django.shortcuts import get_object_or_404",
        "from django.shortcuts import get_list_or_404",
        "from django.apps import apps",
        "from django.contrib.auth import get_user_model",
        "from django.db import connection",
        "from forbear.store import rows",
        "from forbear.store.rows import fetch_all",
        "from forbear.store import models",
        "import forbear.store.models",
        "import forbear.store.models as tables",
        "from forbear.store.access.visibility import rows_for",
        "from forbear.store.models import Case\nfind = query(Case)",
        "from forbear.store.models.case import Case\nnew = Case(pk=1)",
        "def f(found):\n    found.save()",
        "def f(rows):\n    rows.filter(pk=1).update(state='')",
        "def f(rows):\n    rows.filter(pk=1).delete()",
        "def f(rows):\n    rows.create(pk=1)",
    ],
)
def test_a_way_round_is_caught(text):
    assert around(module(text, "forbear.web.desk.a"))


@pytest.mark.parametrize(
    "text",
    [
        "from forbear.store.models import Case\ndef f(case: Case | None) -> list[Case]:\n    rows: list[Case] = []",
        "from forbear.store.models import Plan\ndef f(made: object) -> bool:\n    return isinstance(made, Plan)",
        "from forbear.store.models.api import SCOPES\nscopes = list(SCOPES)",
        "def f(known, request):\n    known.update(a=1)\n    request.session.save()",
    ],
)
def test_a_type_and_a_dictionary_are_fine(text):
    assert around(module(text, "forbear.web.desk.a")) == []
