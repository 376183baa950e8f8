"""Goal: whether a request may have had an effect is told rightly, whatever the other side does."""

import logging

import pytest

from forbear.channels.http_call import Answered, Caller, Unanswered
from tests.channels.process import python_peer


@pytest.fixture(scope="module")
def server():
    with python_peer("rude_server") as peer:
        yield peer


@pytest.fixture
def caller():
    made = Caller(0.5)
    yield made
    made.close()


def call(caller, server, path):
    return caller.call("POST", f"http://127.0.0.1:{server.port}{path}", headers={}, content=b"{}")


def test_an_answer_is_an_answer(caller, server):
    answered = call(caller, server, "/ok")
    assert isinstance(answered, Answered)
    assert (answered.status, answered.fields) == (200, {"ok": True})
    assert call(caller, server, "/500").status == 500


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"[" * 5000, b"\xff"])
def test_what_is_no_object_tells_nothing(body):
    assert Answered(200, body).fields == {}


@pytest.mark.parametrize("path", ["/cut", "/half", "/silent", "/no-http", "/endless"])
def test_once_written_nothing_is_certain(caller, server, path):
    answered = call(caller, server, path)
    assert isinstance(answered, Unanswered)
    assert answered.answer == "unknown"


def test_without_a_connection_nothing_left(caller, server):
    nobody = caller.call("POST", "http://127.0.0.1:1/", headers={}, content=b"")
    assert isinstance(nobody, Unanswered)
    assert nobody.answer == "busy"
    no_tls = caller.call("POST", f"https://127.0.0.1:{server.port}/ok", headers={}, content=b"")
    assert isinstance(no_tls, Unanswered)
    assert no_tls.answer == "busy"


def test_a_redirect_is_not_followed(caller, server):
    assert call(caller, server, "/elsewhere").status == 307


def test_no_number_gets_into_the_log(caller, server, caplog):
    caplog.set_level(logging.DEBUG)
    call(caller, server, "/ok?PhoneNumbers=13800000001")
    assert "13800000001" not in caplog.text
