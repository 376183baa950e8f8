"""The sentences the system itself writes beside a contact, visit or event, and who acts, for people to read.

The tables keep them in English, as programs read them. What matches nothing here are somebody's own words, or a
provider's, and is shown as it is. A test finds every such sentence in the code and asks for it here.
"""

import re

from django.conf import settings

from forbear.core.base.problem import InputError
from forbear.interchange.home.packs import rulebook
from forbear.web import labels as words

#: Pattern: (中文, English, the table of the codes in it). {0} is the first group, {1} the second.
_SENTENCES: dict[str, tuple[str, str, str]] = {
    r"leave_over": ("许可已过期", "the permit had run out", ""),
    r"payment (\S+)": ("还款 {0}", "payment {0}", ""),
    r"paid, but not in the book yet": ("已还款，账目尚未更新", "paid, but not in the book yet", ""),
    r"no case: the person was not told": ("没有案件：未告知本人", "no case: the person was not told", ""),
    r"the book shows what was paid": ("账目显示当时已还款", "the book shows what was paid", ""),
    r"hold: (\w+)": ("暂停：{0}", "on hold: {0}", "hold"),
    r"plan (\w+)": ("分期方案：{0}", "plan {0}", "agreement"),
    r"promise (\w+)": ("承诺：{0}", "promise {0}", "agreement"),
    r"settlement (\w+)": ("减免方案：{0}", "settlement {0}", "agreement"),
    r"on hold": ("已暂停", "on hold", ""),
    r"recalled: (\w+)": ("已收回：{0}", "taken back: {0}", "ending"),
    r"request (\S+) answered": ("申请 {0} 已答复", "request {0} was answered", ""),
    r"opted out": ("已要求不再接收", "opted out", ""),
    r"portal opened": ("打开了自助页面", "opened their own pages", ""),
    r"signed": ("已签字", "signed", ""),
    r"rolled back": ("已回退", "rolled back", ""),
    r"by staff": ("员工操作", "by staff", ""),
    r"wrong proofs": ("验证多次错误", "wrong proofs", ""),
    r"its day has passed": ("已过约定日期", "its day has passed", ""),
    r"no longer works cases": ("不再处理案件", "no longer works cases", ""),
    r"the number belongs to somebody else": ("号码属于他人", "the number belongs to somebody else", ""),
    r"a later night decided anew": ("后一次日终已重新决定", "a later night decided anew", ""),
    r"the lawsuit is over": ("诉讼已结束", "the lawsuit is over", ""),
    r"nothing is late any more": ("已无逾期", "nothing is late any more", ""),
    r"nobody set out in time": ("未按时出发", "nobody set out in time", ""),
    r"called off at the desk": ("工作台已取消", "called off at the desk", ""),
    r"nothing is past due any more": ("已无逾期", "nothing is past due any more", ""),
    r"the case is closed": ("案件已结", "the case is closed", ""),
    r"the approval is too old": ("批准已过期", "the approval is too old", ""),
    r"nobody decided in time": ("未在期限内审批", "nobody decided in time", ""),
    r"the agency has the case no more": ("机构已不持有该案件", "the agency has the case no more", ""),
    r"(?:the worker stopped while it was being sent|worker stopped)": (
        "发送途中程序中断",
        "the sending stopped half-way",
        "",
    ),
    r"the permit ran out before it left": ("许可在发出前已过期", "the permit ran out before it left", ""),
    r"no provider is set up for (\w+)": ("没有为{0}设置服务商", "no provider is set up for {0}", "channel"),
    r"a letter needs a postal address": ("信函需要邮寄地址", "a letter needs a postal address", ""),
    r"there is no template `(\S+)` for (\w+) in (.+)": (
        "{2} 中没有用于{1}的模板 {0}",
        "there is no template {0} for {1} in {2}",
        "channel",
    ),
    r"template `(\S+)` has no text in `(\w+)`": (
        "模板 {0} 没有 {1} 文本",
        "template {0} has no text in {1}",
        "",
    ),
    r"template `(\S+)` needs a value for \{(\w+)\}": (
        "模板 {0} 缺少 {1} 的值",
        "template {0} needs a value for {1}",
        "",
    ),
    r"the address is no phone number": ("地址不是电话号码", "the address is no phone number", ""),
    r"the text is empty or too long for SMS": (
        "短信内容为空或过长",
        "the text is empty or too long for SMS",
        "",
    ),
    r"the text has the words of no approved template": (
        "内容与已报备的模板都不相符",
        "the text has the words of no approved template",
        "",
    ),
    r"the collector has no line of their own": (
        "该催收员没有自己的线路",
        "the collector has no line of their own",
        "",
    ),
}
#: A visit that began although it was called off; the reason follows, itself a sentence or somebody's words.
_CALLED_OFF = "called_off: "
_COMPILED = [(re.compile(pattern), told) for pattern, told in _SENTENCES.items()]
_RULES = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+(, [a-z0-9_-]+(\.[a-z0-9_-]+)+)*")

#: Who acts, when it is no person.
_ACTORS = {
    "borrower": ("借款人", "the borrower"),
    "house": ("本机构", "the lender"),
    "night": ("日终", "the night"),
    "timetable": ("定时任务", "the timetable"),
    "forbear": ("系统", "the system"),
    "command line": ("命令行", "the command line"),
    "public": ("公众查询", "the public page"),
    "sign-in": ("登录", "the sign-in"),
    "sso": ("单点登录", "single sign-on"),
    "sale": ("债权转让", "the sale"),
    "demo": ("演示", "the demo"),
    "sim": ("模拟", "the simulation"),
}
_SENDER = ("自动发送", "sending worker")
_KINDS = {
    "key": ("接口", "program"),
    "provider": ("服务商", "provider"),
    "agency": ("机构", "agency"),
}


def sentence(text: str, chinese: bool) -> str:
    """What the system wrote, in the reader's language; anybody's own words as they are."""
    if text.startswith(_CALLED_OFF):
        head, why = (
            ("这次上门已取消：", "the visit was called off: ")[not chinese],
            text.removeprefix(_CALLED_OFF),
        )
        return head + sentence(why, chinese)
    for pattern, (zh, en, table) in _COMPILED:
        if found := pattern.fullmatch(text):
            parts = [
                words.word(table, part, chinese) if table and part in words.TABLES[table] else part
                for part in found.groups()
            ]
            return (zh if chinese else en).format(*parts)
    return _rules(text, chinese) if _RULES.fullmatch(text) else text


def rules_in(text: str) -> list[str]:
    """The rules that a reason names, by their ids; none where it is a sentence."""
    return text.split(", ") if _RULES.fullmatch(text) else []


def _rules(text: str, chinese: bool) -> str:
    """Rules named by their ids, as what they say; an id nobody knows any more stays one."""
    try:
        says = {bound.rule.id: bound.rule.says for bound in rulebook(settings.HOME).bound}
    except InputError:
        return text
    language, comma = ("zh", "；") if chinese else ("en", "; ")
    return comma.join(says[each][language] if each in says else each for each in text.split(", "))


def actor(text: str, chinese: bool) -> str:
    """Who did it: a person by their number, a program by what it is. A worker's `host:number` tells nobody anything."""
    kind, _, name = text.partition(":")
    if text in _ACTORS:
        return _ACTORS[text][0 if chinese else 1]
    if kind == "staff":
        return name
    if kind in _KINDS:
        return f"{_KINDS[kind][0 if chinese else 1]} {name}"
    if re.fullmatch(r".*:\d+|worker-\w+", text):
        return _SENDER[0 if chinese else 1]
    return text
