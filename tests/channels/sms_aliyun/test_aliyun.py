"""Goal: calls carry a signature that other code accepts, only approved words leave, answers are judged rightly."""

import json
from datetime import UTC, datetime

import pytest

from forbear.channels.hook import NOT_PROVED
from forbear.channels.sms_aliyun.adapter import Aliyun, AliyunSettings, mistakes, signed_headers
from forbear.channels.sms_aliyun.inbound import ACKNOWLEDGE, read_report
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from tests.factories.messages import NOW, around, message, permit_for

TEMPLATES = {
    "SMS_1": "${name}您好,您在${lender}的贷款有一期逾期,金额${amount}元。回T退订",
    "SMS_2": "您的还款已收到。",
}


def settings(port: int = 1, **more: object) -> AliyunSettings:
    given = {"url": f"http://127.0.0.1:{port}", "key_id": "LTAI-test", "key_secret": "ali-secret"}
    return AliyunSettings(
        **given | {"sign_name": "示例", "templates": TEMPLATES, "hook_token": "t", "timeout": 1.0} | more
    )


@pytest.fixture
def line(providers, tmp_path):
    made = Aliyun(settings(providers.port), around(tmp_path))
    yield made
    made.close()


def send(line, ending="01", body="您的还款已收到。"):
    sent = message(to=f"+86138000000{ending}", body=body)
    return sent, line.send(permit_for(sent), sent)


def test_the_signature_is_the_published_one():
    """The worked example in the provider's manual of version 3 of the signature."""
    headers = signed_headers(
        AliyunSettings(
            url="https://ecs.cn-shanghai.aliyuncs.com",
            key_id="YourAccessKeyId",
            key_secret="YourAccessKeySecret",
        ),
        "RunInstances",
        "2014-05-26",
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"},
        datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        "3156853299f313e23d1673dc12e1703d",
    )
    assert headers["Authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_approved_words_leave_as_template_and_values(line, providers):
    sent, receipt = send(
        line, body="【示例】王*明您好,您在示例 & 贷款的贷款有一期逾期,金额1,234.50元。回T退订"
    )
    assert receipt.answer == "accepted"
    assert receipt.provider_ref.startswith("biz-")
    told = providers.hear_of("aliyun")
    assert (told["action"], told["version"]) == ("SendSms", "2017-05-25")
    query = told["query"]
    assert json.loads(query.pop("TemplateParam")) == {
        "name": "王*明",
        "lender": "示例 & 贷款",
        "amount": "1,234.50",
    }
    assert query == {
        "PhoneNumbers": "13800000001",
        "SignName": "示例",
        "TemplateCode": "SMS_1",
        "OutId": sent.contact_id,
    }


@pytest.mark.parametrize(
    "body",
    [
        "",
        "您的还款已收到",
        "您的还款已收到。请再付",
        "王您好,您在某处的贷款有一期逾期,金额" + "1" * 36 + "元。回T退订",
    ],
)
def test_other_words_do_not_leave(line, body):
    _, receipt = send(line, body=body)
    assert (receipt.answer, receipt.reason) == ("refused", Reason.of("no_registered_template"))


def test_abroad_the_words_go_as_they_are(providers, tmp_path):
    line = Aliyun(
        settings(providers.port, action="globe", templates={}, sign_name="Lender"), around(tmp_path)
    )
    sent, receipt = send(line, body="any words ~ * + %")
    assert receipt.answer == "accepted"
    while (told := providers.hear_of("aliyun"))["action"] != "SendMessageToGlobe":
        pass
    assert (told["version"], told["query"]["To"], told["query"]["From"]) == (
        "2018-05-01",
        "8613800000001",
        "Lender",
    )
    assert told["query"]["Message"] == sent.body


@pytest.mark.parametrize(
    ("ending", "answer", "detail"),
    [
        ("03", "refused", "isv.MOBILE_NUMBER_ILLEGAL"),
        ("60", "refused", "isv.BLACK_KEY_CONTROL_LIMIT"),
        ("42", "busy", "isv.BUSINESS_LIMIT_CONTROL"),
        ("43", "busy", "Throttling.User"),
        ("44", "busy", "isv.AMOUNT_NOT_ENOUGH"),
        ("50", "unknown", "HTTP 200 isp.SYSTEM_ERROR"),
        ("51", "unknown", "HTTP 500 InternalError"),
        ("52", "unknown", "HTTP 200 without a code"),
        ("53", "unknown", "HTTP 200 OK"),
        ("54", "unknown", "HTTP 200 without a code"),
        ("04", "unknown", "no answer after the request was sent (RemoteProtocolError)"),
    ],
)
def test_the_answer_is_what_is_known(line, ending, answer, detail):
    _, receipt = send(line, ending)
    assert (receipt.answer, receipt.detail) == (answer, detail)


def test_our_own_trouble_is_busy(providers, tmp_path):
    _, wrong = send(Aliyun(settings(providers.port, key_secret="wrong"), around(tmp_path)))
    assert (wrong.answer, wrong.detail) == ("busy", "SignatureDoesNotMatch")
    _, away = send(Aliyun(settings(1), around(tmp_path)))
    assert away.answer == "busy"


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, set()),
        ({"templates": {}}, {"templates"}),
        ({"sign_name": ""}, {"sign_name"}),
        ({"templates": {"A": "${a}${b}"}}, {"templates"}),
        ({"templates": {"A": "${a} und ${a}"}}, {"templates"}),
        ({"templates": {}, "sign_name": "", "action": "globe"}, set()),
    ],
)
def test_mistakes_are_named(changed, fields):
    assert set(mistakes(settings(**changed))) == fields


def read(told: object, query: str = "token=t", **more: object):
    body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
    return read_report({}, body, settings(**more), NOW, provider="line", query=query)


#: As the provider's page on SmsReport shows it, with made-up values.
REPORT = {
    "phone_number": "13800000001",
    "send_time": "2026-03-10 15:00:00",
    "report_time": "2026-03-10 15:00:05",
    "success": True,
    "err_code": "DELIVERED",
    "err_msg": "用户接收成功",
    "sms_size": "1",
    "biz_id": "biz-1",
    "out_id": "c-1",
}
UP = {
    "phone_number": "13800000001",
    "send_time": "2026-03-10 15:00:00",
    "content": "TD",
    "sign_name": "示例",
    "dest_code": "1069",
    "sequence_id": 1234567890,
}


def test_reports_come_many_at_a_time():
    failed = REPORT | {"success": False, "err_code": "UNDELIV", "biz_id": "biz-2"}
    gone = REPORT | {"success": False, "err_code": "MOBILE_NOT_EXIST", "biz_id": "biz-3"}
    assert read([REPORT, failed, gone]) == (
        Report("line", "biz-1", "delivered", NOW, detail="DELIVERED"),
        Report("line", "biz-2", "undelivered", NOW, detail="UNDELIV"),
        Report("line", "biz-3", "invalid", NOW, detail="MOBILE_NOT_EXIST"),
    )


def test_replies_come_the_same_way():
    assert read([UP]) == (Reply("line", "1234567890", "sms", "13800000001", "1069", "TD", NOW),)
    without = {name: value for name, value in UP.items() if name != "sequence_id"}
    (first,), (again,), (other,) = read([without]), read([without]), read([without | {"content": "已还"}])
    assert first.provider_ref == again.provider_ref != other.provider_ref


@pytest.mark.parametrize("query", ["", "token=", "token=x", "token=t&token=t", "token=x&token=t", "Token=t"])
def test_without_the_token_nothing_is_read(query):
    assert read([REPORT], query) is NOT_PROVED


def test_no_token_set_lets_nobody_in():
    assert read([REPORT], "token=", hook_token="") is NOT_PROVED


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"[{}]", b'[{"biz_id": 3, "success": true}]', b"[" * 9999, b"\xff"]
)
def test_what_makes_no_sense_is_said(body):
    told = read(body)
    assert isinstance(told, Problem)
    assert told is not NOT_PROVED


def test_the_provider_is_answered_as_it_wants():
    assert json.loads(ACKNOWLEDGE[1])["code"] == 0
