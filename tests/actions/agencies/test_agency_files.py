"""Goal: files in the folder that an agency can reach go out once a day and come in once, each with its report."""

import json
from datetime import date

import pytest

from forbear.actions.agency_work.agency_files import exchange, folder_of
from forbear.actions.agency_work.casework import ask_call
from forbear.store.models import Agency, Contact, Conversation, Placement, Promise
from tests.actions.agencies.test_agencies import AGENCY_PACK
from tests.factories.agencies import late_case, make_agency, person, place_all
from tests.factories.desk import NOON, house_rules

pytestmark = [pytest.mark.database, pytest.mark.django_db]
HEAD = "contact_id,result,seconds,willingness,situation,note\n"


@pytest.fixture
def folder():
    house_rules(AGENCY_PACK)
    make_agency()
    late_case("B1")
    place_all()
    made = folder_of("huaxin")
    (made / "in").mkdir(parents=True)
    return made


def a_call() -> str:
    worker = person("agent1", "agency", Agency.objects.get())
    call = ask_call(Placement.objects.get().pk, worker, NOON)
    Contact.objects.filter(pk=call.pk).update(state="sent", at=NOON)
    return call.pk


def test_cases_go_out_once_a_day(folder):
    assert exchange(NOON) == 0
    (out,) = (folder / "out").iterdir()
    assert out.name == "cases-2026-03-10.csv"
    assert out.read_text("utf-8-sig").splitlines()[-1] == "#total,1,120000"
    out.write_text("taken", "utf-8")
    exchange(NOON)
    assert out.read_text("utf-8") == "taken"


def test_outcomes_come_in_once_and_what_is_still_being_written_waits(folder):
    call = a_call()
    (folder / "in" / "a.csv").write_text(f"{HEAD}{call},no_answer,0,,,\n#total,1,0\n", "utf-8")
    (folder / "in" / "b.csv").write_text(f"{HEAD}{call},no_answer,0,,,\n", "utf-8")
    (folder / "in" / "c.csv.part").write_text(HEAD, "utf-8")
    assert exchange(NOON) == 2
    assert [path.name for path in (folder / "in").iterdir()] == ["c.csv.part"]
    told = {
        path.name: json.loads(path.read_text("utf-8")) for path in (folder / "done").glob("*.report.json")
    }
    assert told["a.csv.report.json"] == {"rows": 1, "taken": 1, "aside": []}
    assert "#total" in told["b.csv.report.json"]["refused"]
    assert Contact.objects.get(pk=call).outcome == "unanswered"
    assert Conversation.objects.count() == 1
    assert exchange(NOON) == 0


def test_without_an_account_that_answers_for_it_nothing_is_taken(folder):
    (folder / "in" / "a.csv").write_text(f"{HEAD}#total,0,0\n", "utf-8")
    assert exchange(NOON) == 0
    assert (folder / "in" / "a.csv").is_file()


def test_a_promise_in_a_file_has_its_amount_and_day_or_goes_aside(folder):
    call, head = a_call(), HEAD.replace("\n", ",amount,due_on\n")
    (folder / "in" / "a.csv").write_text(f"{HEAD}{call},promise,60,,,\n#total,1,60\n", "utf-8")
    (folder / "in" / "b.csv").write_text(f"{head}{call},promise,60,,,,500.00,soon\n#total,1,60\n", "utf-8")
    (folder / "in" / "c.csv").write_text(
        f"{head}{call},promise,60,,,,500.00,2026-03-13\n#total,1,60\n", "utf-8"
    )
    assert exchange(NOON) == 3
    told = [json.loads((folder / "done" / f"{name}.csv.report.json").read_text("utf-8")) for name in "abc"]
    assert [(each["taken"], [row["column"] for row in each["aside"]]) for each in told] == [
        (0, ["contact_id"]),
        (0, ["due_on"]),
        (1, []),
    ]
    promise = Promise.objects.get()
    assert (promise.amount, promise.due_on, promise.state) == (50_000, date(2026, 3, 13), "open")
