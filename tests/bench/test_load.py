"""Goal: the measurement under load signs its people in, asks a real service for pages, and meets no error."""

import pytest
from django.db import connection

from forbear.bench.load import measure

pytestmark = [pytest.mark.database, pytest.mark.process]


@pytest.mark.long
def test_people_look_at_pages_while_workers_send(monkeypatch):
    monkeypatch.setenv("FORBEAR_DATABASE", "postgresql://nobody@/nothing?host=/nowhere")
    monkeypatch.setattr("forbear.bench.load.STAFF_SECONDS", 1.0)
    monkeypatch.setattr("forbear.bench.load.BORROWER_SECONDS", 1.0)
    alone, beside = measure(5, 5, 0.2, 200, 1, connection.vendor)
    assert (alone["which"], beside["which"]) == ([], [])
    assert set(alone["each"]) == set(beside["each"]) == {"staff", "borrower"}
    assert alone["pages"] > 20
    assert beside["rate"] > 0
    assert alone["memory"] > 0
