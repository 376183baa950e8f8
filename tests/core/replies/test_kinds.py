"""Kinds of replies that were misread: accents, scripts, quotations, reactions, long letters, demands and danger."""

from datetime import date

import pytest

from forbear.core.replies.danger import is_urgent
from forbear.core.replies.demands import DEMANDS, demands
from forbear.core.replies.normalize import normal
from forbear.core.replies.quoted import own_part
from forbear.core.replies.understanding import understand

TUESDAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ARRÊT",
            "ARRE\u0302T",
            "Arrêtez",
            "ST\u041eP",
            "\u0455top",
            "Стоп",
            "BASTA",
            "Parar",
            "No más",
            "CANCELAR",
        ),
        *(
            "déjenme en paz",
            "no me llamen más",
            "不再接收",
            "以后不再需要这些短信",
            "拒绝接收",
            "退 订",
            "退-订",
            "唔好再打嚟",
        ),
        *("Stop.\n> Reply STOP to opt out", "STOP1", "please STOP", "退出短信通知", "I’ve blocked you"),
    ],
)
def test_a_stop_in_another_dress(text):
    assert understand(text).intent == "stop"


@pytest.mark.parametrize(
    "text",
    [
        *("Liked “Pay by Friday. Reply STOP to opt out.”", "👍 to “ Reply STOP to end ”", "赞了“回T退订”"),
        *('Loved "Text STOP to quit"', "Removed a like from “Reply STOP to opt out”", "喜欢了“回复TD退订”"),
        *(
            "ok\n> To stop these messages reply STOP",
            "will do. Reply STOP to opt out",
            "知道了。如不想再收到请回复退订",
        ),
        *(
            "truck stop on I-90",
            "stop payment on that cheque",
            "please don't stop the plan",
            "I opted out by mistake",
        ),
        "at the end of the call he hung up",
    ],
)
def test_what_only_quotes_a_stop_is_none(text):
    meant = understand(text)
    assert "stop" not in (meant.intent, *meant.also)


def test_nothing_but_an_offer_is_a_stop():
    assert understand("Reply STOP to opt out").intent == "stop"
    assert own_part("Reply STOP to opt out") == "Reply STOP to opt out"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *(
            ("下下周三还", date(2026, 3, 25)),
            ("下下个星期一还款", date(2026, 3, 23)),
            ("下周三还", date(2026, 3, 18)),
        ),
        *(("I'll pay friday after next", date(2026, 3, 27)), ("voy a pagar el viernes", date(2026, 3, 13))),
        *(("pago mañana", date(2026, 3, 11)), ("pay the day after tomorrow", date(2026, 3, 12))),
    ],
)
def test_days(text, day):
    assert understand(text, "", TUESDAY).day == day


def test_the_end_of_a_long_letter_is_read_and_a_person_reads_it():
    meant = understand("I have had this loan for years. " * 200 + "Please stop texting me.")
    assert meant.intent == "stop"
    calm = understand("I will pay on Friday. " + "Thank you for your patience with me. " * 300, "", TUESDAY)
    assert calm.needs_person
    assert calm.held_until_read


def test_a_letter_of_ten_million_signs_is_read():
    assert understand("stop " * 2_000_000).intent == "stop"
    assert understand(">" * 10_000_000).intent == "unclear"
    assert len(normal("\ud800" * 10_000_000)) < 3000


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("We are going bankrupt", "bankrupt"), ("法院裁定我破产", "bankrupt")),
        *(("My brother died last week", "bereavement"), ("我爷爷昨天走了", "bereavement")),
        *(("someone forged my signature", "fraud"), ("我的身份证被人盗用了", "fraud")),
        *(("Where is the contract?", "verification"), ("请出示借条", "verification")),
        *(("I need a call back", "call_me"), ("让你们经理联系我", "call_me")),
        *(("The app keeps crashing, page is blank", "link_broken"), ("二维码失效了", "link_broken")),
        *(("stop calling me at my office", "workplace"), ("别打到我公司来", "workplace")),
        *(("I will never pay", "refusal"), ("一分钱都不会给", "refusal")),
        *(("cease all further communications", "cease"), ("停止对我的一切联系", "cease")),
    ],
)
def test_demands(text, name):
    assert name in demands(text)
    assert name in DEMANDS


@pytest.mark.parametrize(
    "text", ["don't call me", "non stop work this week", "不要再联系我", "I work there", "ok"]
)
def test_what_demands_nothing(text):
    assert not {"call_me", "workplace", "fraud", "bereavement"} & set(demands(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "我去死给你们看",
            "农药我都买好了,喝农药",
            "我爸说要砍我,救命",
            "带刀去你们公司",
            "I'm going to kill you",
            "she beats me",
        ),
        *(
            "thinking about dying",
            "I'll burn down your office",
            "ne plus vivre, je veux mourir",
            "im going to jump off a bridge",
        ),
    ],
)
def test_danger(text):
    assert is_urgent(normal(text))
    assert understand(text).urgent


@pytest.mark.parametrize(
    "text",
    [
        "打死我也不还",
        "页面自动跳转了",
        "最后一条短信我没看到",
        "he hit me with a fee",
        "the stress is killing me",
        "烦得要死",
        "公司撑不下去了",
        "I'd kill for a day off",
        "砍价",
        "杀毒软件",
        "just killing time",
    ],
)
def test_figures_of_speech(text):
    assert not understand(text).urgent
