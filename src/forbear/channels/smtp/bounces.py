"""What became of an e-mail, from a mail server's notice: in the form of RFC 3464, or in words as servers write them.

Only a wrong or closed address strikes a recipient out. A full mailbox, a policy, or a fault of the sender's own (5.1.7,
5.1.8, 5.7.x, a block list) doesn't: RFC 3463 and, where the status is a general one, the final answer in words.
"""

import re
from email.message import EmailMessage, Message

from flufl.bounce import all_failures

#: Whose name on a notice is a machine's.
_MACHINE = re.compile(
    r"(?i)\b(?:mailer-?daemon|post-?master|mail ?delivery|delivery ?subsystem|mailadmin|bounce[sd]?|"
    r"no-?reply-?bounce)\b"
)
_FAILED_SUBJECT = re.compile(
    r"(?i)undeliver|failure notice|returned (?:mail|to sender)|delivery (?:has )?(?:failed|failure|"
    r"problem|error)|"
    r"delivery status notification ?\(failure\)|mail delivery|could not be delivered|non[- ]?delivery|"
    r"rejected:|"
    r"退信|投递失败|无法投递|发送失败|系统退信|未送达|unzustellbar|devuelto|no se pudo entregar|échec|"
    r"non remis"
)
_NO_SUCH = re.compile(
    r"(?i)user unknown|unknown (?:user|recipient|address|account|local[- ]part|mailbox|host|domain)|"
    r"no such (?:user|mailbox|recipient|address|person|account|domain|host|local)|"
    r"(?:user|mailbox|account|recipient|address|domain|e-?mail|host)[^.;\n]{0,60}(?:does ?n[o']t exist|"
    r"not exist|not found|"
    r"unknown|is (?:currently )?(?:disabled|inactive|unavailable|invalid|closed|suspended|not (?:valid|"
    r"active|known|here))|"
    r"(?:has been|was) (?:disabled|deactivated|suspended|closed|deleted)|no longer (?:valid|exists|"
    r"available|active|in use))|"
    r"(?:do(?:es)? ?n[o']t|did ?n[o']t) (?:have|match|exist|list)[^;\n]{0,40}(?:user|account|mailbox|"
    r"recipient|address|here)|"
    r"invalid (?:recipient|mailbox|user|address|destination|e-?mail)|recipient(?: address)? (?:rejected|"
    r"not (?:found|accepted))|"
    r"no (?:mailbox|account|user)(?: here)?(?: by| with| of)?|not (?:our|a valid) (?:customer|user|"
    r"mailbox|recipient)|"
    r"unrouteable|unroutable|bad destination|mailbox unavailable|no longer (?:works|employed|with)|"
    r"is disabled|account disabled|"
    r"host (?:or domain name )?(?:was )?not found|domain (?:name )?not found|nxdomain|no mx|"
    r"name service error|"
    r"(?:收件人|收信人|用户|邮箱|地址|帐号|账号|账户|域名|域|邮件地址)[^,。;\n]{0,8}(?:不存在|未找到|"
    r"找不到|无效|停用|注销|禁用|关闭|冻[结住]|错误)|查无此(?:人|用户|邮箱)|"
    r"(?:不存在|无效)(?:的)?(?:收件人|用户|邮箱|地址|域名)"
)
_FULL = re.compile(
    r"(?i)(?:mailbox|inbox|account|user|recipient)[^.;\n]{0,30}(?:full|over ?quota|exceeded)|quota|"
    r"insufficient (?:system )?storage|"
    r"storage|(?:邮箱|空间)[^,。\n]{0,6}(?:已满|不足|满了)|超出[^,。\n]{0,4}容量"
)
_OUR_FAULT = re.compile(
    r"(?i)\bspam\b|blacklist|block ?list|blocked (?:using|by|for|due|because)|\bspf\b|\bdkim\b|\bdmarc\b|"
    r"reputation|"
    r"relay(?:ing)? (?:access )?(?:denied|not|prohibited)|not permitted to relay|authenticat|policy|"
    r"sender (?:address |domain )?"
    r"(?:rejected|denied|verif|is not|not|unknown|invalid)|invalid sender|bad sender|your (?:ip|domain|"
    r"server|host)\b|too many|rate limit|"
    r"throttl|message (?:size|too)|too large|content (?:rejected|filter)|virus|\brbl\b|spamhaus|"
    r"return path|reverse dns|\bptr\b|greylist|"
    r"垃圾|反垃圾|黑名单|发件人|发信人|频率|拒收该|内容"
)
_NOT_YET = re.compile(
    r"(?i)will (?:continue|keep|retry|be retried|try again)|still (?:trying|being)|"
    r"delivery (?:is )?(?:delayed|incomplete)|"
    r"not yet been|temporar|try(?:ing)? again|尚未|延迟|暂时|稍后重试"
)
_WRONG_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_LONGEST = 20_000


def fate(status: str, words: str) -> str:
    """`bounced` when the address is wrong for good, else `undelivered`; of a failure, by its status and its answer."""
    words = words[:_LONGEST]
    said = _CODE.search(words)
    code = said.group(1) if said and (not status or status.endswith(".0.0")) else status
    no_such = _NO_SUCH.search(words) is not None
    if code.startswith("4."):
        return "undelivered"
    if code in ("5.1.7", "5.1.8") or code.startswith("5.7.") or code in ("5.2.2", "5.2.3"):
        return "undelivered"
    if _OUR_FAULT.search(words) or (_FULL.search(words) and code not in _WRONG_ADDRESS):
        return "bounced" if no_such and code in _WRONG_ADDRESS else "undelivered"
    return "bounced" if code in _WRONG_ADDRESS or no_such else "undelivered"


def by_machine(mail: EmailMessage, header: dict[str, str]) -> bool:
    """Whether a mail server wrote it: without a return path, or under a name that only machines have."""
    path = header.get("return-path")
    return (
        (path is not None and path.strip() in ("<>", ""))
        or "x-failed-recipients" in header
        or _MACHINE.search(header.get("from", "").split("@")[0]) is not None
    )


def fate_in_words(mail: EmailMessage, header: dict[str, str], text: str) -> tuple[str, str]:
    """The state and the code of a notice that is no multipart/report; empty when it says nothing final."""
    temporary, permanent = _detected(mail)
    words = f"{header.get('subject', '')}\n{text[:_LONGEST]}"
    known = _NO_SUCH.search(words) or _FULL.search(words) or _FAILED_SUBJECT.search(header.get("subject", ""))
    if not (permanent or known or "x-failed-recipients" in header):
        return "", ""
    if (temporary and not permanent) or (_NOT_YET.search(words) and not _NO_SUCH.search(words)):
        return "", ""
    code = _CODE.search(words)
    state = fate(code.group(1) if code else "", text)
    if state == "undelivered" and permanent and not (code or _OUR_FAULT.search(text) or _FULL.search(text)):
        state = "bounced"
    return state, code.group(1) if code else ""


def _detected(mail: Message) -> tuple[bool, bool]:
    """Whether the library's detectors find a passing and a lasting failure; neither where one of them breaks."""
    try:
        temporary, permanent = all_failures(mail)
    except Exception:  # detectors of many servers' forms, over whatever came
        return False, False
    return bool(temporary), bool(permanent)
