"""`forbear map` understands samples in Chinese and English, and says what it can't know."""

import json

import openpyxl
import pytest
from click.testing import CliRunner

from forbear.cli.map_samples import command
from forbear.interchange.mapping.header_words import nearness, status_of
from forbear.interchange.mapping.meanings import understand
from forbear.interchange.mapping.profile import is_day, profile
from forbear.interchange.mapping.propose import propose
from forbear.interchange.mapping.samples import read_samples
from tests.interchange.mapping.lender_files import FILES, lay


def mapped(*paths) -> dict:
    done = CliRunner().invoke(command, [*map(str, paths), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_three_files_in_two_languages_are_a_mapping_that_imports(tmp_path):
    found = mapped(lay(tmp_path / "in", FILES))
    assert found["problem"] == ""
    assert {name: parts["accepted"]["rows"] for name, parts in found["totals"].items()} == {
        "loans": "3",
        "borrowers": "3",
        "instalments": "4",
        "payments": "4",
    }
    assert "status: {column: 状态, words: {正常: active, 结清: closed}}" in found["mapping"]
    assert "principal: {column: 合同金额, decimal: ',', thousands: .}" in found["mapping"]
    assert found["after"]["loans"]["rows"][0] == [
        "HT001",
        "K1",
        "loan",
        "CNY",
        "10000.00",
        "2026-01-05",
        "active",
    ]


def test_what_no_value_tells_is_said_with_the_reason(tmp_path):
    unsure = "\n".join(mapped(lay(tmp_path / "in", FILES))["unsure"])
    assert (
        "plan.csv: due may be DD/MM/YYYY or MM/DD/YYYY: no value of the sample tells, such as 05/02/2026"
        in unsure
    )
    assert "合同2026.csv: no column of currency: CNY is a guess" in unsure
    assert "pay.csv: payments have no id" in unsure
    assert "100% of its values are ids in 合同2026.csv; its header doesn't say it" in unsure
    assert "are all rows payments? kind has RPY, FEE" in unsure


INVOICES = """\
invoiceNumber,customerID,InvoiceDate,DueDate,InvoiceAmount,SettledDate,Disputed
611365,0379-NEVHP,1/2/2013,2/1/2013,55.94,1/15/2013,No
7900770,8976-AMJEO,1/26/2013,2/25/2013,61.74,,Yes
9231909,2820-XGXSB,7/3/2013,8/2/2013,65.88,7/8/2013,No
9888306,9322-YCTQO,2/10/2013,3/12/2013,105.92,3/17/2013,No
"""


def test_one_table_of_invoices_becomes_three(tmp_path):
    found = mapped(lay(tmp_path / "in", {"ar.csv": INVOICES}))
    assert found["totals"]["payments"]["accepted"]["rows"] == "3"
    assert "due_on: {column: DueDate, date: MM/DD/YYYY}" in found["mapping"]
    assert "where: '\"SettledDate\" <> '''''" in found["mapping"]


def test_a_workbook_with_titles_and_totals_is_understood(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["贷款台账"])
    sheet.append(["借据号", "客户号", "客户姓名", "手机号码", "应还日期", "应还本金", "应还利息", "期数"])
    for number in range(1, 6):
        sheet.append(
            [
                f"J{number}",
                f"K{number}",
                "张三",
                f"1380000000{number}",
                "2026年3月31日",
                "¥1,000.50",
                "12.00",
                1,
            ]
        )
    sheet.append(["合计", None, None, None, None, "¥5,002.50", "60.00", None])
    book.save(tmp_path / "台账.xlsx")
    proposal = propose(understand(read_samples([tmp_path / "台账.xlsx"])))
    assert proposal.sources["台账"]["header"] == 2
    columns = proposal.tables["instalments"][0]["columns"]
    assert columns["due_on"] == {"column": "应还日期", "date": "YYYY年MM月DD日"}
    assert columns["principal"] == {"column": "应还本金", "thousands": ",", "strip": ["¥"]}
    assert columns["interest"] == "应还利息"
    assert proposal.tables["borrowers"][0]["columns"]["phone"] == "手机号码"
    assert proposal.tables["loans"][0]["columns"]["currency"] == {"value": "CNY"}


def test_nested_json_is_seen_as_several_tables(tmp_path):
    loans = {
        "loans": [
            {"loan_id": f"L{n}", "loan_amount": 100, "plan": [{"due_date": "2026-02-05", "amount": 50}] * 2,
             "repayments": [{"payment_id": f"P{n}", "payment_date": "2026-02-06", "amount": 50}]}
            for n in range(5)
        ]
    }  # fmt: skip
    found = mapped(lay(tmp_path / "in", {"book.json": json.dumps(loans)}))
    assert found["totals"]["instalments"]["accepted"]["rows"] == "10"
    assert found["totals"]["payments"]["accepted"]["rows"] == "5"
    assert "loan_id: parent.loan_id" in found["mapping"]


def test_what_lacks_a_schedule_is_said_and_nothing_is_tried(tmp_path):
    found = mapped(
        lay(tmp_path / "in", {"loans.csv": "loan_id,loan_amount\n" + "".join(f"L{n},5\n" for n in range(9))})
    )
    assert found["missing"] == ["instalments: no sample has due dates; give the file with the schedule"]
    assert found["totals"] == {}


def test_a_mapping_is_written_once_and_not_over_another(tmp_path):
    lay(tmp_path / "in", FILES)
    target = tmp_path / "mapping.yaml"
    asked = [str(tmp_path / "in"), "--out", str(target)]
    assert CliRunner().invoke(command, asked).exit_code == 0
    assert target.read_text("utf-8").startswith("# Proposed by `forbear map`.")
    assert "is there already" in str(CliRunner().invoke(command, asked).exception)


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        *(
            ("应还款日期", "due_on"),
            ("due_date", "due_on"),
            ("DueDate", "due_on"),
            ("应还日期(yyyy-mm-dd)", "due_on"),
        ),
        *(
            ("SK_ID_PREV", "loan_id"),
            ("借据编号", "loan_id"),
            ("Contract No.", "loan_id"),
            ("loan_amnt", "principal"),
        ),
        *(("cust_id", "borrower_id"), ("手机号", "phone"), ("DOB", "born_on"), ("实还金额", "paid_amount")),
        *(
            ("Installment Number", "number"),
            ("期次", "number"),
            ("罚息", "due_penalty"),
            ("Transaction Date", "paid_on"),
        ),
    ],
)
def test_headers_are_known(header, meaning):
    assert nearness(header, meaning) >= 0.8


@pytest.mark.parametrize(
    ("values", "styles"),
    [
        (["31/03/2026", "01/04/2026"], ("DD/MM/YYYY",)),
        (["05/02/2026", "01/04/2026"], ("DD/MM/YYYY", "MM/DD/YYYY")),
        (["20260331", "20260401"], ("YYYYMMDD",)),
        (["2026-03-31 10:00:00", "2026-04-01T00:00:00Z"], ("YYYY-MM-DD",)),
        (["Mar-2018", "Feb-2018"], ("MON-YYYY",)),
        (["1,234.50", "7"], ()),
    ],
)
def test_date_styles_are_known_by_values(values, styles):
    assert profile("x", values, len(values)).styles == styles


@pytest.mark.parametrize(
    ("values", "decimal", "thousands", "places"),
    [
        (["1,234.50", "7.00"], ".", ",", 1),
        (["1.234,50", "7,05"], ",", ".", 2),
        (["1 234,50", "7,05"], ",", " ", 2),
        (["¥1683.00", "￥5"], ".", "", 0),
        (["(12.345)", "4e+05"], ".", "", 3),
    ],
)
def test_amounts_are_known_by_their_marks(values, decimal, thousands, places):
    known = profile("x", values, len(values)).amount
    assert known is not None
    assert (known.decimal, known.thousands, known.places) == (decimal, thousands, places)


def test_words_of_status_are_known():
    assert [status_of(word) for word in ("结清", "Fully Paid", "charged_off", "逾期", "what")] == [
        *("closed", "closed", "written_off", "active", "")
    ]


def test_a_day_of_another_age_is_none():
    assert not is_day("YYYYMMDD", "99991231")
    assert is_day("excel", "46112")
