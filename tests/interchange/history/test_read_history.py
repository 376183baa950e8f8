"""Goal: a folder of what already stands is read whole, or every mistake in it is named with file, line and column."""

from datetime import date

import pytest

from forbear.core.base.problem import InputError
from forbear.interchange.history.columns import FILES
from forbear.interchange.history.read_history import HistoryError, moment_of, read_history

TODAY = date(2026, 3, 10)


def read(tmp_path, encoding="utf-8", **files):
    for name, text in files.items():
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / f"{name}.csv").write_bytes(content)
    return read_history(tmp_path, TODAY, encoding=encoding, timezone="Asia/Shanghai")


def mistakes(tmp_path, **files):
    with pytest.raises(HistoryError) as found:
        read(tmp_path, **files)
    return found.value.messages


def test_rows_keep_their_place_and_loans_stand_in_any_order(tmp_path):
    rows = ["kind,borrower_id,note,starts_on,loans", "", 'lawyer,B1,"two\r\nlines",2026-01-02,L2;L1 L2']
    text = "\r\n".join([*rows, "cease,B2,,2026-01-03,", ""])
    first, second = read(tmp_path, holds="\ufeff" + text).lines
    assert (first.number, first.borrower, first.loans) == (3, "B1", ("L1", "L2"))
    assert first.values["note"] == "two\r\nlines"
    assert (second.number, second.loans) == (5, ())


def test_chinese_files_are_read_in_their_encoding(tmp_path):
    text = "borrower_id,kind,starts_on,note\n客户1,dispute,2026-01-02,已寄对账单\n"
    assert read(tmp_path, encoding="gbk", holds=text.encode("gb18030")).lines[0].borrower == "客户1"
    assert mistakes(tmp_path) == ["holds.csv:2: is not text in utf-8; see --encoding"]


def test_every_mistake_is_named_with_the_nearest_right_word(tmp_path):
    found = mistakes(
        tmp_path,
        hold="borrower_id\n",
        holds="borrower_id,kind,starts_on,ends_on\n"
        "B1,disputed,2026-13-01,\n,dispute,2026-03-11,\nB1,plan,2026-03-02,2026-03-01\nB1,dispute\n"
        "B1,dispute,2026-03-02,2026-03-01\n",
        contacts="borrower_id,at,chanel,outcome\nB1,2026-03-01,sms,delivered\n",
        notices="loan_id,kind,given_on\nL1,default_notice,2026-03-01\nL1,default_notice,2026-03-01\n",
        promises="borrower_id,amount,made_on,due_on\nB1,1,1926-03-01,2026-3-9\n",
    )
    assert [each.split("; it is one of")[0] for each in found] == [
        "hold.csv: no file of this name is read; did you mean `holds`?",
        "holds.csv:2:kind: `disputed` is not known here; did you mean `dispute`?",
        "holds.csv:2:starts_on: `2026-13-01` is not a date like 2026-03-31",
        "holds.csv:3:borrower_id: is empty",
        "holds.csv:3:starts_on: `2026-03-11` has not come yet",
        "holds.csv:4:kind: `plan` is not known here; it belongs in plans.csv",
        "holds.csv:5: has 2 values, and the header has 4",
        "holds.csv:6:ends_on: is before starts_on",
        "promises.csv:2:made_on: `1926-03-01` is too far away to be meant",
        "promises.csv:2:due_on: `2026-3-9` is not a date like 2026-03-31",
        "contacts.csv:1:3: the column `chanel` is not known; did you mean `channel`?",
        "contacts.csv:1: the column `channel` is missing",
        "notices.csv:3: says what line 2 says; give both a `reference` if both happened",
    ]


def test_a_folder_without_the_files_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds none of the files holds\.csv"):
        read(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        read_history(tmp_path / "gone", TODAY)


def test_a_day_alone_counts_to_its_end_and_a_time_is_the_lenders(tmp_path):
    assert moment_of("2026-03-01", "Asia/Shanghai").isoformat() == "2026-03-01T23:59:00+08:00"
    assert moment_of("2026-03-01 09:30", "Asia/Shanghai").isoformat() == "2026-03-01T09:30:00+08:00"
    assert moment_of("2026-03-01T09:30:00Z", "Asia/Shanghai").isoformat() == "2026-03-01T09:30:00+00:00"


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_row_is_known_again_by_columns_that_are_there(name):
    assert set(FILES[name].key) <= set(FILES[name].names)
