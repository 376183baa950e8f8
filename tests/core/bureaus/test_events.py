"""Goal: what happened between two days follows from the ledger; a digest of the lines changes when such a day could."""

import json
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forbear.core.bureaus import cn as bureau_cn
from forbear.core.bureaus.events import EVENTS, Occurrence, fingerprint, occurred
from forbear.core.bureaus.file_checks import reported_of, said
from forbear.core.loans.loan import Payment
from tests.core.bureaus.test_file_checks import MARCH, PRODUCT, loan
from tests.core.strategies import loans, products

JANUARY = date(2026, 1, 31)


def between(first: date, last: date, one, *besides: Occurrence) -> list[tuple[str, date]]:
    before = reported_of(one, PRODUCT, first - timedelta(days=1), again=True)
    found = occurred(before, reported_of(one, PRODUCT, last), first, besides)
    return [(each.kind, each.on) for each in found]


def test_an_arrears_opens_the_day_after_the_due_date_and_ends_with_the_payment():
    unpaid = loan()
    assert between(date(2026, 1, 10), date(2026, 1, 12), unpaid) == [("opened", date(2026, 1, 11))]
    assert between(date(2026, 1, 13), date(2026, 1, 14), unpaid) == []
    cured = loan(("2026-01-20", 40_000))
    assert between(date(2026, 1, 19), date(2026, 1, 21), cured) == [("cured", date(2026, 1, 20))]
    assert between(date(2026, 1, 9), date(2026, 1, 21), cured) == [], "it came and went between two files"


def test_a_loan_paid_off_is_settled_once_and_what_lies_outside_the_days_is_left_out():
    paid = loan(("2026-03-05", 120_000))
    sold = Occurrence("sold", date(2026, 3, 6))
    assert between(date(2026, 3, 1), MARCH, paid, Occurrence("objected", date(2026, 2, 28)), sold) == [
        ("settled", date(2026, 3, 5)),
        ("sold", date(2026, 3, 6)),
    ]


def test_an_event_in_the_chinese_manner_is_the_record_with_what_happened():
    told = reported_of(loan(), PRODUCT, MARCH)
    line = bureau_cn.line(told, event=Occurrence("opened", date(2026, 1, 11)))
    read = json.loads(line)
    assert (read["inf_rec_type"], read["event"], read["event_date"]) == ("event", "opened", "2026-01-11")
    assert read.items() >= {"tot_overd": "1200.00", "overd_days": 80}.items()
    assert bureau_cn.flaws(line) == []
    for kind, on in (("nothing", MARCH), ("sold", MARCH + timedelta(days=1))):
        assert "a known one" in bureau_cn.flaws(bureau_cn.line(told, event=Occurrence(kind, on)))[0]


def test_what_was_sold_is_told_as_passed_on_and_no_more_after():
    sold = reported_of(loan(), PRODUCT, MARCH, sold_on=date(2026, 3, 20))
    read = json.loads(bureau_cn.line(sold))
    assert (read["acct_status"], read["acct_bal"], read["rpy_status"], read["close_date"]) == (
        "5",
        "0.00",
        "G",
        "2026-03-20",
    )
    assert bureau_cn.flaws(bureau_cn.line(sold)) == []
    assert reported_of(loan(), PRODUCT, date(2026, 4, 30), sold_on=date(2026, 3, 20)) is None
    assert reported_of(loan(), PRODUCT, JANUARY, sold_on=date(2026, 3, 20)).status == "active"


@given(st.data())
def test_events_are_known_ordered_and_inside_the_days(data):
    product = data.draw(products())
    drawn = data.draw(loans(product))
    days = [each.due_on for each in drawn.instalments]
    if not days:
        return
    first = data.draw(st.dates(min(days), max(days) + timedelta(days=60)))
    last = first + timedelta(days=data.draw(st.integers(0, 40)))
    before, now = (
        reported_of(drawn, product, first - timedelta(days=1), again=True),
        reported_of(drawn, product, last),
    )
    if now is None:
        return
    found = occurred(before, now, first)
    assert {each.kind for each in found} <= EVENTS.keys()
    assert [each.on for each in found] == sorted(each.on for each in found)
    assert not {"opened", "cured"} <= {each.kind for each in found}
    late = before is not None and before.days_past_due > 0
    assert ("opened" in {each.kind for each in found}) == (now.days_past_due > 0 and not late)


@given(st.data())
def test_an_unchanged_digest_means_that_no_earlier_day_changed(data):
    product = data.draw(products())
    drawn = data.draw(loans(product))
    if not drawn.instalments:
        return
    on = data.draw(st.sampled_from([each.due_on + timedelta(days=20) for each in drawn.instalments]))
    paid_on = on + timedelta(days=data.draw(st.integers(-60, 5)))
    more = replace(drawn, payments=(*drawn.payments, Payment("new", paid_on, 1_000, "")))
    same = fingerprint(drawn, product, on) == fingerprint(more, product, on)
    if paid_on <= on:
        assert not same
    elif drawn.status != "closed":
        assert same
    if same:
        for back in (0, 31, 62):
            day = on - timedelta(days=back)
            one, other = (reported_of(each, product, day, again=True) for each in (drawn, more))
            assert (one and said(one)) == (other and said(other))
