"""Goal: everything that happened is told in the reader's words, whatever kind of event it is."""

import re

import pytest
from django.utils.translation import override

from forbear.core.base.reason import Reason
from forbear.core.evidence.kinds import KINDS
from forbear.store import evidence
from forbear.store.access import case_events_for
from forbear.web import clock as web_clock
from forbear.web import labels as words
from forbear.web.desk.timeline import timeline
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
#: What an event may say, and how both languages tell it.
SAID = [
    (
        "write_off",
        {"what": "signed", "reasons": ["long_overdue", "bankrupt"]},
        "破产程序",
        "nothing paid for long",
    ),
    (
        "visit",
        {"state": "called_off", "reason": Reason.of("hold", kind="dispute").as_dict()},
        "停催：异议",
        "on hold: Dispute",
    ),
    ("visit", {"state": "ended", "outcome": "not_home"}, "无人", "at home"),
    ("legal", {"state": "filed", "reason": Reason().as_dict()}, "已立案", "Filed with the court"),
    ("promise", {"state": "kept"}, "履约", "Kept"),
    ("complaint", {"what": "answered", "outcome": "partly"}, "部分成立", "Partly upheld"),
    ("point", {"what": "replaced by the lender"}, "机构记录已更换", "replaced in the lender's records"),
    ("consent", {"given": False, "channel": "sms"}, "短信 · 不再接收", "no more"),
    ("stage", {"from": "", "to": "reminder"}, "— → 提醒", "— → Reminder"),
    ("contact", {"outcome": "voicemail"}, "语音信箱", "Voicemail"),
    ("export", {"reason": "court-7"}, "court-7", "court-7"),
    ("export", {"reason": ""}, "", ""),
]


def happened(kind: str, body: dict) -> None:
    evidence.append(kind, at=NOON, actor="night", borrower="B1", body=body)


@pytest.mark.parametrize(("kind", "body", "zh", "en"), SAID)
def test_an_event_is_told_in_both_languages(kind, body, zh, en):
    house_rules()
    borrower, reader = make_borrower(), person("lin", "collector")
    happened(kind, body)
    for language, wanted in (("zh-hans", zh), ("en", en)):
        with override(language):
            (line,) = timeline(case_events_for(reader, borrower.pk))
            assert wanted in " · ".join(line.details)
            assert line.what == words.word("event", kind)


def test_no_kind_of_event_stands_in_the_way_of_the_page(monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    house_rules()
    make_borrower()
    for kind in KINDS:
        if kind not in ("permit", "access"):
            happened(kind, {})
    for kind, body, *_ in SAID:
        happened(kind, body)
    told = shown(browser_of(person("he", "compliance")), "/desk/case/B1/")
    assert "Long overdue, and nothing paid for long, Insolvency" in told
    assert not re.search(r"\b(long_overdue|not_home|called_off|under_way)\b", told)
