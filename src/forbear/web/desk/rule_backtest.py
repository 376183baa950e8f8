"""For compliance officers: what a changed or new rule would have refused of the last days' contacts."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from forbear.actions.selectors.desk_counts import permits_between
from forbear.core.base.problem import Problem
from forbear.core.permits.case_check import CaseResult
from forbear.core.permits.pack import PackError, parse_draft
from forbear.insight.rule_backtest import backtest_rules
from forbear.interchange.home.pack_cases import wrong_cases
from forbear.interchange.home.packs import rulebook, written
from forbear.store.access import sample_contacts_named
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

DAYS = (7, 30, 90)
#: Permits looked at in one go: a page answers within seconds, `forbear check-pack --last-days` has time.
MOST = 20_000
_LONGEST = 100_000
_NEW = """\
id: house.example
says:
  zh: 周日不打电话
  en: No calls on Sundays
applies: {channels: [call, voice]}
refuse_when: local_weekday = 7
until: next_local_day
clause: house rules
force: house
"""


@permission_required("desk:rules:try")
def rule_backtest(request: StaffRequest) -> HttpResponse:
    """Try a draft; nothing is written, and nothing that is in force changes."""
    now = request.now
    days = _days(request.POST.get("days", "30"))
    text = request.POST.get("text", "") if request.method == "POST" else _start(request.GET.get("rule", ""))
    since = now - timedelta(days=days)
    mistakes: list[Problem] = []
    tried: list[dict] = []
    wrong: list[CaseResult] = []
    if request.method == "POST":
        try:
            rules = parse_draft(text[:_LONGEST])
        except PackError as error:
            mistakes = error.problems
        else:
            in_force = {bound.rule.id: bound.rule for bound in rulebook(settings.HOME).bound}
            found = backtest_rules(rules, since, now, limit=MOST)
            wrong = [one for path in settings.HOME.packs for one in wrong_cases(path, rules)]
            tried = [
                {
                    "rule": rule,
                    "tested": tested,
                    "now": in_force.get(rule.id),
                    "examples": sample_contacts_named(request.user, tested.examples),
                }
                for rule, tested in zip(rules, found, strict=True)
            ]
    return render(
        request,
        "desk/rule_backtest.html",
        {
            "text": text,
            "days": days,
            "choices": DAYS,
            "mistakes": mistakes,
            "tried": tried,
            "wrong": wrong,
            "permits": permits_between(since, now),
            "most": MOST,
        },
    )


def _days(text: str) -> int:
    return int(text) if text in {str(each) for each in DAYS} else 30


def _start(rule_id: str) -> str:
    """What the box holds at first: the rule asked for as it stands, or an example of a new one."""
    return written(settings.HOME, rule_id) or _NEW
