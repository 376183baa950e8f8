"""Goal: a program whose user reads Chinese is answered in Chinese, by the pages' own sentences; else in English.

Method: each kind of failure asked for in both languages; what programs go by may not change with them.
"""

import pytest

from forbear.core.base.reason import Reason
from forbear.store.models import Contact, WebhookEndpoint
from forbear.web import clock as web_clock
from forbear.web.api.language import in_chinese, mistake
from tests.chinese import in_chinese as in_chinese_words
from tests.core.condition_texts import is_chinese
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.web.test_api import ALL, ASKED, Program

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PAYMENT = {"payment_id": "P1", "loan_id": "B1-L1", "paid_on": "2026-03-09", "amount": 100}


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    house_rules()
    make_borrower()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)


def both(method: str, path: str, body: object = None, **more: str) -> tuple[dict, dict]:
    """The failure in English and in Chinese, equal in all that a program reads."""
    program = Program([*ALL, "placements:read", "placements:write"])
    en_status, en = program.send(method, path, body, **more)
    zh_status, zh = program.send(method, path, body, **more, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert en_status == zh_status >= 400
    assert en["code"] == zh["code"]
    assert not is_chinese(en["message"]), en
    assert is_chinese(zh["message"]), zh
    return en, zh


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "zh"),
    [
        ("POST", "/permits", ASKED | {"borrower_id": "B9"}, "no_such_borrower", "没有借款人 B9 的案件"),
        ("POST", "/permits", ASKED | {"address": "13800000000"}, "address_not_on_file", "号码"),
        ("POST", "/contacts", {**ASKED, "channel": "sms"}, "body_or_template_missing", "请给出模板或正文"),
        (
            "POST",
            "/contacts",
            {**ASKED, "channel": "sms", "body": "x", "address": "13800000000"},
            "address_not_on_file",
            "号码",
        ),
        ("GET", "/contacts/none", None, "no_such_contact", "没有这次联系"),
        ("POST", "/contacts/none/outcome", {"outcome": "connected"}, "no_such_contact_id", "没有"),
        ("POST", "/payments", PAYMENT | {"reverses": "P1"}, "reverses_itself", "冲正"),
        ("DELETE", "/hooks/1", None, "no_such_webhook", "没有这个有效的回调"),
        ("POST", "/placements/1/acknowledge", None, "case_not_with_you", "这个案件不在贵机构"),
        (
            "POST",
            "/placements/1/call",
            {"collector": "X"},
            "case_or_collector_not_with_you",
            "没有这位催收员",
        ),
        ("POST", "/placements/1/return", {"note": "x"}, "case_not_with_you", "这个案件不在贵机构"),
    ],
)
def test_every_failure_has_its_code_and_is_in_the_language_asked_for(method, path, body, code, zh):
    en, told = both(method, path, body)
    assert zh in told["message"]
    assert (en["code"], told["code"]) == (code, code)


@pytest.mark.parametrize(
    ("change", "zh"),
    [
        ({"channel": "pigeon"}, "channel：应为 'sms'"),
        ({"borrower_id": ""}, "至少 1 个字符"),
        ({"borrower_id": "x" * 65}, "最多 64 个字符"),
        ({"borrower_id": "a\nb"}, "格式不符"),
        ({"borrower_id": 5}, "应为文字"),
        ({"loans": "L1"}, "应为列表"),
        ({"loans": ["L"] * 51}, "最多 50 项"),
        ({"visitors": -1}, "不能小于 0"),
        ({"visitors": 21}, "不能大于 20"),
        ({"visitors": "two"}, "应为整数"),
        ({"automated": "perhaps"}, "须为 true 或 false"),
        ({"tone": "loud"}, "没有此项"),
    ],
)
def test_what_is_wrong_with_a_field_is_told_with_its_place(change, zh):
    en, told = both("POST", "/permits", ASKED | change)
    assert zh in told["message"]
    assert next(iter(change)) in en["message"]
    assert next(iter(change)) in told["message"]


def test_what_is_missing_unreadable_or_out_of_form_is_told():
    assert (
        "borrower_id：缺少此项"
        in both("POST", "/permits", {"channel": "call", "purpose": "collect"})[1]["message"]
    )
    assert "应为日期" in both("POST", "/payments", PAYMENT | {"paid_on": "yesterday"})[1]["message"]
    assert "应为整数" in both("POST", "/payments", PAYMENT | {"amount": "100"})[1]["message"]
    assert "应为时间" in both("POST", "/hooks/1/replay", {"since": "soon"})[1]["message"]
    assert "应为对象" in both("POST", "/permits/check", {"permit": 1})[1]["message"]
    assert (
        "最多 100 个可打印字符"
        in both("POST", "/permits", ASKED, **{"Idempotency-Key": "k" * 101})[1]["message"]
    )


def test_a_conflict_is_told():
    contact = Program().send("POST", "/permits", ASKED)[1]["contact_id"]
    assert Program().send("POST", f"/contacts/{contact}/outcome", {"outcome": "conversation"})[0] == 200
    told = both("POST", f"/contacts/{contact}/outcome", {"outcome": "unanswered"})
    assert told[0]["code"] == "contact_ended"
    assert Program().send("POST", "/payments", PAYMENT)[0] == 201
    assert both("POST", "/payments", PAYMENT | {"amount": 200})[0]["code"] == "payment_id_reused"


def test_a_mistake_of_a_kind_nobody_thought_of_is_told_all_the_same():
    told = mistake({"loc": ("body", "x"), "type": "new_kind", "msg": "is odd"})
    assert (told.code, str(told)) == ("field_invalid", "body.x: is not accepted: is odd")
    assert in_chinese_words(told) == "body.x：不符合要求：is odd"


def test_a_body_that_is_no_json_and_a_missing_key_are_told(client):
    program = Program()
    headers = program.headers | {"Accept-Language": "zh"}
    answer = client.generic("POST", "/api/v1/permits", "{", content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (400, "无法读取请求正文，须为 JSON")
    assert answer["Content-Language"] == "zh-hans"
    answer = client.get("/api/v1/contacts/x", headers={"Accept-Language": "zh"})
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_missing")
    assert "密钥" in answer.json()["message"]
    answer = client.get("/api/v1/contacts/x")
    assert answer["Content-Language"] == "en"
    assert "Accept-Language" in answer["Vary"]


def test_a_refusal_and_why_a_contact_ended_are_told_in_the_pages_sentences():
    program = Program()
    given = program.send("POST", "/permits", ASKED)[1]
    program.send("POST", f"/contacts/{given['contact_id']}/outcome", {"outcome": "conversation"})
    en = program.send("POST", "/permits", ASKED)[1]["refusals"][0]
    zh = program.send("POST", "/permits", ASKED, **{"Accept-Language": "zh"})[1]["refusals"][0]
    assert (en["rule"], zh["rule"]) == ("house.calls", "house.calls")
    assert (en["message"], zh["message"]) == (zh["messages"]["en"], en["messages"]["zh"])
    assert en["messages"] == zh["messages"]
    assert is_chinese(zh["message"])
    assert not is_chinese(en["message"])

    contact = wished(Contact.objects.first().borrower)
    Contact.objects.filter(pk=contact.pk).update(
        state="cancelled", **Reason.of("hold", kind="dispute").columns()
    )
    path = f"/contacts/{contact.pk}"
    held = {"code": "hold", "params": {"kind": "dispute"}}
    assert program.send("GET", path)[1]["reason"] == held | {"sentence": "on hold: Dispute"}
    told = program.send("GET", path, **{"Accept-Language": "zh"})[1]
    assert told["reason"] == held | {"sentence": "停催：异议处理中"}
    Contact.objects.filter(pk=contact.pk).update(
        state="refused", **Reason.of("rules", rules=["house.calls"]).columns()
    )
    told = program.send("GET", path, **{"Accept-Language": "zh"})[1]
    assert told["rules"] == ["house.calls"]
    assert is_chinese(told["reason"]["sentence"])


def test_the_same_key_gives_the_first_answer_again_and_another_body_is_told():
    program = Program()
    key = {"Idempotency-Key": "k1"}
    first = program.send("POST", "/permits", ASKED, **key)
    assert program.send("POST", "/permits", ASKED, **key, **{"Accept-Language": "zh"}) == first
    other = program.send(
        "POST", "/permits", ASKED | {"purpose": "notice"}, **key, **{"Accept-Language": "zh"}
    )
    assert other[1] == {"code": "idempotency_key_reused", "message": "这个 Idempotency-Key 已用于另一个请求"}
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    ("asked", "chinese"),
    [("", False), ("zh", True), ("zh-TW", True), ("en, zh;q=0.9", False), ("fr, zh;q=0.5", True), ("*", False),
     ("zh;q=0.3, en;q=0.7", False), ("zh;q=0", False), ("nonsense;;", False)],
)  # fmt: skip
def test_the_language_is_the_one_wanted_most(rf, asked, chinese):
    assert in_chinese(rf.get("/", headers={"Accept-Language": asked})) is chinese
