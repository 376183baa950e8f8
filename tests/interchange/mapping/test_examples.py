"""Goal: the examples of lenders without schedules run from their plain file to arrears that a recount confirms.

Method: each example by its own mapping through the import; what is late is counted again from the source's own rows in
plain Python, for every account on three days.
"""

import csv
from datetime import date, timedelta
from decimal import Decimal

import pytest

from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.mapping.mapped_feed import map_feed
from forbear.interchange.mapping.shipped import EXAMPLES, example_names, lay_example
from forbear.night.arrears import write_arrears

ON = date(2026, 3, 31)
DAYS = (ON, ON + timedelta(days=1), ON + timedelta(days=12))
#: By example the encoding of its file, and the columns of account, balance, days past due and what is past due.
FORMS = {
    "card-book": ("utf-8", "卡号", "当前余额", "逾期天数", ("逾期本金", "逾期利息", "违约金")),
    "agency-arrears": ("gb18030", "案件编号", "剩余应还总额", "逾期天数", ("逾期金额",)),
    "bought-portfolio": (
        "utf-8", "AccountNumber", "CurrentBalance", "DelinquencyDate", ("Principal", "Interest", "Fees"),
    ),
}  # fmt: skip


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", "") or "0")


def source(name: str) -> list[dict[str, str]]:
    (path,) = (EXAMPLES / name).glob("*.csv")
    with path.open(encoding=FORMS[name][0], newline="") as stream:
        return list(csv.DictReader(stream))


def recounted(name: str, row: dict[str, str], day: date) -> tuple[int, Decimal]:
    """Days past due and the amount past due by the row alone."""
    _, _, balance, since, parts = FORMS[name]
    late = sum((money(row[part]) for part in parts), Decimal(0))
    if name == "bought-portfolio":
        month, of_month, year = map(int, row[since].split("/"))
        return (day - date(year, month, of_month)).days, late
    days = int(row[since]) + (day - ON).days if late else 0
    if name == "card-book":
        due = date.fromisoformat(row["到期还款日"])
        left = min(money(row[balance]), max(Decimal(0), money(row["最低还款额"]) - money(row["账单后已还"])))
        # a shortfall of 10.00 is let pass by the product
        if ON <= due < day and left - late > 10:
            days, late = days or (day - due).days, left
    return days, late


@pytest.mark.parametrize("name", sorted(FORMS))
def test_an_example_is_late_as_its_file_says(tmp_path, name):
    mapped = map_feed(EXAMPLES / name / "mapping.yaml", EXAMPLES / name, tmp_path / "scratch")
    report = import_feed(tmp_path / "book", mapped.folder, quarantine=tmp_path / "quarantine", mapped=mapped)
    assert report.quarantined_rows == 0
    assert report.business_date == str(ON)
    rows = source(name)
    assert len(rows) >= 40
    book, (_, key, balance, *_) = open_book(tmp_path / "book"), FORMS[name]
    for day in DAYS:
        write_arrears(book, day, tmp_path / "late.csv", tmp_path, 1)
        with (tmp_path / "late.csv").open(encoding="utf-8", newline="") as stream:
            found = {
                row["loan_id"]: (
                    int(row["days_past_due"]),
                    money(row["past_due_amount"]),
                    money(row["payoff"]),
                )
                for row in csv.DictReader(stream)
            }
        assert found == {row[key]: (*recounted(name, row, day), money(row[balance])) for row in rows}, day


def test_every_example_is_tried_here_and_lies_whole_in_a_home(tmp_path):
    assert set(example_names()) == set(FORMS)
    for name in example_names():
        home = tmp_path / name
        home.mkdir()
        laid = lay_example(name, home)
        shipped = {path.name: path for path in (EXAMPLES / name).rglob("*") if path.is_file()}
        assert {path.name for path in laid} == shipped.keys()
        assert all(path.read_bytes() == shipped[path.name].read_bytes() for path in laid)
