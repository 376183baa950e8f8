"""Goal: template messages leave with a living token, and only sealed calls of the provider are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.channels.hook import NOT_PROVED
from forbear.channels.transport import Reply, Report
from forbear.channels.wechat_http.adapter import Wechat, WechatSettings, mistakes
from forbear.channels.wechat_http.inbound import TOLERANCE, read_handshake, read_report, signature
from forbear.core.base.problem import Problem
from tests.factories.messages import NOW, around, message, permit_for

AT = int(NOW.timestamp())
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


def settings(port: int = 1, **more: object) -> WechatSettings:
    given = {
        "url": f"http://127.0.0.1:{port}",
        "app_id": "wx-app",
        "app_secret": "wx-secret",
        "template": "T1",
    }
    return WechatSettings(**given | {"hook_token": "wx-token", "encoding_key": KEY, "timeout": 1.0} | more)


@pytest.fixture
def line(providers, tmp_path):
    made = Wechat(settings(providers.port), around(tmp_path))
    yield made
    made.close()


def send(line, ending="00"):
    sent = message("push", to=f"openid-{ending}", subject="还款提醒")
    return sent, line.send(permit_for(sent), sent)


def test_it_is_taken(line, providers):
    sent, receipt = send(line)
    assert receipt.answer == "accepted"
    assert receipt.provider_ref.startswith("2000000")
    assert providers.hear_of("template")["told"] == {
        "touser": "openid-00",
        "template_id": "T1",
        "data": {"first": {"value": "还款提醒"}, "remark": {"value": sent.body}},
        "client_msg_id": sent.contact_id,
    }


def test_a_token_is_kept_and_made_anew_when_it_has_run_out(line, providers):
    send(line)
    first = providers.hear_of("token")["count"]
    assert send(line)[1].answer == "accepted"
    providers.say(do="new token")
    providers.hear_of("done")
    assert send(line)[1].answer == "accepted"
    assert providers.hear_of("token")["count"] == first + 2


@pytest.mark.parametrize(
    ("ending", "answer", "detail"),
    [
        ("03", "refused", "errcode 40003"),
        ("43", "refused", "errcode 43004"),
        ("09", "busy", "errcode 45009"),
        ("01", "busy", "errcode -1"),
        ("50", "busy", "errcode 50002"),
        ("99", "unknown", "HTTP 502 without a code"),
        ("04", "unknown", "no answer after the request was sent (RemoteProtocolError)"),
    ],
)
def test_the_answer_is_what_is_known(line, ending, answer, detail):
    _, receipt = send(line, ending)
    assert (receipt.answer, receipt.detail) == (answer, detail)


def test_without_a_token_nothing_leaves(providers, tmp_path):
    for wrong in (settings(providers.port, app_secret="wrong"), settings(1)):
        _, receipt = send(Wechat(wrong, around(tmp_path)))
        assert (receipt.answer, receipt.detail) == ("busy", "no access token")


def test_mistakes_are_named():
    assert list(mistakes(settings(encoding_key="short"))) == ["encoding_key"]
    assert mistakes(settings()) == {}


def read(body, query, **more):
    return read_report({}, body, settings(**more), NOW, provider="chat", query=query)


def sealed(calls_back, xml, **more):
    _, body, query = calls_back("wechat", at=AT, xml=xml, **more)
    return body, query


EVENT = (
    "<xml><FromUserName>o1</FromUserName><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event>"
    "<MsgID>200000001</MsgID><Status>{}</Status></xml>"
)
TEXT = (
    "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><MsgType>text</MsgType>"
    "<Content><![CDATA[{}]]></Content><MsgId>77</MsgId></xml>"
)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("success", "delivered"),
        ("failed:user block", "undelivered"),
        ("failed: system failed", "undelivered"),
    ],
)
def test_a_report(calls_back, status, state):
    body, query = sealed(calls_back, EVENT.format(status))
    assert read(body, query) == (Report("chat", "200000001", state, NOW, detail=status),)


def test_a_reply(calls_back):
    body, query = sealed(calls_back, TEXT.format("退订 & <b>"))
    assert read(body, query) == (Reply("chat", "77", "push", "o1", "gh_1", "退订 & <b>", NOW),)


@pytest.mark.parametrize("xml", ["<xml><MsgType>event</MsgType><Event>subscribe</Event></xml>", "<xml/>"])
def test_other_events_are_nothing(calls_back, xml):
    assert read(*sealed(calls_back, xml)) == ()


def test_a_forged_call_is_not_read(calls_back):
    body, query = sealed(calls_back, TEXT.format("x"))
    assert len(read(body, query)) == 1
    for bad_body, bad_query in (
        (body, ""),
        (body, query.replace("nonce=n1", "nonce=n2")),
        (body, query.replace("msg_signature=", "other=")),
        (body, f"{query}&msg_signature=x"),
        (body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[AAAA"), query),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + body, query),
        (body.decode().encode("utf-16"), query),
        (b"<xml", query),
        (b"", query),
    ):
        assert read(bad_body, bad_query) is NOT_PROVED
    assert read(body, query, hook_token="") is NOT_PROVED


def test_plain_mode_is_not_read():
    query = f"timestamp={AT}&nonce=n1&signature={signature('wx-token', str(AT), 'n1')}"
    assert read(TEXT.format("x").encode(), query) is NOT_PROVED


def test_an_old_call_is_not_read_again(calls_back):
    for late, good in ((TOLERANCE, True), (TOLERANCE + 1, False)):
        _, body, query = calls_back("wechat", at=AT - late, xml=TEXT.format("x"))
        assert (read(body, query) is NOT_PROVED) is not good


def test_a_call_for_another_account_is_said(calls_back):
    body, query = sealed(calls_back, TEXT.format("x"), app="wx-other")
    told = read(body, query)
    assert isinstance(told, Problem)
    assert told is not NOT_PROVED
    assert read(body, query, encoding_key=KEY[::-1]) == told


def test_the_handshake():
    good = f"timestamp=1&nonce=2&echostr=hello&signature={signature('wx-token', '1', '2')}"
    assert read_handshake(good, settings()) == "hello"
    assert read_handshake(good.replace("nonce=2", "nonce=3"), settings()) is NOT_PROVED
    assert read_handshake(good, settings(hook_token="")) is NOT_PROVED


@given(st.binary(max_size=300), st.text(max_size=80))
def test_no_bytes_break_it(body, query):
    assert read(body, query) is NOT_PROVED
