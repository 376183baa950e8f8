"""What a feed's files may look like, and which files are refused whole: a clear message, and nothing changed."""

from pathlib import Path

import pytest

from forbear.engine.columnar import connected, quote
from forbear.interchange.book.feed_columns import PAYMENTS
from forbear.interchange.book.feed_files import FeedError, open_file
from tests.interchange.book.small_feed import (
    HEADERS,
    ONE_LOAN,
    content,
    quarantined,
    take_in,
    tree_bytes,
    verdicts,
    write,
)

HEAD = HEADERS["payments"]
GOOD = "P1,L1,2024-02-10,5,"
NEGATIVE = "P2,L1,2024-02-10,-5,"


def with_payments(root, payments, **more):
    """A feed of one loan whose payments file holds exactly these bytes."""
    feed = write(root / "feed", **{**ONE_LOAN, **more})
    (feed / "payments.csv").write_bytes(payments if isinstance(payments, bytes) else payments.encode())
    return feed


SAME_ROWS = {
    "plain": f"{HEAD}\n{GOOD}\n{NEGATIVE}\n",
    "byte order mark": f"\ufeff{HEAD}\n{GOOD}\n{NEGATIVE}\n",
    "carriage returns": f"{HEAD}\r\n{GOOD}\r\n{NEGATIVE}\r\n",
    "mixed line ends": f"{HEAD}\r\n{GOOD}\n{NEGATIVE}\r\n",
    "no last line end": f"{HEAD}\n{GOOD}\n{NEGATIVE}",
    "blank lines": f"{HEAD}\n\n{GOOD}\n\n\n{NEGATIVE}\n\n",
    "a header with spaces": f" payment_id , loan_id,paid_on ,amount,reverses \n{GOOD}\n{NEGATIVE}\n",
    "a quoted header": ",".join(f'"{name}"' for name in HEAD.split(",")) + f"\n{GOOD}\n{NEGATIVE}\n",
    "another order of columns": "amount,reverses,loan_id,payment_id,paid_on\n"
    "5,,L1,P1,2024-02-10\n-5,,L1,P2,2024-02-10\n",
    "unused columns": f"note,{HEAD},Branch\nx,{GOOD},\ny,{NEGATIVE},\n",
    "no reverses": "payment_id,loan_id,paid_on,amount\nP1,L1,2024-02-10,5\nP2,L1,2024-02-10,-5\n",
    "a comma at the end of the header": f"{HEAD},\n{GOOD},\n{NEGATIVE},\n",
    "quoted values": f'{HEAD}\n"P1","L1","2024-02-10","5",""\n"P2","L1","2024-02-10","-5",""\n',
}


@pytest.mark.parametrize("form", SAME_ROWS)
def test_forms_of_one_file(tmp_path, form):
    report, book = take_in(tmp_path, with_payments(tmp_path, SAME_ROWS[form]))
    assert [row[1:4:2] for row in content(book)["payments"]] == [("P1", 500)]
    assert [(row["row"], row["column"], row["payment_id"]) for row in quarantined(report)["payments"]] == [
        ("2", "amount", "P2")
    ]


def test_a_feed_in_gbk_when_told(tmp_path):
    people = ["B1,张三丰,123,,,四川省成都市,,,true", "B2,欧阳,123,,,广东,,,maybe", "B3,䶮,123,,,,,,true"]
    rows = {
        **ONE_LOAN,
        "payments": ["还款1,L1,2024-02-10,5,", "还款2,L1,2024-02-10,-5,"],
        "borrowers": people,
    }
    write(tmp_path / "utf8", **rows)
    gbk = write(tmp_path / "gbk", **rows)
    for path in gbk.iterdir():  # the last name has a sign that is in GB18030 alone, as four bytes
        path.write_bytes(path.read_bytes().decode().encode("gb18030"))
    reports, books = zip(
        *(
            take_in(tmp_path / f"{folder}-book", tmp_path / folder, encoding=name)
            for folder, name in (("utf8", "utf-8"), ("gbk", "gb18030"))
        ),
        strict=True,
    )
    assert content(books[0]) == content(books[1])
    assert quarantined(reports[0]) == quarantined(reports[1])
    assert [row["name"] for row in quarantined(reports[1])["borrowers"]] == ["欧阳"]
    assert reports[0].version != reports[1].version, "the same bytes read otherwise are another feed"


def western(folder: Path, name: str, encoding: str) -> Path:
    feed = write(folder, **ONE_LOAN, borrowers=[f"B1,{name},123,,,,,,true"])
    (feed / "borrowers.csv").write_bytes((feed / "borrowers.csv").read_bytes().decode().encode(encoding))
    return feed


@pytest.mark.parametrize("name", ["Zoë Núñez", "O’Brien", "Straße 5 €"])
def test_a_feed_in_cp1252_when_told(tmp_path, name):
    report, book = take_in(tmp_path / "home", western(tmp_path / "feed", name, "cp1252"), encoding="cp1252")
    assert report.quarantined_rows == 0
    assert [dict(row)["name"] for row in content(book)["borrowers"]] == [name]


def test_a_feed_in_cp1252_untold_is_refused_with_the_way_to_mend_it(tmp_path):
    with pytest.raises(FeedError, match=r"borrowers.csv: line 2 is not UTF-8; .*--encoding cp1252"):
        take_in(tmp_path / "home", western(tmp_path / "feed", "Zoë Núñez", "cp1252"))


@pytest.mark.parametrize("name", ["Zoë Núñez", "张三丰"])
def test_utf8_is_not_read_as_cp1252(tmp_path, name):
    """Nearly each byte is some sign in CP1252, so names would be spoiled without a word."""
    with pytest.raises(FeedError, match=r"borrowers.csv: is UTF-8 text, .* import it with --encoding utf-8"):
        take_in(tmp_path / "home", western(tmp_path / "feed", name, "utf-8"), encoding="cp1252")


def test_a_byte_that_cp1252_has_no_sign_for(tmp_path):
    feed = with_payments(tmp_path, f"{HEAD}\n{GOOD}\n".encode() + b"P2,L1,2024-02-10,5,\x81\n")
    with pytest.raises(FeedError, match=r"payments.csv: line 3 is not CP1252"):
        take_in(tmp_path, feed, encoding="cp1252")


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_what_is_not_in_the_encoding_named(tmp_path, encoding):
    feed = with_payments(tmp_path, f"{HEAD}\n{GOOD}\n".encode() + b"P2,L1,2024-02-10,5,\xff\xff\n")
    with pytest.raises(FeedError, match=rf"payments.csv: line 3 is not {encoding.upper()}"):
        take_in(tmp_path, feed, encoding=encoding)
    assert not (tmp_path / "book" / "CURRENT").exists()


def test_unused_columns_are_told(tmp_path):
    report, _ = take_in(tmp_path, with_payments(tmp_path, SAME_ROWS["unused columns"]))
    told = [warning for warning in report.warnings if "is not used" in warning]
    assert told == [
        "payments.csv: the column note is not used",
        "payments.csv: the column Branch is not used",
    ]


ODD_NAMES = [
    *("row_at", "file_row_number", "filename", "p", "mask", "home", "loan_key", "minor_unit", "raw_amount"),
    *("nth", "select", "a b", "a'b", 'we"ird', "备注", "code", "disbursed_on"),
]


def test_unused_columns_of_any_name(tmp_path):
    """Also the names that the import's own SQL uses."""
    names = ",".join('"' + name.replace('"', '""') + '"' for name in ODD_NAMES)
    kept, sent = "".join(",kept" for _ in ODD_NAMES), "".join(",as sent" for _ in ODD_NAMES)
    feed = with_payments(tmp_path, f"{HEAD},{names}\n{GOOD}{kept}\n{NEGATIVE}{sent}\n")
    report, book = take_in(tmp_path, feed)
    assert [row[1] for row in content(book)["payments"]] == ["P1"]
    (row,) = quarantined(report)["payments"]
    assert {name: row[name] for name in ODD_NAMES} == dict.fromkeys(ODD_NAMES, "as sent")


@pytest.mark.parametrize(
    "name", ["consent_e-mail", "consent_a b", 'consent_"x"', "consent_短信", "consent_order"]
)
def test_consents_of_any_name(tmp_path, name):
    """Each is the lender's own word: it goes into the book, or it is refused with a message; never a crash."""
    feed = write(tmp_path / "feed", **ONE_LOAN)
    quoted = '"' + name.replace('"', '""') + '"'
    (feed / "borrowers.csv").write_text(
        f"borrower_id,phone,{quoted}\nB1,123,yes\nB2,123,perhaps\n", encoding="utf-8"
    )
    refusal = ""
    try:
        report, book = take_in(tmp_path, feed)
    except FeedError as error:
        refusal = str(error)
    if refusal:
        assert name in refusal, "the message names the column"
        assert "Error" not in refusal, "and it is not the engine's"
        return
    assert (name, True) in content(book)["borrowers"][0]
    assert verdicts(report, "borrowers", 2)[1][0] == name


SHAPES = [
    # line, and None for a good row or the words of its verdict
    ('"P\n1",L1,2024-02-10,5,', None),
    ("P2,L1,2024", "too few columns"),
    ("P3,L1,2024-02-10,-5,", "amount is negative"),
    ("P4,L1,2024-02-10,5,,one more", "too many columns"),
    ("P5", "too few columns"),
    ("P6,L1,2024-02-10,6,", None),
    ('P7,L1,2024-02-10,"a\n\nb",', "not an amount"),
    ("P8,L1,2024-02-10,0,", "amount is zero"),
    (",,", "too few columns"),
    ("P9,L1,2024-02-10,9,", None),
]


HEADERS_ALONE = {
    "plain": f"{HEAD}\n",
    "no line end": HEAD,
    "carriage return": f"{HEAD}\r\n",
    "byte order mark": f"\ufeff{HEAD}\n",
    "blank lines": f"{HEAD}\n\n\n",
    "quoted": ",".join(f'"{name}"' for name in HEAD.split(",")) + "\n",
}


@pytest.mark.parametrize("form", HEADERS_ALONE)
def test_a_header_alone_is_a_file_without_rows(tmp_path, form):
    report, book = take_in(tmp_path, with_payments(tmp_path, HEADERS_ALONE[form]))
    assert report.totals["payments"] == {
        "read": {"rows": "0", "amount": "0.000000", "amount unreadable": "0"},
        "accepted": {"rows": "0", "amount": "0"},
        "quarantined": {"rows": "0", "amount": "0.000000", "amount unreadable": "0"},
    }
    assert content(book)["payments"] == []


@pytest.mark.parametrize("between", ["", "\n"], ids=["close", "blank lines between"])
def test_rows_without_a_shape_keep_their_numbers(tmp_path, between):
    text = HEAD + "\n" + "".join(f"{between}{line}\n" for line, _ in SHAPES)
    report, book = take_in(tmp_path, with_payments(tmp_path, text))
    found = verdicts(report, "payments", len(SHAPES))
    wrong = [
        f"row {place}, {line!r}: expected {words}, got {got}"
        for place, ((line, words), got) in enumerate(zip(SHAPES, found, strict=True), 1)
        if (words is None) != (got is None) or (words and words not in got[1])
    ]
    assert wrong == []
    assert sorted(row[1] for row in content(book)["payments"]) == ["P\n1", "P6", "P9"]
    assert report.totals["payments"]["read"]["rows"] == "10"


REFUSED = {
    # the payments file, and what the message must say
    "empty": (b"", "payments.csv", "empty"),
    "blank": (b"\n\n", "payments.csv", "empty"),
    "missing column": (b"payment_id,loan_id,paid_on,amont\n", "amount is missing", "is amont meant?"),
    "capitals": (f"{HEAD.upper()}\n{GOOD}\n".encode(), "payment_id is missing", "is PAYMENT_ID meant?"),
    "spaces": (HEAD.replace("_", " ").title().encode() + b"\n", "payment_id is missing", "is Payment Id meant?"),
    "carriage returns": (f"{HEAD}\r{GOOD}\r".encode(), "carriage returns alone", "line feeds"),
    "carriage returns, no row": (f"{HEAD}\r".encode(), "carriage returns alone", "line feeds"),
    "carriage returns and Chinese": (f"{HEAD},备注\r{GOOD},好\r".encode(), "carriage returns alone", "line feeds"),
    "line break in the header": (f'{HEAD},"note\nextra"\n{GOOD},y\n'.encode(), "name note extra has a line break"),
    "line breaks in the header": (f'"a\r\n\r\nb",{HEAD}\r\ny,{GOOD}\r\n'.encode(), "name a b has a line break"),
    "quote never closed in the header": (f'{HEAD},"note\n{GOOD},y\n'.encode(), "line 1 has a quote mark"),
    "twice": (f"{HEAD},amount\n".encode(), "amount stands twice"),
    "twice but for its case": (f"{HEAD},Amount\n{GOOD},6\n".encode(), "Amount", "twice"),
    "semicolons": (HEAD.replace(",", ";").encode() + b"\nP1;L1;2024-02-10;5;\n", "payment_id is missing"),
    "UTF-16": (f"{HEAD}\n{GOOD}\n".encode("utf-16"), "not UTF-8"),
    "GBK": (f"{HEAD}\n{GOOD}\n".encode() + "P2,L1,2024-02-10,5,贷款\n".encode("gbk"), "line 3 is not UTF-8"),
    "Latin-1 far on": (
        f"{HEAD}\n".encode() + b"".join(b"A%d,L1,2024-02-10,5,\n" % n for n in range(2, 2000)) + b"\xe9,,,,\n",
        "line 2000 is not UTF-8",
    ),
    "binary": (bytes(range(256)) * 40, "not UTF-8"),
    "a quote opened in the last name": (f'{HEAD[:-8]}"reverses\n{GOOD}\n'.encode(), "line 1 has a quote mark"),
    "a quote opened in a header alone": (f'{HEAD[:-8]}"reverses\n'.encode(), "line 1 has a quote mark"),
    "a quote opened in the first row": (f'{HEAD}\n"{GOOD}\n{NEGATIVE}\n'.encode(), "line 2 has a quote mark"),
    "a quote opened in the middle": (f'{HEAD}\n{GOOD}\n"{NEGATIVE}\n{GOOD}\n'.encode(), "line 3 has a quote mark"),
    "a quote opened in the last row": (f'{HEAD}\n{GOOD}\n{NEGATIVE}"\n'.encode(), "line 3 has a quote mark"),
    "a quote opened in the header": (f'"{HEAD}\n{GOOD}\n'.encode(), "payments.csv"),
    "a line of 3 MB": (f"{HEAD}\n{GOOD}\nP2,{'x' * 3_000_000}\n{NEGATIVE}\n".encode(), "line 3"),
    "a line of 34 MB": (f"{HEAD}\n{GOOD}\nP2,{'x' * 34_000_000}\n{NEGATIVE}\n".encode(), "line 3"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_refused_whole(tmp_path, case):
    text, *words = REFUSED[case]
    take_in(tmp_path, write(tmp_path / "yesterday", **ONE_LOAN))
    before = tree_bytes(tmp_path / "book")
    with pytest.raises(FeedError) as refused:
        take_in(tmp_path, with_payments(tmp_path, text))
    message = str(refused.value)
    assert [word for word in words if word not in message] == [], message
    assert "\n" not in message, "one line"
    assert "Binder" not in message, "the engine's words help nobody"
    assert "\x00" not in message, "nothing a terminal can't show"
    assert tree_bytes(tmp_path / "book") == before


@pytest.mark.parametrize(
    "damage", ["text", "cut in half", "empty", "first bytes only", "a byte turned", "both forms"]
)
def test_damaged_parquet(tmp_path, damage):
    feed = write(tmp_path / "feed", **ONE_LOAN)
    source, target = feed / "payments.csv", feed / "payments.parquet"
    with connected() as connection:
        connection.execute(
            f"""copy (select 'P' || n as payment_id, 'L1' as loan_id, date '2024-02-10' as paid_on,
                n::varchar as amount, '' as reverses from range(1, 5000) t(n)) to {quote(target)}
                (format parquet, compression zstd)"""
        )
    whole = target.read_bytes()
    middle = len(whole) // 3
    turned = bytes(byte ^ 0xFF for byte in whole[middle : middle + 64])
    target.write_bytes(
        {
            "text": f"{HEAD}\n{GOOD}\n".encode(),
            "cut in half": whole[: len(whole) // 2],
            "empty": b"",
            "first bytes only": whole[:6],
            "a byte turned": whole[:middle] + turned + whole[middle + 64 :],
            "both forms": whole,
        }[damage]
    )  # fmt: skip
    if damage != "both forms":
        source.unlink()
    with pytest.raises(FeedError, match=r"payments\.parquet") as refused:
        take_in(tmp_path, feed)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "book" / "CURRENT").exists()


def test_folders_that_are_no_feed(tmp_path):
    feed = write(tmp_path / "feed", **ONE_LOAN)
    (feed / "loans.csv").unlink()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for name, words in (
        ("nowhere", "no such folder"),
        ("empty", "holds nothing"),
        ("feed", "loans.csv"),
        ("file", "no such"),
    ):
        with pytest.raises(FeedError, match=words):
            take_in(tmp_path, tmp_path / name)
    (feed / "loans.csv").mkdir()
    with pytest.raises(FeedError, match=r"loans\.csv"):
        take_in(tmp_path, feed)
    assert not (tmp_path / "book").exists()


@pytest.mark.parametrize(
    "place",
    [
        *("o'brien", "a [b] c", "what*?", "中文 文件夹", "100%"),
        *("lake/product=card", "loan_id=L9", "row_at=2", "amount=3"),
    ],
)
def test_folders_of_any_name(tmp_path, place):
    """A path is a path: no pattern, no text of SQL, and no column."""
    root = tmp_path / place
    _, book = take_in(root, with_payments(root, f"{HEAD}\n{GOOD}\n{NEGATIVE}\n"))
    _, plain = take_in(tmp_path / "plain", with_payments(tmp_path / "plain", f"{HEAD}\n{GOOD}\n{NEGATIVE}\n"))
    assert content(book) == content(plain)
    delta = {"payments": ["P3,L1,2024-02-11,1,"]}
    _, after = take_in(root, write(root / "delta", **delta), delta=True)
    _, plain_after = take_in(tmp_path / "plain", write(tmp_path / "plain" / "delta", **delta), delta=True)
    assert content(after) == content(plain_after)


def test_an_empty_book(tmp_path):
    report, book = take_in(tmp_path, write(tmp_path / "feed"))
    assert book.manifest["rows"] == dict.fromkeys(content(book), 0)
    assert report.quarantined_rows == 0
    feed = write(tmp_path / "bare")
    for path in feed.iterdir():
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    take_in(tmp_path / "other", feed)


def test_every_row_of_a_file_is_read(tmp_path):
    """However many rows have no shape, and wherever the reader's blocks end: none vanishes."""
    rows, long = 47_618, "x" * 400
    text = "".join(
        f"P{n}{long},L1,2024-02-10,5,\n" if n % 2 else f"P{n}{long},L1,2024\n" for n in range(rows)
    )
    (tmp_path / "payments.csv").write_text(f"{HEAD}\n{text}", encoding="utf-8")
    with connected(2) as connection:
        file = open_file(connection, PAYMENTS, tmp_path / "payments.csv", tmp_path)
        staged = connection.execute(f"select count(*) from {file.scan}").fetchone()[0]
    assert (file.rows, staged) == (rows, rows // 2)


def test_bad_rows_of_both_kinds_take_no_square_of_time(tmp_path):
    """When each looked through all the others, a feed of a million rows took hours."""
    text = "".join(f"P{n},L1,2024-02-10,-5,\nQ{n},L1,2024\n" for n in range(8_000))
    report, _ = take_in(tmp_path, with_payments(tmp_path, f"{HEAD}\n{text}"))
    assert report.quarantined_rows == 16_000
