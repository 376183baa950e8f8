"""Templates: how they are read, filled and looked through, and that the ready ones may be sent."""

import json
import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forbear
from forbear.channels.smpp.parts import encode
from forbear.core.content.rules import Requirement
from forbear.core.content.screening import ContentContext, ContentError, screen
from forbear.core.content.template import (
    PARTS,
    PLACEHOLDERS,
    Missing,
    Money,
    Rendered,
    Template,
    missing_parts,
    parse_templates,
    render,
)
from forbear.core.strategy.parse import parse_strategy
from tests.core.content_ready import rules
from tests.docs.pages import page, untold
from tests.profile import examples

GOOD = """\
templates: small
title: {zh: 小, en: Small}
entries:
  - template: overdue_reminder
    channels: [sms, push]
    purpose: collect
    texts:
      zh: 【{lender}】{name}，{amount} 于{due_on}到期。
      en: "{lender}: {amount} was due on {due_on}, {days} days ago."
  - template: overdue_reminder
    channels: [email]
    purpose: collect
    sender: agency
    subject: {zh: 还款, en: Your payment}
    texts:
      zh: 您好{name}
      en: Hello {name}
"""
VALUES = {
    "lender": "丰禾",
    "name": "王小明",
    "amount": Money(123_450, "CNY"),
    "due_on": date(2026, 3, 31),
    "days": 12,
}


def entry(texts: str = "{zh: 您好}", more: str = "") -> str:
    start = "templates: t\nentries:\n  - template: a\n    channels: [sms]\n    purpose: collect\n"
    return f"{start}{more}    texts: {texts}\n"


def only(text: str) -> Template:
    (found,) = parse_templates(text, "t.yaml").entries
    return found


# reading


def test_a_good_file():
    read = parse_templates(GOOD, "t.yaml")
    sms, email = read.entries
    assert (sms.name, sms.channels, sms.purpose, sms.sender) == (
        "overdue_reminder",
        ("sms", "push"),
        "collect",
        "system",
    )
    assert (email.sender, email.subjects["en"]) == ("agency", "Your payment")
    assert read.find("overdue_reminder", "push") is sms
    assert read.find("overdue_reminder", "email") is email
    assert read.find("overdue_reminder", "letter") is None
    assert sms.placeholders("en") == {"lender", "amount", "due_on", "days"}


def test_a_version_changes_with_each_word_and_with_nothing_else():
    first = parse_templates(GOOD, "t.yaml").entries
    moved = parse_templates("# a note\n" + GOOD.replace("[sms, push]", "[sms,  push]"), "u.yaml").entries
    assert [each.version for each in moved] == [each.version for each in first]
    changed = parse_templates(GOOD.replace("您好{name}", "你好{name}"), "t.yaml").entries
    assert (changed[0].version == first[0].version, changed[1].version == first[1].version) == (True, False)
    assert all(re.fullmatch("[0-9a-f]{12}", each.version) for each in first)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (entry("{zh: 您好{nmae}}"), None),
        (entry('{zh: "您好{nmae}"}'), ["t.yaml:6:20: unknown placeholder {nmae}; did you mean `name`?"]),
        (
            entry('{zh: "您好{ name}"}'),
            ["t.yaml:6:20: a brace that is no placeholder; write {name} in small letters"] * 1,
        ),
        (
            entry('{zh: "{{name}}"}'),
            [
                f"t.yaml:6:{column}: a brace that is no placeholder; write {{name}} in small letters"
                for column in (18, 25)
            ],
        ),
        (entry('{fr: "a"}'), ["t.yaml:6:13: unknown key `fr` in `texts`; it may have zh, en"]),
        (
            entry().replace("collect", "colect"),
            ["t.yaml:5:14: `colect` can't be the `purpose`; did you mean `collect`?"],
        ),
        (
            entry().replace("[sms]", "[smss]"),
            ["t.yaml:4:16: `smss` is none of the channels; did you mean `sms`?"],
        ),
        (
            entry().replace("[sms]", "[letter]"),
            ["t.yaml:3:15: `a` needs a `subject:` for an e-mail or a letter"],
        ),
        (entry(more="    subject: {en: A}\n"), None),
        (entry("{zh: ''}"), ["t.yaml:6:17: `zh` is empty"]),
        (
            entry() + entry().split("entries:\n")[1],
            ["t.yaml:7:15: `a` for sms is already on line 3"],
        ),
        ("templates: t", ["t.yaml:1:1: a file of templates has no `entries:`"]),
        ("", ["t.yaml:1:1: the file is empty"]),
    ],
)
def test_mistakes_are_told_at_their_places(text, messages):
    with pytest.raises(ContentError) as refused:
        parse_templates(text, "t.yaml")
    told = refused.value.messages
    if messages is None:
        assert told
    else:
        assert [each for each in messages if each not in told] == [], told


@given(st.text(max_size=60))
@settings(max_examples=examples(100))
def test_any_text_is_refused_in_the_right_way(text):
    with pytest.raises(ContentError):
        parse_templates(text, "t.yaml")


# filling


def test_values_are_written_as_the_language_writes_them():
    sms = parse_templates(GOOD, "t.yaml").entries[0]
    zh, en = render(sms, "zh", VALUES), render(sms, "en", VALUES)
    assert zh.body == "【丰禾】王小明，1,234.50 元 于2026年3月31日到期。"
    assert en.body == "丰禾: CNY 1,234.50 was due on 31 March 2026, 12 days ago."
    assert (en.template, en.language, en.subject) == (f"overdue_reminder@{sms.version}", "en", "")


@pytest.mark.parametrize(
    ("minor", "currency", "zh", "en"),
    [
        (0, "CNY", "0.00 元", "CNY 0.00"),
        (-5, "CNY", "-0.05 元", "CNY -0.05"),
        (123_456_789, "CNY", "1,234,567.89 元", "CNY 1,234,567.89"),
        (123_456, "USD", "USD 1,234.56", "USD 1,234.56"),
        (123_456, "JPY", "JPY 123,456", "JPY 123,456"),
        (1_234_567, "KWD", "KWD 1,234.567", "KWD 1,234.567"),
    ],
)
def test_money(minor, currency, zh, en):
    template = only(entry('{zh: "{amount}", en: "{amount}"}'))
    values = {"amount": Money(minor, currency)}
    assert (render(template, "zh", values).body, render(template, "en", values).body) == (zh, en)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "template `a` needs a value for {amount}"),
        ({"amount": Money(1, "CNY")}, "template `a` needs a value for {name}"),
        ({"amount": Money(1, "CNY"), "name": "x", "nome": "y"}, "`nome` is no placeholder"),
        ({"amount": 1, "name": "x"}, "the value of {amount} must be a money"),
        ({"amount": "1", "name": "x"}, "the value of {amount} must be a money"),
        ({"amount": Money(1, "CNY"), "name": 5}, "the value of {name} must be a text"),
        ({"amount": Money(1, "CNY"), "name": "  "}, "the value of {name} is empty"),
        (
            {"amount": Money(1, "CNY"), "name": "a\nb"},
            "the value of {name} has a sign that can't be shown (U+000A)",
        ),
        (
            {"amount": Money(1, "CNY"), "name": "a\u202eb"},
            "the value of {name} has a sign that can't be shown (U+202E)",
        ),
        ({"amount": Money(1, "CNY"), "name": "x" * 201}, "the value of {name} is longer than 200 characters"),
    ],
)
def test_a_value_that_is_missing_or_wrong_is_told(values, message):
    assert str(render(only(entry('{zh: "{name}{amount}"}')), "zh", values)) == message


def test_a_language_that_is_not_there():
    assert str(render(only(entry()), "en", {})) == "template `a` has no text in `en`"


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp")), min_size=1, max_size=30)
)
def test_a_value_brings_in_no_placeholder_and_no_format(value):
    template = only(entry('{zh: "<{name}|{amount}>"}'))
    for name in (value, f"{{amount}}{value}", f"%s{{0}}{{name.__class__}}{value}"):
        found = render(template, "zh", {"name": name, "amount": Money(100, "CNY")})
        if name.strip():
            assert found.body == f"<{name.strip()}|1.00 元>"
        else:
            assert not isinstance(found, Rendered)


def test_a_plan_may_have_several_lines_and_a_known_value_may_be_idle():
    template = only(entry('{zh: "{plan}"}'))
    assert render(template, "zh", {"plan": "a\nb", "code": "1"}).body == "a\nb"


# parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{lender}", {"identity", "on_behalf_of"}),
        ("{writer}", {"identity", "on_behalf_of"}),
        ("{collector}", {"identity"}),
        ("{code}{opt_out}", {"code", "opt_out"}),
        ("{principal} {interest}", set()),
        ("{fees} {principal} {interest}", {"itemization"}),
        ("《民法典》", {"legal_basis"}),
        ("有异议可投诉", {"dispute", "complaint"}),
        (
            "We are a debt collector. You may dispute this by {until}.",
            {"debt_collector", "dispute", "end_date"},
        ),
        ("{on} 可改期", {"visit"}),
        ("您好", set()),
    ],
)
def test_parts_are_known_by_what_is_there(text, parts):
    assert only(entry("{zh: " + json.dumps(text, ensure_ascii=False) + "}")).parts("zh") == parts
    assert parts <= set(PARTS)


def test_missing_parts_are_told_by_channel_and_language():
    sms = parse_templates(GOOD, "t.yaml").entries[0]
    needed = (
        Requirement(("identity", "code"), "§1", channels=("sms",), purposes=("collect",)),
        Requirement(("opt_out",), "§2", channels=("email",)),
        Requirement(("opt_out",), "§3", senders=("agency",)),
        Requirement(("contact",), "§4", purposes=("notice",)),
    )
    assert missing_parts(sms, needed) == (
        Missing("overdue_reminder", "sms", "zh", "code", "§1"),
        Missing("overdue_reminder", "sms", "en", "code", "§1"),
    )


# the ready ones

READY = {"consumer-cn": ("cn", "CNY"), "consumer-us": ("us", "USD"), "consumer-uk": ("uk", "GBP")}
DAY = date(2026, 3, 31)


def ready(name: str):
    text = files("forbear").joinpath("templates", f"{name}.yaml").read_text("utf-8")
    return parse_templates(text, f"{name}.yaml")


def sample(language: str, currency: str) -> dict[str, object]:
    """A value for every placeholder, as long as it is likely to be."""
    zh = language == "zh"
    values: dict[str, object] = {
        "name": "欧阳小明" if zh else "Ms Alexandra Reed",
        "lender": "丰禾消费金融" if zh else "Fenghe Consumer Finance",
        "collector": "华信" if zh else "Huaxin",
        "agent": "陈工2031" if zh else "Dana Cole",
        "code": "482913",
        "opt_out": "回T退订" if zh else "Reply STOP to opt out.",
        "link": "https://pay.fenghe.example/l/8f3k2",
        "phone": "400-000-0000",
        "address": "上海市建设路1号" if zh else "1 Main Street, Springfield",
        "loan": "8821",
        "reference": "C20260331-7",
        "time": "15:00",
        "agency": "华信" if zh else "Huaxin",
        "creditor": "丰禾" if zh else "Fenghe",
        "seller": "瑞安银行" if zh else "Ruian Bank",
        "owner": "瑞安资产管理有限公司" if zh else "Ruian Assets",
        "owner_contact": "+861000000900",
        "regulator": "12378",
        "ombudsman": "国家金融监督管理总局 12378" if zh else "the Financial Ombudsman Service, 0800 023 4567",
        "check": "https://lender.example/verify",
        "bureau": "金融信用信息基础数据库" if zh else "the credit bureaus",
        "court": "上海市浦东新区人民法院" if zh else "the county court",
        "plan": "1. 15.4: 412.00",
        "covered": "还清第 2 期，部分抵第 3 期" if zh else "instalment 2 in full, instalment 3 in part",
        "account": "逾期 412.00" if zh else "Past due 412.00",
        "writer": "华信（受丰禾消费金融委托）" if zh else "Huaxin for Fenghe Consumer Finance",
        "pay_in": "东湖银行 6222" if zh else "East Lake Bank 6222",
        "complaints": "95000",
        "standing": "丰禾消费金融是您的债权人。" if zh else "Huaxin is a debt collector.",
    }
    for at, (name, (kind, _)) in enumerate(PLACEHOLDERS.items()):
        if kind == "money":
            values[name] = Money(1_234_500 + at, currency)
        elif kind == "date":
            values[name] = DAY
        elif kind == "number":
            values[name] = 12
    assert set(values) == set(PLACEHOLDERS)
    return values


def each_text() -> list:
    return [
        pytest.param(name, template, language, id=f"{name}-{template.name}-{template.channels[0]}-{language}")
        for name in READY
        for template in ready(name).entries
        for language in template.texts
    ]


@pytest.mark.parametrize(("name", "template", "language"), each_text())
def test_a_ready_text_may_be_sent(name, template, language):
    pack, currency = READY[name]
    values = sample(language, currency)
    rendered = render(template, language, values)
    assert isinstance(rendered, Rendered), rendered
    amounts = frozenset(each.minor for each in values.values() if isinstance(each, Money))
    context = ContentContext(
        language=language,
        party="unrelated" if template.purpose in ("relay", "locate") else "debtor",
        channel=template.channels[0],
        sender=template.sender,
        amounts=amounts,
        currency=currency,
        dates=frozenset({DAY}),
    )
    found = screen(f"{rendered.subject}\n{rendered.body}", rules(pack), context)
    assert [(each.rule, each.matched) for each in found.findings] == []
    assert missing_parts(template, rules(pack).required) == ()
    assert not re.search("[!!]", rendered.body)
    if "sms" in template.channels:
        assert 1 <= len(encode(rendered.body)[1]) <= 3


@pytest.mark.parametrize("name", READY)
def test_every_ready_template_speaks_both_languages(name):
    found = ready(name)
    assert [each.name for each in found.entries if set(each.texts) != {"zh", "en"}] == []
    for each in found.entries:
        differing = each.placeholders("zh") ^ each.placeholders("en")
        assert differing <= {"days"}, (each.name, each.channels, differing)


@pytest.mark.parametrize("name", READY)
def test_every_template_of_a_strategy_is_there(name):
    path = Path(forbear.__file__).parent / "strategies" / f"{name}.yaml"
    strategy = parse_strategy(path.read_text("utf-8"), name)
    wanted = {(each.channel, each.template) for stage in strategy.stages for each in stage.treatments}
    assert wanted
    found = ready(name)
    assert [each for each in sorted(wanted) if found.find(each[1], each[0]) is None] == []


ALWAYS = (
    *("third_party_relay", "payment_receipt", "settlement_proof", "opt_out_confirmed", "promise_confirmed"),
    *(
        "promise_due",
        "plan_agreed",
        "hardship_received",
        "dispute_received",
        "complaint_received",
    ),
    *(
        "written_notice",
        "placement_notice",
        "assignment_notice",
        "credit_report_notice",
        "visit_notice",
    ),
    *("recall_apology", "notice_recalled", "survey", "login_link"),
)


@pytest.mark.parametrize("name", READY)
def test_the_templates_that_the_desk_needs_are_there(name):
    assert set(ALWAYS) - {each.name for each in ready(name).entries} == set()


def test_a_message_to_a_third_person_names_no_lender_and_no_money():
    for name in READY:
        template = next(each for each in ready(name).entries if each.name == "third_party_relay")
        for language in template.texts:
            asked = template.placeholders(language)
            assert not asked & {"lender", "amount", "outstanding", "due_on", "days", "loan", "link"}


def test_every_placeholder_and_part_is_told():
    told = dict(re.findall(r"^\| `\{(\w+)\}` \| (\w+) \|", page("docs/rules/templates.md"), re.MULTILINE))
    assert told == {name: kind for name, (kind, _) in PLACEHOLDERS.items()}
    assert untold("docs/rules/templates.md", *PARTS) == []
