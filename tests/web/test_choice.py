"""Goal: a person reads what was chosen and why, what a limit costs, and what another budget for harm would bring.

Method: the 300 borrowers of tests/insight/test_choice.py, through real nights, in both languages.
"""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest

from forbear.actions.strategies.harm_budget import draft_with_budget
from forbear.core.base.problem import Problem
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import connected
from forbear.insight.choice_fairness import gaps, nights_of
from forbear.interchange.book.book import open_book
from forbear.store.models import Case, StrategyVersion
from forbear.web import clock as web_clock
from tests.home_night import feed_in
from tests.insight.test_choice import DUE, NAMES, NEXT, NOON, TEXT, TREATED, night
from tests.insight.test_choice import home as home
from tests.web.pages import shown
from tests.web.test_strategies import browser_of, person

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def chosen(home, monkeypatch):
    made = night(NEXT, TEXT)
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(days=7))
    return made


def main(client, address: str) -> str:
    return unescape(shown(client, address))


def test_the_page_says_what_was_chosen_and_what_limits_cost(chosen):
    client = browser_of(person("wu", "analyst"))
    page = main(client, "/desk/choice")
    assert "all that the stages plan" in page
    assert "total_past_due < 1000.00" in page
    assert "Not all that may be spent is; more would bring nothing." in page
    assert "The budget for complaints isn't used up" in page
    assert "too few to know" in page
    assert "Like borrowers get like offers: the widest gap is" in page
    rows = client.get("/desk/choice/rows").content.decode()
    quiet = Case.objects.filter(arms__contains='"choice","nothing"').count()
    assert rows.count("sms:overdue_reminder") == quiet > 0
    client.cookies["django_language"] = "zh-hans"
    page = main(client, "/desk/choice")
    assert "投诉预算未用完；放宽也不会多回款。" in page
    assert "同类借款人待遇相当" in page


def test_the_case_says_why(chosen):
    client = browser_of(person("wu", "lead"))
    quiet = Case.objects.filter(arms__contains='"choice","nothing"').first()
    usual = Case.objects.filter(arms__contains='"choice","ladder"').first()
    assert quiet is not None
    assert usual is not None
    page = main(client, f"/desk/case/{quiet.borrower_id}/")
    assert "nothing, by chance with a probability of 10%, for 7 days" in page
    assert "The plain ladder would have planned:" in page
    assert "Cases like this one bring" in page
    page = main(client, f"/desk/case/{usual.borrower_id}/")
    assert "That is what the plain ladder plans." in page


def test_another_budget_shows_what_follows_and_becomes_a_draft(chosen):
    wu = person("wu", "analyst")
    client = browser_of(wu)
    page = main(client, "/desk/choice?complaints=0.5")
    assert "With the other budget" in page
    assert "The budget for complaints can't be kept" in page
    assert "Give a number of 0 or more." in main(client, "/desk/choice?complaints=-1")
    answer = client.post("/desk/choice/budget", {"complaints": "0.5"})
    made = StrategyVersion.objects.get()
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/desk/strategies/{made.pk}")
    read = parse_strategy(made.text, "draft")
    assert read.choose is not None
    assert read.choose.limits.complaints == Decimal("0.5")
    assert made.text == TEXT.replace("complaints: 900", "complaints: 0.5")
    assert (made.state, made.made_by) == ("draft", wu)


def test_without_a_budget_there_is_none_to_change(home, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    refused = draft_with_budget(Decimal(2), person("wu", "analyst"), NOON)
    assert isinstance(refused, Problem)
    assert refused.code == "harm_budget_missing"
    assert "chooses nothing" in main(browser_of(person("li", "analyst")), "/desk/choice")


def test_a_group_that_gets_other_offers_is_found(home, tmp_path):
    """Every fifth borrower lives in the north, where silence is no option."""
    north = NAMES[::5]
    feed_in(
        tmp_path / "moved",
        loans=[f"L{name},{name},cash,CNY,800.00,2026-01-01,active" for name in NAMES],
        instalments=[f"L{name},1,{DUE},400.00,12.00,0,0" for name in NAMES],
        payments=[],
        borrowers=[
            f"{name},王小明,+8613900000{name[1:]},,zh,{'north' if name in north else 'south'},Asia/Shanghai,,true"
            for name in NAMES
        ],
    )
    text = TEXT.replace("only: []}", "only: [], when: region <> 'north'}")
    made = night(NEXT, text)
    choose = parse_strategy(text, "s").choose
    assert choose is not None
    with connected() as engine:
        found = gaps(engine, nights_of(home, made, 7), open_book(home.book), choose)
    by_name = {(gap.by, gap.group, gap.option): gap for gap in found}
    away = [name for name in NAMES if name in north and name in TREATED]
    share = 1 - len(away) / len(TREATED)
    assert by_name["region", "north", "nothing"].gap == pytest.approx(-0.1 * share)
    assert by_name["region", "north", "nothing"].wide
    assert by_name["region", "south", "nothing"].gap == pytest.approx(0.1 * (1 - share))
    assert by_name["language", "zh", "nothing"].gap == pytest.approx(0)
    assert not by_name["language", "zh", "nothing"].wide
