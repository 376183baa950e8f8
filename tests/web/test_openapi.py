"""Goal: whatever a program sends, the interface answers as its description says, and never with a fault of ours."""

import runpy

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.generation import derive_operation_seed
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from forbear.store.models import RateLimitBucket
from forbear.web.api.app import api
from tests.factories.desk import house_rules, make_borrower
from tests.profile import examples
from tests.tidy.tree import ROOT
from tests.web.test_api import ALL, Program

pytestmark = pytest.mark.database
schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))
schema.app = get_wsgi_application()
OPERATIONS = {found.ok().label: found.ok() for found in schema.get_all_operations()}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def program(db):
    house_rules()
    make_borrower()
    # a request's end would close the connection that the test's transaction lives on
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield Program(ALL)
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


@settings(
    max_examples=examples(8, long=200),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def keeps_its_word(case, program):
    RateLimitBucket.objects.all().delete()
    case.call_and_validate(headers=program.headers, checks=CHECKS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_interface_keeps_its_word(operation, program):
    """Schemathesis makes an operation's cases when its test runs: making all takes each process seconds."""
    load_all_checks()
    around = HypothesisTestConfig(
        project=schema.config,
        modes=list(HypothesisTestMode),
        seed=derive_operation_seed(schema.config.seed, operation),
    )
    create_test(operation=OPERATIONS[operation], test_func=keeps_its_word, config=around)(program=program)


def test_the_description_is_checked_in():
    written = runpy.run_path(str(ROOT / "scripts" / "openapi.py"))["described"]()
    assert (ROOT / "docs" / "reference" / "openapi.json").read_text("utf-8") == written, (
        "run `uv run python scripts/openapi.py`"
    )


def test_every_operation_says_what_it_does():
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    silent = [
        f"{method} {path}"
        for path, methods in paths.items()
        for method, op in methods.items()
        if not op.get("description")
    ]
    assert silent == []
