"""The night as a whole: the same inputs give the same bytes, and a loan's story over many days comes out right."""

from datetime import date, timedelta

import pytest

from forbear.engine.columnar import connected, parquet
from forbear.interchange.book.generate import generate_feed
from forbear.night.run import NightError, latest_night, open_night, plan_night
from tests.interchange.book.small_feed import take_in, tree_bytes, write
from tests.night.small_night import LADDER, decide, rows

DAY = date(2024, 3, 1)
TWO = {
    "loans": ["L1,B1,cash,CNY,200,2024-01-01,active", "L2,B2,cash,CNY,200,2024-01-01,active"],
    "instalments": ["L1,1,2024-02-10,100,0,0,0", "L2,1,2024-02-25,100,0,0,0", "L2,2,2024-03-10,100,0,0,0"],
}


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A made-up lender's book of a thousand loans."""
    root = tmp_path_factory.mktemp("lender")
    generate_feed(root / "feed", loans=1_000, seed=11, as_of=DAY, form="parquet", bad_rows=20)
    _, book = take_in(root, root / "feed", partitions=3)
    return book


def test_the_same_night_twice_is_the_same_bytes(tmp_path, lender):
    nights = [
        decide(tmp_path / name, lender, DAY, threads=threads, all_facts=True)
        for name, threads in (("one", 1), ("two", 3))
    ]
    first = tree_bytes(nights[0].folder)
    assert first == tree_bytes(nights[1].folder)
    assert len(first) == 2 + 4 * lender.partitions
    again = decide(tmp_path / "one", lender, DAY, all_facts=True)
    assert tree_bytes(again.folder) == first
    assert [path.name for path in (tmp_path / "one" / "nights").iterdir()] == [str(DAY)], (
        "nothing left beside it"
    )


def test_a_past_date_is_decided_as_of_that_date(tmp_path, lender):
    past = DAY - timedelta(days=60)
    alone = decide(tmp_path / "alone", lender, past)
    decide(tmp_path / "after", lender, DAY)
    after = decide(tmp_path / "after", lender, past)
    assert tree_bytes(after.folder) == tree_bytes(alone.folder), "a later night is no night before"
    assert after.manifest["previous_version"] == ""
    assert all(row[0] > 0 for row in rows(after, "arrears", "days_past_due"))


def test_files_keep_the_order_of_the_book(tmp_path, lender):
    for days in (0, 45):  # 45 days ago some who are settled by now were late: the whole book is looked at
        night = decide(tmp_path / str(days), lender, DAY - timedelta(days=days))
        for part in range(lender.partitions):
            with connected() as engine:
                ours = parquet(lender.part(part), "loans.parquet")
                place = dict(engine.execute(f"select loan_id, row_number() over () from {ours}").fetchall())
                for name in ("arrears", "cases", "treatments"):
                    theirs = parquet(night.folder / name, f"part-{part:05d}.parquet")
                    loans = engine.execute(f"select loan_id from {theirs}").fetchall()
                    found = [place[loan] for (loan,) in loans]
                    assert found == sorted(found), f"{name} of {night.manifest['as_of']}, part {part}"
                    assert found, "some loan is late in each part"


def test_the_manifest_counts_what_lies_in_the_files(tmp_path, lender):
    decide(tmp_path, lender, DAY - timedelta(days=1))
    night = decide(tmp_path, lender, DAY)
    late = rows(night, "arrears", "currency, bucket, outstanding, past_due_amount")
    assert sum(bucket[2] for bucket in night.manifest["buckets"]) == len(late)
    assert sum(bucket[3] for bucket in night.manifest["buckets"]) == sum(row[2] for row in late)
    assert sum(bucket[4] for bucket in night.manifest["buckets"]) == sum(row[3] for row in late)
    staged = rows(night, "cases", "stage")
    assert sum(stage[2] for stage in night.manifest["stages"]) == sum(row[0] != "" for row in staged)
    assert sum(row[3] for row in night.manifest["changes"]) == len(staged)
    assert sum(row[4] for row in night.manifest["treatments"]) == len(rows(night, "treatments", "channel"))
    assert night.manifest["previous_version"]


def test_a_date_before_the_book(tmp_path):
    _, book = take_in(tmp_path, write(tmp_path / "feed", **TWO))
    with pytest.raises(
        NightError, match="2023-12-31 is before the book begins: its first loan is of 2024-01-01"
    ):
        plan_night(book, tmp_path / "nights", date(2023, 12, 31), LADDER, "ladder.yaml")
    assert decide(tmp_path, book, date(2024, 1, 1)).manifest["buckets"] == []


def test_an_empty_book_has_an_empty_night(tmp_path):
    _, book = take_in(tmp_path, write(tmp_path / "feed"))
    night = decide(tmp_path, book, DAY, all_facts=True)
    assert [rows(night, name, "*") for name in ("arrears", "cases", "treatments")] == [[], [], []]


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(9999, 12, 1), date(2500, 1, 1)])
def test_a_date_far_ahead(tmp_path, day):
    """Whoever asks for it gets an answer that is true, or a refusal; never a quiet nothing."""
    _, book = take_in(tmp_path, write(tmp_path / "feed", **TWO))
    try:
        night = decide(tmp_path, book, day, all_facts=True)
    except NightError:
        return
    assert rows(night, "arrears", "loan_id, days_past_due") == [
        ("L1", (day - date(2024, 2, 10)).days),
        ("L2", (day - date(2024, 2, 25)).days),
    ]


STORY_INSTALMENTS = ["L1,1,2024-02-10,100,0,0,0", "L1,2,2024-03-10,100,0,0,0"]
# what the lender's ledger holds from each day on: payments are heard of late, dated back, and bounce
STORY_PAYMENTS = {
    date(2024, 2, 22): ["P1,L1,2024-02-14,60,"],
    date(2024, 2, 25): ["P2,L1,2024-02-24,40,"],
    date(2024, 3, 2): ["R2,L1,2024-02-29,40,P2"],
    date(2024, 3, 6): ["P3,L1,2024-02-20,40,"],
    date(2024, 3, 18): ["P4,L1,2024-03-09,100,"],
}
# from each day on: days past due on it, amount past due, stage
STORY = [
    (date(2024, 2, 9), None, 0, ""),
    (date(2024, 2, 11), date(2024, 2, 10), 100, "early"),
    (date(2024, 2, 20), date(2024, 2, 10), 100, "late"),
    (date(2024, 2, 22), date(2024, 2, 10), 40, "late"),  # the backdated part lowers the amount, not the days
    (date(2024, 2, 25), None, 0, ""),
    (date(2024, 3, 2), date(2024, 2, 10), 40, "late"),  # bounced: as late as if it had never been paid
    (date(2024, 3, 6), None, 0, ""),
    (date(2024, 3, 11), date(2024, 3, 10), 100, "early"),
    (date(2024, 3, 18), None, 0, ""),
]


def test_forty_days_of_one_loan(tmp_path):
    ledger, before, since = [], "", None
    partitions = 1
    changes = {line[0] for line in STORY} | set(STORY_PAYMENTS)
    for place in range(40):
        day = date(2024, 2, 9) + timedelta(days=place)
        if place % 8 and not {day, day - timedelta(days=1)} & changes:
            continue  # nothing happens
        ledger += STORY_PAYMENTS.get(day, [])
        if place == 0 or day in STORY_PAYMENTS:
            feed = write(
                tmp_path / f"feed-{day}",
                loans=TWO["loans"][:1],
                instalments=STORY_INSTALMENTS,
                payments=ledger,
            )
            partitions = 3 - partitions  # the cut of the book is nobody's business
            _, book = take_in(tmp_path, feed, partitions=partitions)
        night = decide(tmp_path, book, day)
        _, oldest, amount, stage = next(line for line in reversed(STORY) if line[0] <= day)
        late = [("L1", (day - oldest).days, oldest, amount * 100)] if oldest else []
        assert (
            rows(night, "arrears", "loan_id, days_past_due, oldest_unpaid_due_on, past_due_amount") == late
        ), day
        since = since if stage and stage == before else day
        change = "same" if stage == before else ("opened" if not before else "moved" if stage else "closed")
        case = [("B1", stage, before, change, since if stage else None)] if stage or before else []
        assert rows(night, "cases", "borrower_id, stage, previous_stage, change, stage_since") == case, day
        told = {"early": ["sms"], "late": ["call", "sms"] if since == day else ["call"]}.get(stage, [])
        assert [row[0] for row in rows(night, "treatments", "channel")] == told, day
        before = stage
    assert latest_night(tmp_path / "nights").manifest["as_of"] == "2024-03-19"


@pytest.mark.parametrize("after", [2, 3, 1], ids=["same cut", "more parts", "fewer parts"])
def test_a_borrower_who_left_the_book_is_closed_once(tmp_path, after):
    _, book = take_in(tmp_path, write(tmp_path / "feed", **TWO), partitions=2)
    decide(tmp_path, book, DAY)
    gone = {"loans": TWO["loans"][1:], "instalments": TWO["instalments"][1:]}
    _, book = take_in(tmp_path, write(tmp_path / "gone", **gone), partitions=after)
    night = decide(tmp_path, book, DAY + timedelta(days=1))
    assert rows(night, "cases", "borrower_id, stage, previous_stage, change") == [
        ("B1", "", "late", "closed"),
        ("B2", "early", "early", "same"),
    ]


def test_stages_are_kept_when_the_number_of_partitions_changes(tmp_path, lender):
    root = lender.folder.parent.parent
    decide(tmp_path, lender, DAY - timedelta(days=1))
    same = decide(tmp_path, lender, DAY)
    _, other = take_in(tmp_path / "other", root / "feed", partitions=5)
    (tmp_path / "other" / "nights").mkdir()
    decide(tmp_path / "other", lender, DAY - timedelta(days=1))
    cut = decide(tmp_path / "other", other, DAY)
    columns = "borrower_id, loan_id, stage, handler, previous_stage, change, stage_since, held, days_past_due"
    assert rows(cut, "cases", columns) == rows(same, "cases", columns)
    assert rows(cut, "treatments", "*") == rows(same, "treatments", "*")


OPEN_ENDED = LADDER.replace("days_past_due between 1 and 9", "days_past_due <= 9")


def test_facts_not_asked_for_change_no_decision(tmp_path):
    """Computing every fact decides the same; only a strategy that looks ahead looks at more borrowers."""
    feed = {
        "loans": [
            *TWO["loans"],
            "M1,B3,cash,CNY,200,2024-01-01,active",
            "M2,B3,cash,CNY,200,2024-01-01,active",
        ],
        "instalments": [
            *("L1,1,2024-02-10,100,0,0,0", "L2,1,2024-03-10,100,0,0,0"),
            *("M1,1,2024-02-10,100,0,0,0", "M1,2,2024-03-25,100,0,0,0"),
            *("M2,1,2024-02-10,100,0,0,0", "M2,2,2024-03-05,100,0,0,0"),
        ],
    }
    _, book = take_in(tmp_path, write(tmp_path / "feed", **feed))
    never = (
        "stages:\n  - stage: never\n    when: days_to_due < 0 and next_due_amount < 0\n    handler: system\n"
    )
    asking = OPEN_ENDED.replace("stages:\n", never)
    found = [
        [rows(night, table, "borrower_id, loan_id, stage") for table in ("cases", "treatments")]
        for night in (
            decide(tmp_path / "asked", book, DAY, OPEN_ENDED),
            decide(tmp_path / "all", book, DAY, OPEN_ENDED, all_facts=True),
            decide(tmp_path / "named", book, DAY, asking),
        )
    ]  # fmt: skip
    assert found[0] == found[1]
    # a strategy that names what falls due soon looks at those who have nothing late, too
    assert [case for case in found[2][0] if case[0] != "B2"] == found[0][0]
    assert {case[0] for case in found[2][0]} - {case[0] for case in found[0][0]} == {"B2"}


def test_nobody_in_doubt_is_treated(tmp_path):
    """Even when the strategy says nothing about doubt; the others are treated as ever."""
    feed = {**TWO, "payments": ["P1,L1,2024-02-10,-5,"]}
    _, book = take_in(tmp_path, write(tmp_path / "feed", **feed))
    night = decide(tmp_path, book, DAY)
    assert rows(night, "cases", "borrower_id, stage, held, feed_doubt") == [
        ("B1", "late", True, True),
        ("B2", "early", False, False),
    ]
    assert {row[0] for row in rows(night, "treatments", "borrower_id")} == {"B2"}


def test_a_doubt_on_one_loan_holds_its_borrowers_others_too(tmp_path):
    """The loan that decides for the borrower is the later one; the doubt lies on the milder."""
    feed = {
        "loans": [f"{loan},B1,cash,CNY,100,2024-01-01,active" for loan in ("L1", "L2")],
        "instalments": ["L1,1,2024-01-10,100,0,0,0", "L2,1,2024-02-25,100,0,0,0"],
        "payments": ["P1,L2,2024-02-26,-5,"],
    }
    _, book = take_in(tmp_path, write(tmp_path / "feed", **feed))
    night = decide(tmp_path, book, DAY)
    assert rows(night, "cases", "borrower_id, loan_id, held, feed_doubt") == [("B1", "L1", True, True)]
    assert rows(night, "treatments", "borrower_id") == []


def test_a_night_hidden_by_a_cut_off_publish_is_still_there(tmp_path):
    """Killed between the two renames: the night that was being replaced is the one in force."""
    _, book = take_in(tmp_path, write(tmp_path / "feed", **TWO))
    decide(tmp_path, book, DAY)
    nights = tmp_path / "nights"
    (nights / str(DAY)).rename(nights / f".{DAY}.replaced")
    assert open_night(nights, DAY) is not None
    following = plan_night(book, nights, DAY + timedelta(days=1), LADDER, "ladder.yaml")
    assert following.previous_version, "the next night knows it"


def test_a_strategy_or_desk_change_makes_another_night(tmp_path):
    _, book = take_in(tmp_path, write(tmp_path / "feed", **TWO))
    one = plan_night(book, tmp_path / "nights", DAY, LADDER, "a.yaml").version
    assert plan_night(book, tmp_path / "nights", DAY, LADDER + "\n", "a.yaml").version != one
    assert plan_night(book, tmp_path / "nights", DAY, LADDER, "b.yaml").version == one
    assert plan_night(book, tmp_path / "nights", DAY + timedelta(days=1), LADDER, "a.yaml").version != one
