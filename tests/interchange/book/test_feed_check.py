"""Each check of a row on both sides of its boundary: the good row is in the book, the bad one in the quarantine.

Many rows go through one import; for each the verdict is None (accepted), or the column and the reason that
the quarantine gives under the row's own number.
"""

from datetime import date

import pytest

from forbear.engine.columnar import connected, quote
from forbear.interchange.book.build import SAID_AGAIN
from tests.interchange.book.small_feed import content, quarantined, take_in, verdicts, write

UNREAD = "amount is not an amount like 1234.50"
DIGITS = "amount has more decimals than the loan's currency has"
HUGE = "amount is larger than any consumer loan"
NO_DATE = "paid_on is not a date like 2026-03-31"
YEARS = "paid_on is outside the years 1950 to 2199"
NUMBER = "number is not a whole number"
ORPHAN = ("loan_id", "no loan with this loan_id was accepted")
LOANS = [
    "L1,B1,cash,CNY,100,2024-01-01,active",
    "J1,B2,cash,JPY,100,2024-01-01,active",
    "K1,B3,cash,KWD,100.001,2024-01-01,active",
]


def judge(root, table, rows, **others):
    """Import `rows` of `table` (each a line and its expected verdict); returns what differs, and the book.

    An expected reason of None stands for any.
    """
    others.setdefault("loans", LOANS)
    lines = [line for line, _ in rows]
    report, book = take_in(root, write(root / "feed", **{**others, table: lines}), partitions=2)
    found = verdicts(report, table, len(rows))
    differences = [
        f"row {place}, {line!r}: expected {wanted}, got {got}"
        for place, ((line, wanted), got) in enumerate(zip(rows, found, strict=True), 1)
        if not _same(wanted, got)
    ]
    return differences, book


def _same(wanted, got):
    return wanted == got or bool(wanted and got and wanted[1] is None and wanted[0] == got[0])


def reason(column, text):
    return None if text is None else (column, text)


AMOUNTS = {
    # as written: minor units in the book, or the reason
    "5": 500, "5.1": 510, "5.10": 510, "5.100": 510, "0005": 500, "0.01": 1, "9999999999.99": 999999999999,
    "99999999999.99": 9999999999999, "100000000000": 10000000000000, "5.1000000": 510,
    "100000000000.01": HUGE, "999999999999": HUGE, "1000000000000": HUGE, "9" * 60: HUGE,
    "5.001": DIGITS, "5.000001": DIGITS, "5.0000001": DIGITS, "0.009999999": DIGITS,
    "0": "amount is zero", "0.00": "amount is zero", "-0": "amount is zero",
    "-5": "amount is negative; a payment undone is a row of its own that names it in reverses",
    **dict.fromkeys(
        ["1e2", "1E2", "1_000", "0x10", "0b1", '"1,000"', "NaN", "nan", "inf", "-inf", "Infinity", "--5", "- 5"],
        UNREAD,
    ),
    **dict.fromkeys(["１２", "٥", "$5", "5元", "1'000", "1 000", "5..", "1.2.3", "true", "NULL", "x", ""], UNREAD),
}  # fmt: skip


def test_amounts(tmp_path):
    rows = [
        (f"P{n},L1,2024-02-10,{text},", None if isinstance(wanted, int) else ("amount", wanted))
        for n, (text, wanted) in enumerate(AMOUNTS.items())
    ]
    differences, book = judge(tmp_path, "payments", rows)
    assert differences == []
    accepted = {row[1]: row[3] for row in content(book)["payments"]}
    assert accepted == {f"P{n}": v for n, v in enumerate(AMOUNTS.values()) if isinstance(v, int)}


@pytest.mark.parametrize("huge", ["10000000000", "100000000000", "1000000000000"])
def test_one_huge_amount_does_not_stop_the_others(tmp_path, huge):
    """Whatever its verdict, the row must not take the import down with it."""
    report, book = take_in(
        tmp_path, write(tmp_path / "feed", loans=LOANS, payments=[f"P1,K1,2024-02-10,{huge},", "P2,L1,2024-02-10,5,"])
    )  # fmt: skip
    assert "P2" in {row[1] for row in content(book)["payments"]}
    assert {row["payment_id"] for row in quarantined(report).get("payments", [])} <= {"P1"}


def test_decimals_are_those_of_the_loans_currency(tmp_path):
    rows = [
        ("P1,J1,2024-02-10,5,", None),
        ("P2,J1,2024-02-10,5.0,", None),
        ("P3,J1,2024-02-10,5.5,", ("amount", DIGITS)),
        ("P4,K1,2024-02-10,5.555,", None),
        ("P5,K1,2024-02-10,5.5555,", ("amount", DIGITS)),
        ("P6,L1,2024-02-10,5.55,", None),
        ("P7,L1,2024-02-10,5.555,", ("amount", DIGITS)),
    ]
    differences, book = judge(tmp_path, "payments", rows)
    assert differences == []
    accepted = {row[1]: row[3] for row in content(book)["payments"]}
    assert accepted == {"P1": 5, "P2": 5, "P4": 5555, "P6": 555}


DATES = {
    **dict.fromkeys(["2024-02-10", "2024-02-29", "1950-01-01", "2199-12-31"]),
    **dict.fromkeys(["1949-12-31", "2200-01-01", "0024-01-01", "9999-12-31"], YEARS),
    **dict.fromkeys(
        ["2024-2-10", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024/02/10", "10-02-2024", "20240210"],
        NO_DATE,
    ),
    **dict.fromkeys(["2024-02-10T00:00:00", "2024-02-10 00:00", "infinity", "epoch", "today", "45332", ""], NO_DATE),
    # ten characters, yet cut off or odd
    **dict.fromkeys(
        ["2024-02-1 ", "2024-1-1  ", "2024-02- 1", "2024-2-010", "2024-1-100", "2024-+2-10", "２０２４-02-10"], NO_DATE
    ),
}  # fmt: skip


def test_dates(tmp_path):
    rows = [(f"P{n},L1,{text},5,", reason("paid_on", why)) for n, (text, why) in enumerate(DATES.items())]
    differences, _ = judge(tmp_path, "payments", rows)
    assert differences == []


def test_instalment_numbers(tmp_path):
    twice = ("number", "this number stands more than once in the loan; the first was kept")
    texts = {
        **dict.fromkeys(["0", "1", "007", "999999999", "2147483647"]),
        **dict.fromkeys(
            ["1.5", "3.0", "0x10", "1e1", "1_0", "+3", "-0", " 4", "4 ", "", "x", "１", "true"], NUMBER
        ),
        "-1": "number is negative",
    }
    rows = [(f"L1,{text},2024-02-10,1,0,0,0", reason("number", why)) for text, why in texts.items()]
    again = ("number", SAID_AGAIN)
    rows += [
        ("L1,01,2024-02-10,1,0,0,0", again),
        ("L1,1,2024-02-10,2,0,0,0", twice),
        ("J1,1,2024-02-10,1,0,0,0", None),
    ]
    differences, _ = judge(tmp_path, "instalments", rows)
    assert differences == []


def test_instalments_beside_their_loan_and_each_other(tmp_path):
    rows = [
        ("L1,1,2024-01-01,1,0,0,0", None),  # on the day of disbursement
        ("L1,2,2023-12-31,1,0,0,0", ("due_on", "due_on is before the loan was disbursed")),
        ("L1,4,2024-04-01,1,0,0,0", None),
        ("L1,3,2024-04-01,1,0,0,0", None),  # one day for two, and not in the order of numbers
        ("L1,5,2024-03-31,1,0,0,0", None),  # before one with a lower number
        ("L1,6,2024-04-02,1,0,0,0", None),
        ("L1,7,2024-05-01,-0.01,0,0,0", ("principal", "principal is negative")),
        ("L1,8,2024-05-01,0,-1,0,0", ("interest", "interest is negative")),
        ("L1,9,2024-05-01,0,0,0.001,0", ("fee", "fee has more decimals than the loan's currency has")),
        ("L1,10,2024-05-01,0,0,0,", ("penalty", "penalty is not an amount like 1234.50")),
        ("L1,11,2024-05-01,0,0,0,0", None),
        ("L9,1,2024-05-01,1,0,0,0", ORPHAN),
        ("l1,1,2024-05-01,1,0,0,0", ORPHAN),
        (",1,2024-05-01,1,0,0,0", ("loan_id", f"{ORPHAN[1]}; loan_id is empty")),
        ("J1,1,2024-05-01,1.5,2.5,0,x", (
            "penalty",
            "penalty is not an amount like 1234.50; principal has more decimals than the loan's currency has; "
            "interest has more decimals than the loan's currency has",
        )),
    ]  # fmt: skip
    differences, book = judge(tmp_path, "instalments", rows)
    assert differences == []
    assert [(row[1], row[8]) for row in content(book)["instalments"]] == [
        (1, 100), (11, 500), (3, 300), (4, 400), (5, 200), (6, 500)
    ]  # fmt: skip


def test_loans(tmp_path):
    code, status = "currency is not an ISO 4217 code in use", "status is not active, closed or written_off"
    rows = [
        *[(f"S{n},B1,cash,CNY,1,,{name}", None) for n, name in enumerate(("active", "closed", "written_off"))],
        *[(f"T{n},B1,cash,CNY,1,,{name}", ("status", status)) for n, name in enumerate(("Active", "open", "0"))],
        ("T9,B1,cash,CNY,1,,", ("status", f"status is empty; {status}")),
        *[(f"C{n},B1,cash,{name},1,,active", None) for n, name in enumerate(("EUR", "JPY", "KWD", " USD "))],
        *[
            (f"D{n},B1,cash,{name},1,,active", ("currency", code))
            for n, name in enumerate(("cny", "RMB", "XXX", "DEM", "CN¥", "CNYX"))
        ],
        ("E1,,cash,CNY,1,,active", ("borrower_id", "borrower_id is empty")),
        ("E2,B1, ,CNY,1,,active", ("product", "product is empty")),
        (",B1,cash,CNY,1,,active", ("loan_id", "loan_id is empty")),
        ("P1,B1,cash,CNY,0,,active", None),
        ("P2,B1,cash,CNY,-1,,active", ("principal", "principal is negative")),
        ("P3,B1,cash,JPY,1.5,,active", ("principal", "principal has more decimals than the loan's currency has")),
        ("A1,B1,cash,CNY,1,2024-02-30,active", ("disbursed_on", "disbursed_on is not a date like 2026-03-31")),
        ("A2,B1,cash,CNY,1,1949-12-31,active", ("disbursed_on", "disbursed_on is outside the years 1950 to 2199")),
        ("R1,B1,cash,CNY,1,,active", None),
        ("R1,B2,cash,CNY,2,,closed", ("loan_id", "this loan_id stands more than once; the first good row was kept")),
        (f"{'x' * 64},B1,cash,CNY,1,,active", None),
        (f"{'y' * 65},B1,cash,CNY,1,,active", ("loan_id", "loan_id is longer than 64 characters")),
        (f"{'z' * 120_000},B1,cash,CNY,1,,active", ("loan_id", "loan_id is longer than 64 characters")),
    ]  # fmt: skip
    differences, _ = judge(tmp_path, "loans", rows)
    assert differences == []


def test_a_loan_that_stands_twice_is_not_said_to_be_kept_when_it_was_not(tmp_path):
    loans = ["D1,B1,cash,ZZZ,1,,active", "D1,B1,cash,CNY,1,,active", "L1,B1,cash,CNY,1,,active"]
    report, book = take_in(tmp_path, write(tmp_path / "feed", loans=loans))
    kept = {row[0] for row in content(book)["loans"]}
    found = verdicts(report, "loans", 3)
    assert kept == {"L1", "D1"} or "the first was kept" not in found[1][1], found


def test_bad_loans_take_their_rows_along(tmp_path):
    rows = {
        "loans": ["L1,B1,cash,CNY,1,,active", "BAD,B1,cash,ZZZ,1,,active"],
        "instalments": ["L1,1,2024-02-10,1,0,0,0", "BAD,1,2024-02-10,1,0,0,0", "BAD,2,2024-03-10,1,0,0,0"],
        "payments": ["P1,BAD,2024-02-10,1,", "P2,L1,2024-02-10,1,", "P3,BAD,2024-02-11,1,P1"],
        "pauses": ["BAD,2024-02-01,", "L1,2024-02-01,"],
    }
    report, book = take_in(tmp_path, write(tmp_path / "feed", **rows))
    assert verdicts(report, "instalments", 3) == [None, ORPHAN, ORPHAN]
    assert verdicts(report, "payments", 3) == [ORPHAN, None, ORPHAN]
    assert verdicts(report, "pauses", 2) == [ORPHAN, None]
    assert {name: len(found) for name, found in content(book).items()} == {
        "loans": 1, "instalments": 1, "payments": 1, "pauses": 1, "borrowers": 0, "accounts": 0
    }  # fmt: skip


def test_reversals(tmp_path):
    nothing = ("reverses", "reverses names no accepted payment of this loan")
    already = ("reverses", "the payment it reverses is reversed already")
    amount = ("reverses", "amount is not that of the payment it reverses")
    again = (
        "reverses",
        "reverses names a row that is itself a reversal; send the payment again under a new payment_id",
    )
    rows = [
        ("R1,L1,2024-02-12,5,P1", None),  # before its payment in the file
        ("P1,L1,2024-02-10,5,", None),
        ("P2,L1,2024-02-10,6,", None),
        ("R2,L1,2024-02-12,,P2", None),  # without an amount
        ("P3,L1,2024-02-10,7,", None),
        ("R3,L1,2024-02-12,-7,P3", None),  # as a negative amount
        ("P4,L1,2024-02-10,8,", None),
        ("R4,L1,2024-02-12,0,P4", None),
        ("P5,L1,2024-02-10,9,", None),
        ("R5,L1,2024-02-12,8.99,P5", amount),
        ("R6,L1,2024-02-13,5,P1", already),
        ("R7,L1,2024-02-13,5,R1", again),
        ("R8,L1,2024-02-13,5,P99", nothing),
        ("R9,J1,2024-02-13,5,P1", nothing),  # of another loan
        ("R10,L1,2024-02-13,5,R10", ("reverses", "the row reverses itself")),
        ("P6,L1,2024-02-10,-4,", ("amount", AMOUNTS["-5"])),
        ("R11,L1,2024-02-13,-4,P6", nothing),  # of a row in quarantine
        ("P7,L1,2024-02-10,3,", None),
        ("R12,L1,2024-02-09,3,P7", None),  # value date before the payment's
        ("R13,L1,2024-02-13,x,P5", ("amount", UNREAD)),
        ("P8,L1,2024-02-10,2,", None),
        ("R14,L1,2024-02-13,2, P8 ", None),  # ids are trimmed wherever they stand
    ]
    differences, book = judge(tmp_path, "payments", rows)
    assert differences == []
    counted = {row[1]: row[5] for row in content(book)["payments"] if not row[4]}
    assert counted == {"P1": 0, "P2": 0, "P3": 0, "P4": 0, "P5": 900, "P7": 0, "P8": 0}


def test_payments_that_stand_twice(tmp_path):
    twice = ("payment_id", "this payment_id stands more than once in the loan; the first was kept")
    again = ("payment_id", SAID_AGAIN)
    rows = [
        ("P1,L1,2024-02-10,5,", None),
        ("P1,L1,2024-02-10,5,", again),
        ("P1,L1,2024-02-10,5.00,", again),
        ("P1,L1,2024-03-10,6,", twice),
        ("P1,J1,2024-03-10,6,", None),
        (" P1 ,L1,2024-01-10,7,", twice),
        (",L1,2024-01-10,7,", ("payment_id", "payment_id is empty")),
    ]
    differences, book = judge(tmp_path, "payments", rows)
    assert differences == []
    assert [row[:4] for row in content(book)["payments"]] == [
        ("J1", "P1", date(2024, 3, 10), 6),
        ("L1", "P1", date(2024, 2, 10), 500),
    ]


DOUBLED = {
    "a payment": (
        "payments",
        "P1,L1,2024-02-10,5,",
        ["P1,L1,2024-02-10,5.0,", " P1 ,L1,2024-02-10,5,"],
        "P1,L1,2024-02-10,6,",
    ),
    "a reversal": (
        "payments",
        "P1,L1,2024-02-10,5,",
        ["R1,L1,2024-02-11,,P1", "R1,L1,2024-02-11,,P1"],
        "R1,L1,2024-02-12,,P1",
    ),
    "a loan": (
        "loans",
        "L1,B1,cash,CNY,100,2024-01-01,active",
        ["L1,B1,cash,CNY,100.00,2024-01-01,active", " L1 ,B1,cash,CNY,100,2024-01-01,active"],
        "L1,B1,cash,CNY,200,2024-01-01,active",
    ),
    "a borrower": (
        "borrowers",
        "B1,Ann,,,,,,,true",
        ["B1,Ann,,,,,,,true", "B1,Ann,,,,,,,yes"],
        "B1,Anna,,,,,,,true",
    ),
    "an instalment": (
        "instalments",
        "L1,1,2024-02-10,50,0,0,0",
        ["L1,1,2024-02-10,50.00,0,0,0"],
        "L1,1,2024-02-10,60,0,0,0",
    ),
}


@pytest.mark.parametrize("case", DOUBLED)
def test_a_row_sent_again_word_for_word_casts_no_doubt(tmp_path, case):
    """Nothing is missing without it; one that says something else under the same name may be what is missing."""
    table, first, again, other = DOUBLED[case]
    whole = {"loans": LOANS, "instalments": ["L1,1,2024-02-10,50,0,0,0"], table: [first, *again]}
    report, book = take_in(tmp_path / "again", write(tmp_path / "again-feed", **whole))
    rows = content(book)
    assert [loan[0] for loan in rows["loans"] if loan[12]] == []
    assert [row["reason"] for row in quarantined(report)[table]] == [SAID_AGAIN] * report.quarantined_rows
    (note,) = [warning for warning in report.warnings if "more than once" in warning]
    assert note.startswith(f"{table}: {report.quarantined_rows} rows")
    differing = {**whole, table: [first, *again, other]}
    report, book = take_in(tmp_path / "other", write(tmp_path / "other-feed", **differing))
    assert [loan[0] for loan in content(book)["loans"] if loan[12]] == ["L1"]


def test_a_delta_that_says_a_row_again_changes_nothing(tmp_path):
    whole = {"loans": LOANS, "instalments": ["L1,1,2024-02-10,50,0,0,0"], "payments": ["P1,L1,2024-02-10,5,"]}
    _, before = take_in(tmp_path, write(tmp_path / "feed", **whole))
    known = content(before)
    delta = write(
        tmp_path / "delta", loans=[], instalments=[], payments=["P1,L1,2024-02-10,5,", "P1,L1,2024-02-10,5,"]
    )
    report, after = take_in(tmp_path, delta, delta=True)
    assert content(after) == known
    assert report.quarantined_rows == 1


def test_borrowers(tmp_path):
    phone = (
        "phone",
        "phone holds something that is no part of a number",
    )
    rows = [
        ("B1,Ann,+86 (10) 1234-5678,,zh,,Asia/Shanghai,1990-02-28,true", None),
        ("B2,,,,,,,,", None),
        ("B3,Old,,,,,,1932-05-01,false", None),  # people in their nineties owe money too
        ("B4,Older,,,,,,1801-01-01,", ("born_on", None)),
        ("B5,,,,,,Asia/Peking,,", ("timezone", "timezone is not a name like Asia/Shanghai")),
        ("B6,,12ab,,,,,,", phone),
        ("B7,,12,,,,,,", phone),
        ("B8,,,,,,,,maybe", ("consent_sms", "consent_sms is neither true nor false")),
        *[(f"C{n},,,,,,,,{word}", None) for n, word in enumerate(("TRUE", "t", "1", "yes", "是", "F", "No", "否"))],
        ("B1,Other,,,,,,,", ("borrower_id", "this borrower_id stands more than once; the first was kept")),
        (",X,,,,,,,", ("borrower_id", "borrower_id is empty")),
        (f"B9,{'n' * 1000},,,,,,,", None),
        (f"B10,{'n' * 1001},,,,,,,", ("name", "name is longer than 1,000 characters")),
    ]  # fmt: skip
    differences, _ = judge(tmp_path, "borrowers", rows)
    assert differences == []


def test_pauses(tmp_path):
    rows = [
        ("L1,2024-02-01,2024-02-01", None),
        ("L1,2024-02-02,2024-02-01", ("ends_on", "ends_on is before starts_on")),
        ("L1,2024-03-01,", None),
        ("L1,,2024-02-01", ("starts_on", "starts_on is not a date like 2026-03-31")),
        ("L1,2024-04-01,soon", ("ends_on", "ends_on is not a date like 2026-03-31")),
        ("L9,2024-03-01,", ORPHAN),
    ]
    differences, _ = judge(tmp_path, "pauses", rows)
    assert differences == []


STRANGE_IDS = [
    "it's",
    'say ""hi""',
    "a,b",
    "new\nline",
    "贷款-一",
    "ﷺ" * 20,
    "-1",
    "NULL",
    "x;drop table loans",
    "[/b]",
]


def test_strange_ids_travel_whole(tmp_path):
    quoted = [f'"{text}"' for text in STRANGE_IDS]
    plain = sorted(text.replace('""', '"') for text in STRANGE_IDS)
    _, book = take_in(
        tmp_path,
        write(
            tmp_path / "feed",
            loans=[f"{loan},{loan},{loan},CNY,1,,active" for loan in quoted],
            instalments=[f"{loan},1,2024-02-10,1,0,0,0" for loan in quoted],
            payments=[f"{loan},{loan},2024-02-10,1," for loan in quoted],
        ),
        largest_quarantine=0,
        partitions=3,
    )
    found = content(book)
    assert sorted(row[0] for row in found["loans"]) == plain
    assert sorted(row[1] for row in found["payments"]) == plain
    assert all(row[-1] == date(2024, 2, 10) for row in found["instalments"])


PARQUET = {
    # type in the file: the values as SQL, and whether each is accepted
    "DOUBLE": {
        "5.25": None,
        "0.1::double + 0.2::double": DIGITS,
        "'nan'": UNREAD,
        "'inf'": UNREAD,
        "5": None,
    },
    "FLOAT": {"1234.56": None, "0.125": DIGITS},
    "INTEGER": {"7": None, "-7": AMOUNTS["-5"], "null": UNREAD},
    "BIGINT": {"7": None, "10000000000000": HUGE},
    "HUGEINT": {"7": None},
    "DECIMAL(38, 10)": {"5.25": None, "5.2500000001": DIGITS, "5.0000004": DIGITS},
    "DECIMAL(9, 2)": {"5.25": None, "-5.25": AMOUNTS["-5"]},
    "VARCHAR": {"'5.25'": None, "'5,25'": UNREAD, "''": UNREAD, "null": UNREAD},
}


@pytest.mark.parametrize("kind", PARQUET)
def test_amounts_of_parquet(tmp_path, kind):
    values = PARQUET[kind]
    feed = write(tmp_path / "feed", loans=LOANS)
    (feed / "payments.csv").unlink()
    rows = " union all ".join(
        f"select {n} as n, 'P{n}' as payment_id, 'L1' as loan_id, date '2024-02-10' as paid_on, "
        f"({value})::{kind} as amount, null::varchar as reverses"
        for n, value in enumerate(values)
    )
    target = quote(feed / "payments.parquet")
    with connected() as connection:
        connection.execute(
            f"copy (select * exclude (n) from ({rows}) order by n) to {target} (format parquet)"
        )
    report, _ = take_in(tmp_path, feed)
    wanted = [reason("amount", why) for why in values.values()]
    assert verdicts(report, "payments", len(values)) == wanted


def test_dates_and_numbers_of_parquet(tmp_path):
    feed = write(tmp_path / "feed", loans=LOANS)
    (feed / "instalments.csv").unlink()
    target = quote(feed / "instalments.parquet")
    with connected() as connection:
        connection.execute(
            f"""copy (select 'L1' as loan_id, n::smallint as number, day::timestamp as due_on, 1::double as principal,
                0::integer as interest, 0::decimal(18, 3) as fee, '0' as penalty
            from (values (1, date '2024-02-10'), (2, null), (3, date '1949-12-31'), (null, date '2024-02-10'))
            t(n, day))
            to {target} (format parquet)"""
        )  # fmt: skip
    report, book = take_in(tmp_path, feed)
    assert verdicts(report, "instalments", 4) == [
        None,
        ("due_on", "due_on is not a date like 2026-03-31"),
        ("due_on", "due_on is outside the years 1950 to 2199; due_on is before the loan was disbursed"),
        ("number", NUMBER),
    ]
    assert [row[1:3] for row in content(book)["instalments"]] == [(1, date(2024, 2, 10))]
