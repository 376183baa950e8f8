"""A payoff that grows by a factor from one feed to the next puts its loan in doubt, until it is as before."""

from datetime import date

from forbear.interchange.book.comparison import Guard
from forbear.interchange.home.feed_limits import FeedLimits
from tests.interchange.book.small_feed import HEADERS, content, take_in, write

DAY = date(2026, 3, 10)


def doubted(root, number, *payoffs):
    """The loans in doubt once a feed with these payoffs, in yuan, has been imported."""
    names = [f"L{place}" for place in range(len(payoffs))]
    feed = write(
        root / f"feed{number}", instalments=[f"{name},1,2026-05-01,100.00,10.00,0,0" for name in names]
    )
    header = HEADERS["loans"] + ",payoff,payoff_on"
    rows = [
        f"{name},B{name},cash,CNY,100.00,2026-01-01,active,{payoff},{DAY if payoff else ''}"
        for name, payoff in zip(names, payoffs, strict=True)
    ]
    (feed / "loans.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    report, book = take_in(root, feed, guard=Guard(FeedLimits(), DAY))
    assert report.quarantined_rows == 0
    return {row[0] for row in content(book)["loans"] if row[12]}


def test_a_payoff_in_cents_is_doubted_until_it_is_as_before(tmp_path):
    assert doubted(tmp_path, 1, "102.00", "", "102.00") == set()
    assert doubted(tmp_path, 2, "10200", "10200", "103.00") == {"L0", "L1"}
    assert doubted(tmp_path, 3, "10300", "103.00", "103.50") == {"L0"}, (
        "it is no better for having stood a day"
    )
    assert doubted(tmp_path, 4, "104.00", "104.00", "104.00") == set()
