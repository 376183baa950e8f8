"""For compliance officers: what a changed or new rule would have refused of the last days' contacts."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from forbear.actions.selectors.desk_counts import permits_between
from forbear.core.permits.pack import PackError, parse_draft
from forbear.insight.rule_backtest import backtest_rules
from forbear.interchange.home.pack_cases import wrong_cases
from forbear.interchange.home.packs import rulebook, written
from forbear.store.access import sample_contacts_named
from forbear.web.fields import PickField, TextField
from forbear.web.forms import form_on, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.yaml_form import YamlForm

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


class TryForm(YamlForm):
    """A draft of rules, and how many days of contacts it is compared with."""

    text = TextField(
        _LONGEST, rows=14, label=_("The rule in YAML: one, several, or a whole pack"), strip=False
    )
    days = PickField([(each, each) for each in DAYS], blank=None, label=_("Compared with (days)"))


@permission_required("desk:rules:try")
def rule_backtest(request: StaffRequest) -> HttpResponseBase:
    """Try a draft; nothing is written, and nothing that is in force changes."""
    if request.method != "POST":
        return _page(request)
    form = TryForm(request.POST)
    if not form.is_valid():
        return refused(request, form, lambda: _page(request))
    try:
        rules = parse_draft(form.cleaned_data["text"])
    except PackError as error:
        return refused(request, form, lambda: _page(request), error.problems)
    days = int(form.cleaned_data["days"])
    since = request.now - timedelta(days=days)
    in_force = {bound.rule.id: bound.rule for bound in rulebook(settings.HOME).bound}
    found = backtest_rules(rules, since, request.now, limit=MOST)
    tried = [
        {
            "rule": rule,
            "tested": tested,
            "now": in_force.get(rule.id),
            "examples": sample_contacts_named(request.user, tested.examples),
        }
        for rule, tested in zip(rules, found, strict=True)
    ]
    wrong = [one for path in settings.HOME.packs for one in wrong_cases(path, rules)]
    return _page(request, form, days=days, tried=tried, wrong=wrong)


def _page(
    request: StaffRequest, filled: TryForm | None = None, *, days: int = 30, **more: object
) -> HttpResponse:
    first = {"text": _start(request.GET.get("rule", "")), "days": days}
    shown: dict[str, object] = {
        "form": filled or form_on(request, TryForm, initial=first),
        "days": days,
        "permits": permits_between(request.now - timedelta(days=days), request.now),
        "most": MOST,
    }
    return render(request, "desk/rule_backtest.html", shown | more)


def _start(rule_id: str) -> str:
    """What the box holds at first: the rule asked for as it stands, or an example of a new one."""
    return written(settings.HOME, rule_id) or _NEW
