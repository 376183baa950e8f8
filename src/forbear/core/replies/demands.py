"""What a reply demands or tells besides its intent, as the law gives it effect from the moment it is written.

- `cease`: all contact is to end (12 CFR 1006.6(c); CONC 7.9.4R). A stop of one number is no such demand.
- `refusal`: they refuse to pay (12 CFR 1006.6(c)(1); CONC 7.15.8R).
- `bankrupt`, `moratorium`, `counsellor`: proceedings, a breathing space, or an adviser who makes a plan.
- `workplace`: not where they work (12 CFR 1006.6(b)(3)).
- `call_me`: they ask to be called (12 CFR 1006.14(b)(3)(i)).
- `fraud`: somebody else took the debt on in their name (15 U.S.C. 1681m(g), 1692g).
- `verification`: they ask for proof of the debt (12 CFR 1006.34, 1006.38; CONC 7.14).
- `bereavement`: somebody close to them has died, so nobody should ask for money for a while.
- `link_broken`: a link or page of ours doesn't work, so that they can't pay or answer.

They are read apart from the intent, since one sentence often says both. A question asks about them and demands nothing.
"""

import re

from forbear.core.replies.normalize import normal
from forbear.core.replies.quoted import own_part

DEMANDS: dict[str, tuple[str, ...]] = {
    "cease": (
        r"\b(?:cease|stop|end)\b(?: \w+){0,2} (?:all|any|every|further)(?: \w+){0,2} "
        r"(?:communications?|contacts?|correspondence|calls)\b",
        r"\bcease and desist\b|\bdo not (?:ever )?contact me (?:again )?in any (?:way|form|manner)\b",
        r"\b(?:never|don't|do not)(?: ever)? (?:contact|communicate with) me (?:again|any ?more|in any)\b",
        r"\bleave me alone\b(?=.*\b(?:not|never|refuse|won't)\b.*\bpay\b)",
        r"\b(?:do not|don't|never)(?: ever)? (?:contact|communicate with)(?: or (?:contact|call|text|"
        r"write to|e-?mail))* me"
        r"(?: \w+){0,4} (?:again|any (?:further|more)|in (?:any|writing)|by any|ever|whatsoever)\b",
        r"\b(?:fdcpa|1692c|1006 ?\.? ?6|written (?:request|notice) to (?:cease|stop))\b|\b(?:cease|stop|"
        r"end) (?:all )?(?:further )?"
        r"(?:communications?|collection (?:efforts|activit\w+|calls))\b|\bno (?:further|more) (?:contact|"
        r"communications?)(?: of any kind)?\b",
        r"(?:停止|终止|不要再?(?:以|用|通过)|不得再?)(?:你们)?(?:对我)?(?:的)?(?:以)?(?:一切|任何|所有|"
        r"全部)[^,]{0,6}"
        r"(?:联系|联络|催收|骚扰|打扰)",
    ),
    "refusal": (
        r"一(?:分|毛|块|角)(?:钱)?(?:都|也)?(?:不会|不|别想|没门|休想)[^,]{0,4}(?:还|给|拿|付)|(?:别|休)想(?:要|拿|从我|让我|我)[^,]{0,4}"
        r"(?:钱|还|付)|(?:打死|坚决|就是|反正|老子|死都?)(?:都|也|就)?不(?:会)?还|"
        r"\b(?:won't|will not|never|not) (?:get|see|receive|getting|seeing)(?: \w+){0,3} (?:from|out of) me\b|"
        r"\bnot (?:a|one) (?:penny|cent|dime)\b",
        r"\b(?:i |we )?refuse to pay\b|\b(?:i |we )(?:will not|won't|am not going to|"
        r"shall not) (?:ever )?pay\b",
        r"\b(?:not|never) (?:going to )?pay(?:ing)? (?:you|this|it|a (?:cent|penny))\b",
        r"\b(?:i'm|i am|we are) (?:refusing|not willing|not prepared) to pay\b|\bi (?:will|"
        r"shall) never pay\b|\bnot paying (?:you|this|it|any|a)\b|"
        r"\byou(?:'ll| will) (?:never|not) (?:get|see) (?:a |one |any |another )?(?:penny|cent|dime|"
        r"money)\b|\bno voy a pagar(?:les)?\b|\bme niego a pagar\b",
        r"(?:就|我|反正|坚决|打死|死)(?:也|都|就是)?不(?:还|付)(?:了|钱|款|$|,)|"
        r"不会还(?:给)?你们?(?:的)?(?:$|,|钱)|就(?:是)?不(?:还|付)(?!上|起|清)|一分(?:钱)?(?:都|"
        r"也)?(?:不会|不|别想)(?:还|给|拿)|"
        r"拒绝(?:还款|支付|偿还)|(?:绝对|永远|肯定|坚决)?不会(?:再)?(?:还|付)(?:款|钱|你们)",
    ),
    "bankrupt": (
        r"(?:个人)?债务(?:集中)?清理|破产(?:了)?(?:$|,)",
        r"\b(?:filed|filing|file)(?: \w+){0,3} bankruptcy\b|\bch(?:apter)? ?(?:7|11|13)\b|\bbankruptcy (?:case|"
        r"court|"
        r"trustee|filing)\b|\b(?:declared|been made) bankrupt\b",
        r"\b(?:i'm|i am|we're|we are|going|went|gone|been|was) (?:\w+ )?bankrupt\b|\bbankruptcy\b(?!\?)|"
        r"\binsolven\w+\b|\biva\b|\btrust deed\b|"
        r"\b(?:bancarrota|quiebra)\b|\bautomatic stay\b|\bdebt relief order\b",
        r"(?:个人)?破产(?:申请|清算|程序|保护|管理人|了|法院|裁定|案)|(?:法院|管理人)[^,]{0,6}破产|"
        r"(?:已经?|正在)?(?:申请|提出|进入)(?:了)?(?:个人)?破产",
    ),
    "moratorium": (r"\bbreathing space\b|\bdebt respite\b|\bstatutory moratorium\b|\bmoratorium\b",),
    "counsellor": (
        r"\b(?:stepchange|citizens advice|national debtline|payplan|christians against poverty)\b",
        r"\bdebt (?:charity|adviser|advisor|counsell?or|advice (?:agency|charity))\b",
    ),
    "workplace": (
        r"\b(?:boss|employer|manager|work|company)\b(?: \w+){0,4} (?:forbids?|(?:doesn't|does not|"
        r"won't) (?:allow|"
        r"permit|like|let)|prohibits?|not allowed?)(?: \w+){0,3} (?:calls?|texts?|contact|phone|this)\b",
        r"\b(?:don't|do not|stop|no) (?:\w+ )?(?:call|calling|ring|ringing|contact|"
        r"contacting)(?: me)? at (?:my )?"
        r"(?:work|office|job|workplace)\b",
        r"\b(?:don't|do not|stop|no|never|quit)(?: \w+){0,2} (?:call|text|ring|phon|contact|e-?mail|"
        r"sending|messag)\w*(?: \w+){0,3} "
        r"(?:at|to|on) (?:my )?(?:work(?:place)?|office|job|employer|boss)\b|\b(?:can't|not allowed to|"
        r"mustn't|lose my job)(?: \w+){0,4} (?:calls?|phone|texts?)(?: \w+){0,2} (?:at|"
        r"in) (?:my )?(?:work|office|job)\b",
        r"(?:别|不要|不准|勿|停止)[^,]{0,6}(?:单位|公司|办公室|上班|工作(?:地方|单位)|老板|领导)(?!欠|拖|"
        r"没发)|(?:上班|工作)(?:时间|期间)?[^,]{0,4}(?:别|不要|不能|不方便)[^,]{0,3}(?:打|接)|"
        r"(?:单位|公司|领导|老板)[^,]{0,6}(?:不允许|不让|禁止|不准)[^,]{0,6}(?:电话|联系|打)|(?:别|"
        r"不要)[^,]{0,3}"
        r"(?:打到|打)(?:我)?(?:单位|公司)",
    ),
    "call_me": (
        r"打(?:个)?(?:电话)?给我|给我(?:来|回|打)(?:个|一个|下)?(?:电话|话)|(?:方便|有空|有时间)[^,]{0,6}(?:打|回|来)(?:个|一个)?(?:电话|我)|"
        r"\b(?:someone|somebody|you|anyone|agent|manager|rep)(?: \w+)? (?:call|ring|phone) me\b",
        r"\b(?:please |can you |could you |you can )?(?:call|ring|phone) me (?:back )?(?:today|tomorrow|"
        r"tonight|"
        r"at|on|around|after|before|between|this|next|in the|when|any time|anytime|now|later)\b",
        r"^(?:please )?(?:call|ring|phone) me(?: back)?(?: please)?$",
        r"\b(?:give me a (?:call|ring|bell)|(?:call|ring|phone) me back|(?:request|want|need|like|arrange|"
        r"schedule)(?: \w+){0,3} (?:call ?back|phone call)|"
        r"speak (?:to|with) (?:someone|somebody|a (?:person|human|agent|manager)))\b|\b(?:llamame|llameme|"
        r"devuelva(?:n)?me la llamada)\b",
        r"(?:给我|请)?回(?:个|一个)?电(?:话)?(?:给我)?(?:$|,|一下)|(?:让|叫|请)[^,]{0,8}(?:联系我|给我打|"
        r"打给我|回我电话)|(?:想|要|能不能)?(?:和|跟|找)(?:人工|真人|客服|经理)(?:客服)?[^,]{0,3}(?:说|聊|"
        r"谈|通话)",
        r"(?:请|麻烦|可以)?(?:您|你们?)?(?:给我)?(?:回|打)(?:个)?电话给我|(?:请|麻烦)[^,]{0,8}(?:给我)?"
        r"(?:回|打)(?:个)?电话|(?:今天|明天|中午|下午|晚上|上午)[^,]{0,6}给我(?:打|回)(?:个)?电话",
    ),
    "fraud": (
        r"\b(?:roommate|ex|cousin|brother|sister|mother|father|friend|somebody|someone|boyfriend|girlfriend|"
        r"husband|wife)(?: \w+){0,2} "
        r"(?:opened|took out|used|applied|got)(?: \w+){0,4} (?:my|using)\b|(?:拿|用)(?:了)?我(?:的)?身份证",
        r"\bfraud\w*\b|\bidentity (?:theft|stolen|was stolen|thief)\b|\bscam(?:med|mer|mers)?\b|"
        r"\b(?:stole|stolen|used|using|forged|faked)(?: \w+)? (?:my|mine) "
        r"(?:identity|id|name|details|signature|ssn|card)\b|\bsomeone (?:else )?(?:opened|took|used|"
        r"applied)\b|\brobo de identidad\b|\bfraude\b",
        r"(?:被|遭|身份证?被?|信息被?|有人|别人)(?:人)?(?:冒用|盗用|冒名|顶替|冒充)|冒名(?:贷款)?|(?:用|"
        r"拿|盗)我(?:的)?(?:名字?|名义|身份证?|信息)|诈骗|骗贷|不是我(?:本人)?(?:签|申请|办)",
    ),
    "verification": (
        r"\b(?:debt|this|it|loan)(?: \w+)? (?:validated|verified|substantiated)\b",
        r"\b(?:what|any|some|your|got|where's|where is(?: the)?) (?:proof|evidence|documentation|paperwork)\b|"
        r"(?:证据|凭据|依据)(?:呢|在哪|是什么|拿)",
        r"\b(?:original|signed|copy of (?:the|my)) (?:\w+ )?(?:agreement|contract|paperwork)\b|\bbreakdown of\b|"
        r"\bhow (?:did|do) you (?:get|come to|work out|calculate)(?: \w+){0,3} (?:amount|figure|balance|total)\b",
        r"\b(?:prove|verify|validate|substantiate|document)(?: \w+){0,4} (?:debt|owe|owed|loan|account|"
        r"this|that|it|balance)\b|"
        r"\b(?:proof|evidence|validation|verification)(?: (?:of|that|for))(?: \w+){0,4} (?:debt|owe|owed|"
        r"loan|account|this|it|claim|balance)\b",
        r"\b(?:debt )?(?:validation|verification) (?:letter|notice)\b|\b(?:send|show|give|provide|want|"
        r"need|see)(?: \w+){0,4} "
        r"(?:proof|contract|agreement|paperwork|documents|documentation|statement|breakdown|"
        r"original contract|signed)\b|\bwhere(?:'s| is) (?:the |your |my )?(?:proof|contract|agreement)\b|"
        r"\bpruebas?\b(?: \w+){0,3} (?:deuda|debo)\b",
        r"(?:证明|凭证|证据|拿出)[^,]{0,8}(?:欠|债|贷|借|合同|借条|欠条)|(?:欠|债|贷款|"
        r"借款)[^,]{0,4}(?:证明|凭证|证据)|(?:合同|借条|协议|凭证|流水|明细)[^,]{0,6}"
        r"(?:发|给|拿|看|出示|寄|提供)|(?:发|给|拿|看|出示|寄|提供)[^,]{0,8}(?:合同|借条|协议|凭证|流水|"
        r"明细|证据)(?!看)",
    ),
    "bereavement": (
        r"\b(?:buried|burying|bury|cremated|lost|losing)(?: \w+)? (?:my|our) (?:husband|wife|mother|father|"
        r"mum|mom|dad|son|"
        r"daughter|brother|sister|partner|grand\w+|nan|gran|baby|child)\b|\b(?:death|passing|funeral|"
        r"loss) of (?:my|our)\b|"
        r"\bin mourning\b|\bgrieving\b|\bm(?:a|on) (?:mere|pere|mari|femme|fils|fille)(?: \w+){0,2} "
        r"(?:mort|morte|decede|decedee)\b|\bmein\w* (?:mann|frau|vater|mutter|sohn|tochter)(?: \w+){0,3} "
        r"(?:gestorben|verstorben|tot)\b",
        r"我(?:的|家)?(?:先生|太太|媳妇|闺女|舅舅?|姑姑?|叔叔?|伯伯?|姨妈?|爸妈)[^,]{0,8}(?:去世|过世|走了|没了|不在了|病逝|离世|死了)",
        r"\b(?:my|our) (?:late )?(?:husband|wife|mother|father|mum|mom|dad|son|daughter|brother|sister|"
        r"partner|parents?|grand\w+|nan|gran|baby|child|kid|uncle|aunt|"
        r"cousin|friend|fiancee?)(?: \w+){0,3} (?:died|passed|dead|deceased|gone|funeral)\b|\b(?:i |we |"
        r"just |have |i've |we've )+lost my "
        r"(?:husband|wife|mother|father|mum|mom|dad|son|daughter|brother|sister|baby|child)\b|"
        r"\b(?:arranging|planning|at|paying for|organi[sz]ing)(?: \w+){0,3} funeral\b|"
        r"\bmi (?:papa|padre|mama|madre|esposo|esposa|hijo|hija|hermano|hermana|"
        r"abuel[oa])(?: \w+){0,3} (?:fallecio|murio|muerto)\b",
        r"我(?:的)?(?:爸爸?|妈妈?|父亲|母亲|爹|娘|丈夫|老公|妻子|老婆|爱人|儿子|女儿|孩子|哥哥?|弟弟?|"
        r"姐姐?|妹妹?|爷爷|奶奶|外婆|外公|姥姥|姥爷|岳父|岳母|公公|婆婆|家人)"
        r"[^,]{0,8}(?:去世|过世|走了|没了|不在了|病逝|离世|逝世|死了|病故)|(?:办|忙|处理)[^,]{0,3}(?:丧事|"
        r"葬礼|后事|白事)|守孝|服丧",
    ),
    "link_broken": (
        r"(?:页面|系统|网页|网站|链接|app|小程序)[^,]{0,6}(?:繁忙|忙|崩|维护|异常|超时|加载)|"
        r"\b(?:link|page|site|app|code)\b(?: \w+){0,3} "
        r"(?:expired|error|timed? out|loading|crash\w*)\b",
        r"(?:点|打|进|登)(?:进去|开|了|录)?[^,]{0,6}(?:转圈|空白|白屏|没反应|出错|报错|打不开|闪退)|"
        r"\b(?:error|blank|spinning|stuck|loading)(?: \w+){0,5} (?:when|try\w*|to) (?:\w+ ){0,3}(?:pay|log|"
        r"open|click|sign)\b",
        r"\b(?:link|page|website|web ?site|site|app|url|portal|qr code|"
        r"payment page)\b(?: \w+){0,4} (?:not work\w*|doesn't work|does not work|won't (?:open|load|work)|"
        r"broken|"
        r"expired|down|error|fail\w*|dead|crash\w*|won't let|isn't working|blank|invalid|didn't work)\b|"
        r"\b(?:can't|couldn't|unable to|not able to|cannot)(?: \w+)? "
        r"(?:open|access|load|click|get into|log ?in\w*)\b|\b(?:broken|dead|wrong|expired) (?:link|"
        r"page)\b|\b(?:404|error (?:page|message|code))\b|\bel enlace no (?:funciona|abre)\b",
        r"(?:链接|网页|网址|页面|网站|app|二维码|小程序|系统|软件)[^,]{0,6}(?:打不开|点不(?:开|了|进)|"
        r"失效|坏|过期|进不(?:去|了)|报错|不能用|无法|没反应|登不上|用不了|崩|卡)|"
        r"(?:打不开|点不开|进不去|登不上|登录不了)[^,]{0,6}(?:链接|网页|网址|页面|网站|app)?",
    ),
}
#: What is asked for in the form of a question too: "can you call me?", "where is the contract?".
_ALSO_ASKED = frozenset({"cease", "call_me", "verification", "link_broken", "bereavement"})
_DENIED = re.compile(
    r"\b(?:don't|do not|never|stop|quit|no need to) (?:\w+ )?(?:call|ring|phone)|(?:不要|别|不用|不必|"
    r"勿)(?:再)?[^,]{0,8}"
    r"(?:打|回|联系|电话)"
)
_NO_EARLIER = re.compile(
    r"\b(?:never|not|don't|do not)(?: \w+){0,3} before (?:(?P<noon>noon|midday)|"
    r"(?P<hour>\d{1,2}) ?(?P<half>am|pm|"
    r"a\.m\.|p\.m\.)?)(?! ?(?:days?|weeks?))"
)
_HOUR_ZH = re.compile(r"(?:中午|12点)(?:之?前|以前)(?:都)?(?:不要|别|不准)")


def demands(text: str) -> tuple[str, ...]:
    """What a reply demands or tells, in the order of DEMANDS. Never fails, whatever the text."""
    plain = normal(own_part(text))
    denied = _DENIED.search(plain) is not None
    found = [
        name
        for name, patterns in DEMANDS.items()
        if any(re.search(pattern, plain) for pattern in patterns) and not (name == "call_me" and denied)
    ]
    if "?" in plain:
        found = [name for name in found if name in _ALSO_ASKED]
    return tuple(found)


def wished_from(text: str) -> int | None:
    """The hour of day before which they don't want contact, where a reply names one; None elsewhere."""
    plain = normal(own_part(text))
    if _HOUR_ZH.search(plain):
        return 12
    hit = _NO_EARLIER.search(plain)
    if hit is None:
        return None
    if hit["noon"]:
        return 12
    hour = int(hit["hour"]) + (12 if (hit["half"] or "").startswith("p") and int(hit["hour"]) < 12 else 0)
    return hour if 1 <= hour <= 20 else None
