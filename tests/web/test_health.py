"""Goal: machines that watch are told what an operator needs and nothing of any person; nobody else is told anything."""

import json
import logging
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from forbear.config.logs import Json, Plain, blotted
from forbear.engine import telemetry
from forbear.jobs import timetable
from forbear.jobs.send_due import Worker
from forbear.store.health import beat, failing
from forbear.store.models import Contact, Request
from tests.factories.desk import NOON, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]
#: As deploy/alerts.yaml: a worker that has not gone round for so long is taken for dead.
_SILENT_SECONDS = 120
KEY = {"Authorization": "Bearer a-long-key"}


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("FORBEAR_METRICS_TOKEN", "a-long-key")


def figures() -> dict[tuple[str, str], float]:
    """(name, label) to value, as a scraper reads them."""
    answer = Client().get("/metrics", headers=KEY)
    assert answer.status_code == 200
    return {
        (sample.name.removeprefix("forbear_"), next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.postgresql
def test_a_living_process_answers_and_a_sound_one_is_ready():
    assert Client().get("/health/live").json() == {"live": True}
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "failing": []})
    assert Client().post("/health/ready").status_code == 405


def test_what_is_broken_is_named_and_nothing_else_is_said():
    house_rules("pack: house\nrules: [")
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "failing": ["packs"]})


def test_a_database_that_is_away(monkeypatch):
    def away() -> None:
        raise OSError

    monkeypatch.setattr("forbear.store.health.connection.cursor", away)
    assert failing(NOON, {}) == ["database"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer a-long-kez"}, {"Authorization": "a"}])
def test_without_the_key_there_are_no_metrics(key, headers):
    assert Client().get("/metrics", headers=headers).status_code == 404


def test_without_a_key_set_there_are_none_at_all(monkeypatch):
    monkeypatch.delenv("FORBEAR_METRICS_TOKEN", raising=False)
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_the_figures_are_those_of_the_tables(key):
    house_rules()
    borrower = make_borrower()
    for state in ("unknown", "unknown", "dead", "waiting"):
        Contact.objects.filter(pk=wished(borrower).pk).update(state=state)
    Request.objects.create(
        number="R1", borrower=borrower, kind="other", source="desk", opened_at=NOON, due_on=NOON.date()
    )
    beat("sending", datetime.now(UTC) - timedelta(seconds=_SILENT_SECONDS))
    found = figures()
    assert [found["contacts", state] for state in ("waiting", "claimed", "sending", "unknown", "dead")] == [
        1,
        0,
        0,
        2,
        1,
    ]
    assert found["requests_overdue", ""] == 1
    assert found["cases_open", ""] == 1
    assert found["night_age_days", ""] == float("inf"), "no night was published yet"
    assert _SILENT_SECONDS <= found["worker_silent_seconds", "sending"] < _SILENT_SECONDS + 60
    assert found["contacts_oldest_due_seconds", ""] > 0
    text = Client().get("/metrics", headers=KEY).content.decode()
    assert not [word for word in ("B1", "王小明", "10000000001", "L1") if word in text]


def test_a_worker_is_heard_of(key, monkeypatch):
    monkeypatch.setattr(timetable, "timetable", lambda worker, deliver: [])
    monkeypatch.setattr(timetable, "close_old_connections", lambda: None)
    monkeypatch.setattr(timetable.signal, "signal", lambda number, act: None)
    timetable.work(once=True)
    found = figures()
    assert found["worker_silent_seconds", "sending"] < 60
    assert found["worker_silent_seconds", "timetable"] < 60
    assert isinstance(Worker({}), Worker)


# lines


def test_a_request_is_told_by_its_route(caplog):
    caplog.set_level(logging.INFO, "forbear.request")
    make_borrower()
    Client().get("/desk/case/B1/")
    (record,) = [each for each in caplog.records if each.name == "forbear.request"]
    told = json.loads(Json().format(record))
    assert (told["route"], told["method"], told["status"], told["level"]) == (
        "desk/case/<name:borrower_id>/", "GET", 302, "info",
    )  # fmt: skip
    assert "B1" not in json.dumps(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("call +8610000000001 now", "call […] now"),
        ("mail a.b@example.com", "mail […]"),
        ("identity 11010119900131001X", "identity […]"),
        ("138 0000 0000 rang", "[…] rang"),
        ("2026-03-10 07:00:00 took 12 ms, 1234567 rows", "2026-03-10 07:00:00 took 12 ms, 1234567 rows"),
        ("contact 0b7c1a52-1111-4222-8333-123456789012 failed", "contact 0b7c1a52-1111-4222-8333-123456789012 failed"),
    ],
)  # fmt: skip
def test_what_looks_personal_is_blotted_out(text, told):
    assert blotted(text) == told
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "%s", (text,), None)
    assert told in Plain().format(record)
    assert json.loads(Json().format(record))["message"] == told


# traces


class AgencyStatus(BaseHTTPRequestHandler):
    """Takes spans as any collector does."""

    got: list[ExportTraceServiceRequest]

    def do_POST(self) -> None:
        """Keep what comes."""
        self.got.append(
            ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        )
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector(monkeypatch):
    AgencyStatus.got = []
    server = HTTPServer(("127.0.0.1", 0), AgencyStatus)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(telemetry.ENDPOINT, f"http://127.0.0.1:{server.server_port}")
    telemetry._STARTED.clear()
    yield AgencyStatus
    telemetry._STARTED.clear()
    server.shutdown()


def test_spans_reach_a_collector_without_anything_personal(collector):
    make_borrower()
    Client().get("/desk/case/B1/")
    with pytest.raises(ValueError, match="B1"), telemetry.span("job test", number=3):
        raise ValueError("of B1")
    telemetry.flush()
    spans = [
        span
        for told in collector.got
        for resource in told.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert sorted(span.name for span in spans) == ["job test", "request"]
    (failed,) = [span for span in spans if span.name == "job test"]
    assert failed.status.message == "ValueError"
    # numbers made by lot stand here as bytes, and two of them may read "B1"
    assert not [words for words in ("of B1", "case/B1") if words in str(spans)]


def test_without_an_endpoint_nothing_is_made(monkeypatch):
    monkeypatch.delenv(telemetry.ENDPOINT, raising=False)
    telemetry._STARTED.clear()
    with telemetry.span("x"):
        pass
    assert telemetry._STARTED == {}
    assert settings.MIDDLEWARE[0] == "forbear.web.observe.observed"
