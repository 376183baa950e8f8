"""What a reply demands or tells besides its intent, as the law gives it effect from the moment it is written.

- `cease`: all contact is to end (12 CFR 1006.6(c); CONC 7.9.4R). A stop of one number is no such demand.
- `refusal`: they refuse to pay (12 CFR 1006.6(c)(1); CONC 7.15.8R).
- `bankrupt`, `moratorium`, `counsellor`: proceedings, a breathing space, or an adviser who makes a plan.
- `workplace`: not where they work (12 CFR 1006.6(b)(3)).
- `call_me`: they ask to be called (12 CFR 1006.14(b)(3)(i)).

They are read apart from the intent, since one sentence often says both. A question asks about them and demands nothing.
"""

import re

from forbear.core.replies.normalize import normal

DEMANDS: dict[str, tuple[str, ...]] = {
    "cease": (
        r"\b(?:cease|stop|end)\b(?: \w+){0,2} (?:all|any|every|further)(?: \w+){0,2} "
        r"(?:communications?|contacts?|correspondence|calls)\b",
        r"\bcease and desist\b|\bdo not (?:ever )?contact me (?:again )?in any (?:way|form|manner)\b",
        r"\b(?:never|don't|do not)(?: ever)? (?:contact|communicate with) me (?:again|any ?more|in any)\b",
        r"\bleave me alone\b(?=.*\b(?:not|never|refuse|won't)\b.*\bpay\b)",
        r"(?:停止|终止|不要再?(?:以|用|通过)|不得再?)(?:你们)?(?:对我)?(?:的)?(?:以)?(?:一切|任何|所有|全部)[^,]{0,6}"
        r"(?:联系|联络|催收|骚扰|打扰)",
    ),
    "refusal": (
        r"\b(?:i |we )?refuse to pay\b|\b(?:i |we )(?:will not|won't|am not going to|shall not) (?:ever )?pay\b",
        r"\b(?:not|never) (?:going to )?pay(?:ing)? (?:you|this|it|a (?:cent|penny))\b",
        r"拒绝(?:还款|支付|偿还)|(?:绝对|永远|肯定|坚决)?不会(?:再)?(?:还|付)(?:款|钱|你们)",
    ),
    "bankrupt": (
        r"\b(?:filed|filing|file)(?: \w+){0,3} bankruptcy\b|\bchapter (?:7|11|13)\b|\bbankruptcy (?:case|court|"
        r"trustee|filing)\b|\b(?:declared|been made) bankrupt\b",
        r"(?:已经?|正在)?(?:申请|提出|进入)(?:了)?(?:个人)?破产",
    ),
    "moratorium": (r"\bbreathing space\b|\bdebt respite\b|\bstatutory moratorium\b|\bmoratorium\b",),
    "counsellor": (
        r"\b(?:stepchange|citizens advice|national debtline|payplan|christians against poverty)\b",
        r"\bdebt (?:charity|adviser|advisor|counsell?or|advice (?:agency|charity))\b",
    ),
    "workplace": (
        r"\b(?:boss|employer|manager|work|company)\b(?: \w+){0,4} (?:forbids?|(?:doesn't|does not|won't) (?:allow|"
        r"permit|like|let)|prohibits?|not allowed?)(?: \w+){0,3} (?:calls?|texts?|contact|phone|this)\b",
        r"\b(?:don't|do not|stop|no) (?:\w+ )?(?:call|calling|ring|ringing|contact|contacting)(?: me)? at (?:my )?"
        r"(?:work|office|job|workplace)\b",
        r"(?:单位|公司|领导|老板)[^,]{0,6}(?:不允许|不让|禁止|不准)[^,]{0,6}(?:电话|联系|打)|(?:别|不要)[^,]{0,3}"
        r"(?:打到|打)(?:我)?(?:单位|公司)",
    ),
    "call_me": (
        r"\b(?:please |can you |could you |you can )?(?:call|ring|phone) me (?:back )?(?:today|tomorrow|tonight|"
        r"at|on|around|after|before|between|this|next|in the|when|any time|anytime|now|later)\b",
        r"^(?:please )?(?:call|ring|phone) me(?: back)?(?: please)?$",
        r"(?:请|麻烦|可以)?(?:您|你们?)?(?:给我)?(?:回|打)(?:个)?电话给我|(?:请|麻烦)[^,]{0,8}(?:给我)?"
        r"(?:回|打)(?:个)?电话|(?:今天|明天|中午|下午|晚上|上午)[^,]{0,6}给我(?:打|回)(?:个)?电话",
    ),
}
_DENIED = re.compile(
    r"\b(?:don't|do not|never|stop|quit|no need to) (?:\w+ )?(?:call|ring|phone)|(?:不要|别|不用|不必)(?:再)?[^,]{0,3}"
    r"(?:打|回)(?:个)?电话"
)
_NO_EARLIER = re.compile(
    r"\b(?:never|not|don't|do not)(?: \w+){0,3} before (?:(?P<noon>noon|midday)|(?P<hour>\d{1,2}) ?(?P<half>am|pm|"
    r"a\.m\.|p\.m\.)?)(?! ?(?:days?|weeks?))"
)
_HOUR_ZH = re.compile(r"(?:中午|12点)(?:之?前|以前)(?:都)?(?:不要|别|不准)")


def demands(text: str) -> tuple[str, ...]:
    """What a reply demands or tells, in the order of DEMANDS. Never fails, whatever the text."""
    plain = normal(text)
    denied = _DENIED.search(plain) is not None
    found = [
        name
        for name, patterns in DEMANDS.items()
        if any(re.search(pattern, plain) for pattern in patterns) and not (name == "call_me" and denied)
    ]
    if "?" in plain and not {"cease", "call_me"} & set(found):
        return ()
    return tuple(found)


def wished_from(text: str) -> int | None:
    """The hour of day before which they don't want contact, where a reply names one; None elsewhere."""
    plain = normal(text)
    if _HOUR_ZH.search(plain):
        return 12
    hit = _NO_EARLIER.search(plain)
    if hit is None:
        return None
    if hit["noon"]:
        return 12
    hour = int(hit["hour"]) + (12 if (hit["half"] or "").startswith("p") and int(hit["hour"]) < 12 else 0)
    return hour if 1 <= hour <= 20 else None
