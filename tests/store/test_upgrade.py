"""Goal: a database of an earlier release, with data in it, comes up to this one with nothing lost, on SQLite.

Method: tables as an earlier migration left them, filled through that migration's own models, then this release's start.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField
from django.db.models import NOT_PROVIDED

from forbear.interchange.home import make_home

FILL = """
import sys
from datetime import date, datetime, UTC
from pathlib import Path
from forbear.config.start import start
start(Path(sys.argv[1]))
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
call_command("migrate", "store", sys.argv[2], verbosity=0)
for app in ("contenttypes", "auth", "sessions", "axes"):
    call_command("migrate", app, verbosity=0)
executor = MigrationExecutor(connection)
old = executor.loader.project_state([("store", sys.argv[2])]).apps
now = datetime(2026, 3, 10, 7, tzinfo=UTC)
borrower = old.get_model("store", "Borrower").objects.create(
    borrower_id="B1", name="王小明", timezones=["Asia/Shanghai"], loaded_at=now)
point = old.get_model("store", "ContactPoint").objects.create(
    borrower=borrower, kind="phone", value="+8610000000001", digest="d", lawful=True)
old.get_model("store", "Contact").objects.create(
    contact_id="c1", borrower=borrower, loans=["L1"], channel="sms", purpose="collect", party="debtor", point=point,
    code="AAAA2222", state="sent", outcome="delivered", wished_at=now, not_before=now, give_up_at=now, at=now)
old.get_model("store", "Hold").objects.create(borrower=borrower, kind="dispute", loans=[], starts_at=now)
old.get_model("store", "Staff").objects.create(
    username="lin", role="collector", number="F1001", password="!")
"""
LOOK = """
import sys
from pathlib import Path
from forbear.config.start import ready_database, start
start(Path(sys.argv[1]))
ready_database()
ready_database()
from django.core.management import call_command
from forbear.store.models import Borrower, Contact, Hold, Staff, Request, Suit
call_command("makemigrations", "store", check=True, dry_run=True, verbosity=0)
contact = Contact.objects.select_related("point", "borrower").get()
print(contact.borrower.name, contact.point.value, contact.outcome, contact.loans, Hold.objects.get().kind,
      Staff.objects.get(username="lin").number, Request.objects.count(), Suit.objects.count())
"""
PLACES = ("0001_initial", "0013_allotment")


def run(code: str, *arguments: object) -> str:
    line = [sys.executable, "-c", code, *(str(each) for each in arguments)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("place", PLACES)
def test_what_was_there_is_there(tmp_path: Path, place: str):
    make_home(tmp_path / "home")
    run(FILL, tmp_path / "home", place)
    told = run(LOOK, tmp_path / "home")
    assert told == "王小明 +8610000000001 delivered ['L1'] dispute F1001 0 0"


def test_a_row_of_the_former_version_still_goes_in():
    """It knows nothing of a new column, so that has a value of its own in the database."""
    steps = MigrationLoader(None).disk_migrations
    added = [
        (name, step)
        for (app, name), migration in steps.items()
        # the first eight came before anybody ran it
        if app == "store" and int(name[:4]) > 8
        for step in migration.operations
        if isinstance(step, AddField)
    ]
    assert len(added) > 20
    wrong = [
        f"{name}: {step.model_name}.{step.name} has neither null nor db_default"
        for name, step in added
        if not (step.field.null or step.field.many_to_many) and step.field.db_default is NOT_PROVIDED
    ]
    assert wrong == []
