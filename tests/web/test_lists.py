"""Goal: every list can be sorted, narrowed, given other columns, kept as a view and taken away as a file, by everybody
who may see it and nobody else, whatever stands in the address.
"""

import csv
import io
import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from forbear.insight.kpi import KPIS, Period
from forbear.store.business_date import business_date
from forbear.store.models import (
    Case,
    CreditReport,
    Event,
    Hold,
    Inbound,
    PenaltyDifference,
    PlacementList,
    Promise,
    Request,
    Sale,
    SavedView,
    Staff,
    Statement,
    Vulnerability,
)
from forbear.store.permissions import may
from forbear.store.roles import ROLES
from forbear.web.desk.listings.insight import KPI_ROWS
from forbear.web.lists import files, pages
from forbear.web.lists.filters import ALL, AmountFilter, DayFilter, NumberFilter
from forbear.web.lists.listing import Listing
from forbear.web.lists.registry import LISTINGS
from tests.factories.desk import NOON, make_borrower
from tests.profile import LONG
from tests.web.pages import browser_of, shown
from tests.web.test_access import borrower as borrower
from tests.web.test_access import signed_in, turned_away, whole_way

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NAMES = sorted(LISTINGS)
#: Lists with every kind of filter and sort there is; a long run has all of them on PostgreSQL.
ON_POSTGRESQL = tuple(
    f"test_every_sort_filter_and_column_answers[{name}]"
    for name in ("cases", "charge-offs", "inbox", "people", "sales")
)
#: What people and programs put into an address.
BAD = (
    "",
    "x" * 10_000,
    "😀",
    "1e5",
    "-5",
    "０",
    "1.234,50",
    "99999999999999999999",
    "9999-12-31",
    "0001-01-01",
    "'; --",
    "%00",
)


def figure_of(model: type[Model]) -> tuple[str, str]:
    """A figure with rows of this table, and which of its sides has them."""
    today = Period(NOON.date(), NOON.date())
    return next(
        (each.key, side)
        for each in KPIS
        for side in ("whole", "part")
        if getattr(each, side)(today).model is model
    )


#: What an address of these lists says besides, for the page shows one of several.
BESIDES = {listing.name: {"rows": figure_of(model)[1]} for model, listing in KPI_ROWS.items()}


def address_of(listing: Listing) -> str:
    """Where a list is found; those of one thing at the first there is."""
    of_one = {
        "sale-loans": lambda: reverse("desk:sale", args=[Sale.objects.first().number]),
        "credit-records": lambda: reverse("desk:credit_report", args=[CreditReport.objects.first().pk]),
        "placement-list": lambda: reverse("desk:placement_list", args=[PlacementList.objects.first().pk]),
        "statement-lines": lambda: reverse("agency:statement", args=[Statement.objects.first().pk]),
        "placed": lambda: reverse("desk:agency", args=["huaxin"]),
        "goal-promises": lambda: reverse("desk:goal_rows", args=[Staff.objects.first().pk]),
        **{
            each.name: lambda model=model: reverse("desk:kpi", args=[figure_of(model)[0]])
            for model, each in KPI_ROWS.items()
        },
    }
    return of_one[listing.name]() if listing.name in of_one else reverse(listing.page)


def reader_of(listing: Listing):
    """Somebody who may see the list."""
    return signed_in(next(role for role in ROLES if may(role, listing.permission)))


def values_of(name: str, each) -> list[str]:
    """What may be chosen in a filter."""
    if isinstance(each, DayFilter):
        return ["2026-03-10"]
    if isinstance(each, AmountFilter):
        return ["1,234.50", "￥１２３４", "0"]
    if isinstance(each, NumberFilter):
        return ["12"]
    choices = each.extra.get("choices")
    if not callable(choices):
        return ["B1"]
    every = [ALL] if getattr(each, "start", "") else []
    return [*every, *(str(code) for code, _word in choices())]


@pytest.mark.parametrize("role", ROLES)
def test_a_list_is_there_for_who_may_see_it_and_as_a_file_too(role, borrower):
    client, person = signed_in(role), Staff.objects.get(username=role)
    for place, listing in enumerate(LISTINGS.values()):
        allowed, address = may(role, listing.permission), address_of(listing)
        if not allowed:
            assert turned_away(address, person, "get"), f"{role} {listing.name}"
        if not whole_way(place, role, listing.permission):
            continue  # tests/web/test_one_language.py opens every page of every role
        for more in ("", "?file=csv", "?file=xlsx", "?file=pdf"):
            answer = client.get(address + more)
            expected = 200 if allowed and "pdf" not in more else 404
            assert answer.status_code == expected, f"{role} {listing.name} {more}"


def form_of(listing: Listing, asked: dict[str, str]):
    """The form of a list's filters, filled in."""
    assert listing.filters is not None
    return listing.filters(asked, Staff.objects.none(), request=None).form


@pytest.mark.postgresql(*ON_POSTGRESQL)
@pytest.mark.parametrize("name", NAMES)
def test_every_sort_filter_and_column_answers(name, borrower):
    """A page and a file are of the same rows, and a file is drawn in a quarter of the time."""
    listing = LISTINGS[name]
    client, path, besides = reader_of(listing), address_of(listing), BESIDES.get(name, {})
    for column in listing.columns:
        for sort in (column, f"-{column}"):
            answer = client.get(path, {**besides, "sort": sort, "columns": column, "file": "csv"})
            assert answer.status_code == 200, f"{name} {sort}"
            assert answer.getvalue(), "a file has its titles"
        if LONG:
            assert client.get(path, {**besides, "sort": column, "columns": column}).status_code == 200, (
                f"{name} {column}"
            )
    every = {**besides, "columns": list(listing.columns)}
    assert client.get(path, {**every, "sort": next(iter(listing.columns))}).status_code == 200
    fields = listing.filters.base_filters if listing.filters else {}
    values = {field: values_of(field, each) for field, each in fields.items()}
    for field, some in values.items():
        for value in some:
            answer = client.get(path, {field: value, **every, "file": "csv"})
            assert answer.status_code == 200, f"{name} {field}={value}"
            assert form_of(listing, {field: value}).is_valid(), f"{name} {field}={value}"
    # a page with the first value of every filter, then with the second where there is one, and so on
    for place in range(max(map(len, values.values()), default=0) if LONG else min(1, len(values))):
        asked = {field: some[place % len(some)] for field, some in values.items()}
        answer = client.get(path, {**asked, **every})
        assert answer.status_code == 200, f"{name} {asked}"
        assert "invalid-feedback" not in answer.content.decode(), f"{name} {asked}"


@pytest.mark.parametrize("name", NAMES)
def test_whatever_stands_in_an_address_is_answered(name, borrower):
    """On each page three of the values in turn, so that every value is on some pages, and others in its file."""
    listing = LISTINGS[name]
    client, path, besides = reader_of(listing), address_of(listing), BESIDES.get(name, {})
    fields = [*(listing.filters.base_filters if listing.filters else {}), "sort", "columns", "page", "view"]
    for place, value in enumerate(BAD):
        on_page = LONG or (place - NAMES.index(name)) % len(BAD) in (0, 4, 8)
        in_file = LONG or (place - NAMES.index(name)) % len(BAD) in (2, 6, 10)
        for file in ("",) * on_page + ("csv",) * in_file:
            asked = dict.fromkeys(fields, value) | {"file": file} | besides
            assert client.get(f"{path}?{urlencode(asked)}").status_code == 200, f"{name} {value[:20]} {file}"


@pytest.mark.parametrize(
    ("name", "of_page"), [("kpi-contact", "insight.trend"), ("placed", "agencies.scorecards")]
)
def test_a_file_does_not_wait_for_what_only_its_page_shows(name, of_page, borrower, monkeypatch):
    listing = LISTINGS[name]
    client, path = reader_of(listing), address_of(listing)
    asked: list[object] = []
    monkeypatch.setattr(f"forbear.web.desk.{of_page}", lambda *given: asked.extend(given) or {})
    assert client.get(path, {**BESIDES.get(name, {}), "file": "csv"}).status_code == 200
    assert asked == []


def test_every_figure_has_a_list_of_its_rows():
    today = Period(NOON.date(), NOON.date())
    models = {getattr(each, side)(today).model for each in KPIS for side in ("whole", "part")}
    assert models == set(KPI_ROWS)


def test_what_cant_be_read_is_told_at_the_field_and_narrows_nothing(borrower):
    lead = lead_in_english()
    page = lead.get("/desk/promises", {"amount_from": "1e5", "due_from": "31 March"}).content.decode()
    assert page.count("invalid-feedback") == 2
    assert "Write an amount such as 1,234.50." in page
    assert 'value="1e5"' in page


def lead_in_english():
    """A lead who reads English."""
    return browser_of(Staff.objects.create_user(username="lead", role="lead", number="L1"))


def promised(number: int, *, amount: int = 50_000, **more: object) -> Promise:
    """A promise of a borrower of its own."""
    name = f"P{number:04}"
    return Promise.objects.create(
        borrower=make_borrower(name, phone=f"+8610{number:09}"), amount=amount, currency="CNY", minor_unit=100,
        made_on=NOON.date(), due_on=NOON.date(), state="open", **more,
    )  # fmt: skip


def rows_of(answer) -> list[list[str]]:
    """The rows of a CSV file, with its titles."""
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_file_has_what_the_page_shows_masked_neutral_and_on_record(borrower):
    lead = Staff.objects.create_user(username="zhou", role="lead", number="F1")
    promised(1, amount=123_450)
    promise = promised(2, amount=5)
    promise.borrower.name = '=HYPERLINK("http://evil")'
    promise.borrower.save()
    taker = Staff.objects.create_user(username="=x", role="collector", number="=1+1")
    Promise.objects.filter(pk=promise.pk).update(taken_by=taker)
    client = browser_of(lead)
    asked = {"amount_from": "0.05", "sort": "amount", "columns": ["borrower", "amount", "taken_by"]}
    rows = rows_of(client.get("/desk/promises", asked | {"file": "csv"}))
    assert rows[0] == ["Borrower", "Name", "Amount", "Amount, currency", "Recorded by"]
    assert [row[2:4] for row in rows[1:]] == [["0.05", "CNY"], ["1234.50", "CNY"]]
    assert rows[2][:2] == ["P0001", "王**"], "names are masked as on the page"
    assert rows[1][1].startswith("'="), "no cell is taken for a formula"
    assert rows[1][4] == "'=x =1+1"
    event = json.loads(Event.objects.filter(kind="export").latest("pk").line)
    assert event["actor"] == "staff:F1"
    assert event["body"]["list"] == "promises"
    assert event["body"]["rows"] == 2
    assert "amount_from=0.05" in event["body"]["asked"]
    book = load_workbook(
        io.BytesIO(b"".join(client.get("/desk/promises", asked | {"file": "xlsx"}).streaming_content))
    )
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert [row[0] for row in cells] == ["Borrower", "P0002", "P0001"]
    assert cells[1][4] == "'=x =1+1"


def test_amounts_are_compared_in_the_units_of_their_own_currency(borrower):
    for number, (amount, currency, unit) in enumerate(
        [(500, "JPY", 1), (49_999, "CNY", 100), (50_000, "CNY", 100)]
    ):
        Promise.objects.filter(pk=promised(number, amount=amount).pk).update(
            currency=currency, minor_unit=unit
        )
    client = lead_in_english()
    rows = rows_of(client.get("/desk/promises?amount_from=500&columns=borrower&file=csv&sort=borrower"))
    assert [row[0] for row in rows[1:]] == ["P0000", "P0002"]


def test_a_list_costs_the_same_for_fifty_rows_and_a_file_reads_them_once(borrower, django_assert_num_queries):
    client = lead_in_english()
    promised(1)
    client.get("/desk/promises")
    # session, person, views, page, count; for the menu how large the book is, and what waits
    with django_assert_num_queries(7):
        client.get("/desk/promises")
    for number in range(2, 60):
        promised(number)
    with django_assert_num_queries(7):
        page = client.get("/desk/promises?page=2&sort=-amount").content.decode()
    assert "59 rows" in page
    assert page.count("<tr id=") == 9


def test_a_long_list_says_more_than_and_a_longer_one_gives_no_file(borrower, monkeypatch):
    monkeypatch.setattr(pages, "MOST", 3)
    monkeypatch.setattr("forbear.web.lists.listing.MOST_IN_A_FILE", 4)
    client = lead_in_english()
    for number in range(5):
        promised(number)
    assert "More than" in client.get("/desk/promises").content.decode()
    refused = client.get("/desk/promises?file=csv&state=open", follow=True)
    assert refused.redirect_chain[0][0] == "/desk/promises?state=open"
    assert "A file has at most" in refused.content.decode()
    assert files.MOST == 200_000


def test_views_are_kept_found_by_the_team_opened_first_and_removed(borrower):
    lead = Staff.objects.create_user(username="zhou", role="lead", number="F1", team="A")
    mate = Staff.objects.create_user(username="gao", role="lead", number="F2", team="A")
    other = Staff.objects.create_user(username="he", role="lead", number="F3", team="B")
    client = browser_of(lead)
    query = "kind=dispute&sort=-due&columns=number&columns=due&page=3"
    saved = {
        "name": "争议",
        "query": query,
        "back": "/desk/requests?page=2",
        "shared": "on",
        "is_default": "on",
    }
    answer = client.post("/own/views/requests", saved)
    view = SavedView.objects.get()
    assert view.query == "kind=dispute&sort=-due&columns=number&columns=due"
    assert answer["Location"] == f"/desk/requests?{view.query}&view={view.pk}"
    assert client.get("/desk/requests")["Location"] == f"/desk/requests?{view.query}", "it opens first"
    assert client.get("/desk/requests?view=").status_code == 200, "and the whole list is there too"
    assert "争议" in shown(browser_of(mate), "/desk/requests")
    assert "争议" not in shown(browser_of(other), "/desk/requests")
    browser_of(mate).post(f"/own/views/{view.pk}/remove", {"back": "/desk/requests"})
    assert SavedView.objects.exists(), "a colleague's view stays"
    client.post("/own/views/requests", saved | {"query": "state=overdue"})
    assert SavedView.objects.get().query == "state=overdue", "the same name replaces it"
    assert client.post(f"/own/views/{view.pk}/remove", {"back": "//evil.example/x"})["Location"] == "/?view="
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_view_without_a_name_is_told(name, borrower):
    client = lead_in_english()
    answer = client.post("/own/views/requests", {"name": name, "back": "/desk/requests"})
    said = "At most 60 characters fit here." if name else "Please fill this in."
    assert said in answer.content.decode()
    assert not SavedView.objects.exists()


def test_nobody_keeps_a_view_of_a_list_they_may_not_see(borrower):
    for role, listing in (("collector", "holds"), ("lead", "nothing")):
        page = signed_in(role).post(f"/own/views/{listing}", {"name": "x"}, follow=True)
        assert "没有这份列表" in page.content.decode()
    assert not SavedView.objects.exists()


def test_forty_cases_are_reassigned_at_once_and_back_where_they_were(borrower):
    lead = Staff.objects.create_user(username="zhou", role="lead", number="F1")
    lin = Staff.objects.create_user(username="lin", role="collector", number="F2")
    wu = Staff.objects.create_user(username="wu", role="collector", number="F3")
    until = NOON.replace(year=2100)
    for number in range(40):
        make_borrower(f"C{number:02}", phone=f"+8611{number:09}")
    Case.objects.filter(borrower_id="C07").update(collector=lin, leased_until=until)
    cases = list(Case.objects.filter(borrower__pk__startswith="C").values_list("pk", flat=True))
    client = browser_of(lead)
    page = client.get("/desk/cases").content.decode()
    assert 'name="id"' in page
    assert "checked" not in page.split("<tbody>")[1].split("</tbody>")[0], "nothing is ticked beforehand"
    answer = client.post(
        "/desk/cases/assign", {"id": cases, "to": "F3", "back": "stage=conversation"}, follow=True
    )
    assert answer.redirect_chain[0][0] == "/desk/cases?stage=conversation"
    assert "Reassigned 40 cases to F3." in answer.content.decode()
    assert Case.objects.filter(collector=wu).count() == 40
    assert Event.objects.filter(kind="assignment").count() == 40
    Case.objects.filter(borrower_id="C03").update(collector=lin)
    assert "Undo the reassignment of 40 cases" in shown(client, "/desk/cases")
    undo = client.get("/desk/cases").context["undoable"]
    client.post(f"/desk/cases/assign/{undo.pk}/undo")
    assert Case.objects.filter(collector=wu).count() == 0
    assert Case.objects.get(borrower_id="C07").collector == lin, "it is with whom it was"
    assert Case.objects.get(borrower_id="C03").collector == lin, "what went on since stays"
    assert "Undo the reassignment" not in shown(client, "/desk/cases")
    Vulnerability.objects.create(
        borrower_id="C05", told_by="borrower", since=NOON.date(), review_on=NOON.date(), recorded_at=NOON,
        recorded_by="staff:F1", trained_only=True,
    )  # fmt: skip
    page = client.post("/desk/cases/assign", {"id": cases, "to": "F3"})
    assert page.status_code == 422
    assert "C05 are in special care" in page.content.decode()
    assert Case.objects.filter(collector=wu).count() == 0, "nothing is half done"
    for wrong in ({"to": "F3"}, {"id": ["x", "-1", "9" * 40], "to": "F3"}, {"id": cases, "to": "F99"}):
        client.post("/desk/cases/assign", wrong)
    assert Case.objects.filter(collector=wu).count() == 0
    assert browser_of(lin).post("/desk/cases/assign", {"id": cases, "to": "F2"}).status_code == 404


def test_the_reviews_of_many_holds_are_put_off_at_once_but_not_what_a_request_keeps(borrower):
    lead = browser_of(Staff.objects.create_user(username="zhou", role="lead", number="F1"))
    Hold.objects.all().delete()
    holds = [
        Hold.objects.create(borrower=borrower, kind="vulnerable", starts_at=NOON, placed_by="staff:F2")
        for _ in range(3)
    ]
    Request.objects.update(hold=holds[2])
    asked = {"id": [hold.pk for hold in holds], "note": "still ill", "review_on": "2100-01-01"}
    said = "a review date must lie within the next year"
    assert said in lead.post("/desk/holds/review", asked, follow=True).content.decode().lower()
    again = lead.post("/desk/holds/review", asked)
    assert again.status_code == 422
    page = again.content.decode()
    assert len(re.findall(r'form="bulk"[^>]*checked', page)) == 3, "the ticks are still there"
    assert 'value="still ill"' in page
    assert "This was not saved" not in page
    assert not Hold.objects.exclude(review_on=None).exists(), "nothing is half done"
    asked["review_on"] = business_date(timezone.now()) + timedelta(days=30)
    page = lead.post("/desk/holds/review", asked, follow=True).content.decode()
    assert "2 holds go on. 1 was left" in page
    assert Hold.objects.filter(review_on=asked["review_on"]).count() == 2
    assert Event.objects.filter(kind="hold").count() == 2


def test_ticked_messages_are_taken_or_passed_on_and_those_of_others_are_left(borrower):
    from_here = Staff.objects.create_user(username="zhou", role="lead", number="F1", team="A")
    other = Staff.objects.create_user(username="gao", role="lead", number="F2", team="A")
    rows = [
        Inbound.objects.create(provider="p", provider_ref=f"r{n}", kind="reply", at=NOON, needs_person=True)
        for n in range(3)
    ]
    Inbound.objects.filter(pk=rows[2].pk).update(owner=other, owned_until=NOON.replace(year=2100))
    client = browser_of(from_here)
    answer = client.post("/desk/inbox/transfer", {"id": [row.pk for row in rows], "to": "F1"}, follow=True)
    assert "2 messages passed on. Somebody else works on 1." in answer.content.decode()
    assert Inbound.objects.filter(owner=from_here).count() == 2
    client.post("/desk/inbox/transfer", {"id": [rows[0].pk], "to": "nobody"})
    assert Inbound.objects.get(pk=rows[0].pk).owner == from_here


def test_many_discrepancies_are_resolved_with_one_result_each_in_its_own_evidence(borrower):
    officer = browser_of(Staff.objects.create_user(username="he", role="compliance", number="F3"))
    PenaltyDifference.objects.all().delete()
    rows = [
        PenaltyDifference.objects.create(
            loan_id=make_borrower(f"Q{number}", phone=f"+8610{number:09}").pk + "-L1", as_of=NOON.date(),
            reported=200, computed=100, too_much=100 + number, found_at=NOON,
        )
        for number in range(3)
    ]  # fmt: skip
    page = officer.get("/desk/penalties").content.decode()
    assert "Resolve {number} discrepancies" in page
    PenaltyDifference.objects.filter(pk=rows[0].pk).update(gone_at=NOON)
    asked = {"id": [row.pk for row in rows], "words": ""}
    again = officer.post("/desk/penalties/resolve", asked)
    assert again.status_code == 422
    assert len(re.findall(r'form="bulk"[^>]*checked', again.content.decode())) == 2, (
        "one is closed and not listed"
    )
    assert not PenaltyDifference.objects.exclude(settled_at=None).exists()
    asked["words"] = "corrected in the loan system"
    page = officer.post("/desk/penalties/resolve", asked, follow=True).content.decode()
    assert "2 discrepancies resolved. 1 was closed already." in page
    assert sorted(row.words for row in PenaltyDifference.objects.all()) == [
        "", "corrected in the loan system", "corrected in the loan system",
    ]  # fmt: skip
    assert Event.objects.filter(kind="penalty").values("borrower").distinct().count() == 2
    page = officer.post("/desk/penalties/resolve", asked, follow=True).content.decode()
    assert "0 discrepancies resolved. 3 were closed already." in page
    lead = browser_of(Staff.objects.create_user(username="zhou", role="lead", number="F1"))
    assert lead.post("/desk/penalties/resolve", asked).status_code == 404
