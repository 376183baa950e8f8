"""One spelling for what people type: width, script, case, spaced-out letters, emoji and common slips."""

import re
import unicodedata
from functools import cache

import opencc

#: Longer texts are letters, not replies; how they begin and how they end decides.
LONGEST = 2000
_END = 500
#: Letters of other scripts that look like ours, for words that mix both.
_ALIKE = str.maketrans("аеорсхуіѕтмнквαορτνεικ", "aeopcxyistmhkbaoptveik")

#: Signs that speak for themselves, as a word each.
_EMOJI = {
    **dict.fromkeys("🛑🚫⛔🔕📵✋🙅", " stop "),
    **dict.fromkeys("?❓❔⁉", "?"),
    **dict.fromkeys("🖕🤬", " fuck "),
}
_BREAKS = str.maketrans(
    dict.fromkeys(',.;:!。,、;:!…~～—–|/\\()（）[]【】「」『』<>《》"“”*_^=+#\n\r\t', ",")
)
_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")
_SPACED = re.compile(r"(?<![a-z0-9])(?:[a-z0-9][ .,_-]+){2,}[a-z0-9](?![a-z0-9])")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_LEET = str.maketrans("013457@$", "oieastas")

#: Slips that are no words of their own.
_SLIPS = {
    **dict.fromkeys(
        (
            "stpo",
            "sotp",
            "stp",
            "stopp",
            "stoop",
            "stopo",
            "syop",
            "stip",
            "dtop",
            "srop",
            "stoo",
            "sstop",
            "sop",
        ),
        "stop",
    ),
    **dict.fromkeys(("payed", "piad", "padi", "paied"), "paid"),
    **dict.fromkeys(("tmrw", "tmr", "tomoro", "tomo", "2moro", "tmw"), "tomorrow"),
    **dict.fromkeys(("tonite", "2nite", "2night"), "tonight"),
    **dict.fromkeys(("2day", "tday"), "today"),
    **dict.fromkeys(("un-subscribe", "unsub"), "unsubscribe"),
    **dict.fromkeys(("yall", "y'all"), "you"),
    **dict.fromkeys(("doesnt",), "doesn't"),
    **dict.fromkeys(("couldnt",), "couldn't"),
    **dict.fromkeys(("isnt",), "isn't"),
    **dict.fromkeys(("wasnt",), "wasn't"),
    **dict.fromkeys(("aint",), "ain't"),
    **dict.fromkeys(("thats",), "that's"),
    **dict.fromkeys(("anymore",), "any more"),
    **dict.fromkeys(("u",), "you"),
    **dict.fromkeys(("ur",), "your"),
    **dict.fromkeys(("pls", "plz", "plse"), "please"),
    **dict.fromkeys(("txt", "txts", "txting"), "text"),
    **dict.fromkeys(("msg", "msgs"), "messages"),
    **dict.fromkeys(("dont", "dnt", "donot", "don t"), "don't"),
    **dict.fromkeys(("cant", "cannot", "can t"), "can't"),
    **dict.fromkeys(("wont", "won t"), "won't"),
    **dict.fromkeys(("havent", "haven t"), "haven't"),
    **dict.fromkeys(("hasnt",), "hasn't"),
    **dict.fromkeys(("didnt", "didn t"), "didn't"),
    **dict.fromkeys(("ive",), "i've"),
    **dict.fromkeys(("im",), "i'm"),
    **dict.fromkeys(("atty", "attny", "attorny", "lawer", "lawyr"), "lawyer"),
    **dict.fromkeys(("wots", "wats", "wat's"), "what's"),
    **dict.fromkeys(("gimme", "giz"), "give me"),
    **dict.fromkeys(("til", "till"), "until"),
    "wrng": "wrong",
    "gonna": "going to",
    "wanna": "want to",
    "optout": "opt out",
    "optin": "opt in",
}
_CHINESE_SLIPS = (
    (re.compile("[己以巳]经"), "已经"),
    (re.compile("[己巳](?=[还付缴交结])"), "已"),
    (re.compile("[推腿][订定丁顶钉]|退[定丁顶钉]|退订阅"), "退订"),
    (re.compile(r"(?<![a-z])tui ?ding(?![a-z])"), "退订"),
    (re.compile(r"(?<![a-z])lv ?shi(?![a-z])"), "律师"),
    (re.compile(r"(?<![a-z])huan ?qian(?![a-z])"), "还钱"),
    (re.compile(r"(?<![a-z])tou ?su(?![a-z])"), "投诉"),
    (re.compile("[帐]号"), "账号"),
    (re.compile("木有|冇"), "没有"),
    (re.compile("听日"), "明天"),
    (re.compile("唔该|唔使"), "请不用"),
    (re.compile("咪(?=再|打|发|搞|烦)|唔好"), "不要"),
    (re.compile("唔"), "不"),
    (re.compile("不系"), "不是"),
    (re.compile("咗"), "了"),
    (re.compile("佢哋?"), "他"),
    (re.compile("你哋"), "你们"),
    (re.compile("我哋"), "我们"),
    (re.compile("畀|俾"), "给"),
    (re.compile("嘅"), "的"),
    (re.compile("打嚟|打黎"), "打来"),
    (re.compile(r"(?<=[\d零一二两三四五六七八九十百千万])蚊"), "元"),
    (re.compile("没得钱|莫得钱|没的钱|没银子"), "没有钱"),
    (re.compile("莫(?=再|要|打|发|联系|骚扰|催|给)"), "别"),
    (re.compile("卜要|布要|不耀"), "不要"),
)
#: Words long enough that one slip leaves no doubt what was meant.
_KEYS = (
    *(
        "unsubscribe",
        "payment",
        "tomorrow",
        "already",
        "deceased",
        "dispute",
        "lawyer",
        "attorney",
        "solicitor",
    ),
    *(
        "hardship",
        "unemployed",
        "harassing",
        "complaint",
        "messages",
        "contact",
        "texting",
        "calling",
        "hospital",
    ),
    *(
        "ombudsman",
        "incorrect",
        "borrowed",
        "transferred",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
    ),
    *("saturday", "sunday", "afford", "bankrupt", "passed", "number", "person"),
)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normal(text: str) -> str:
    """The text in small plain letters and simplified signs; a comma stands for every break.

    Never fails, whatever the text.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - _END]}\n{text[-_END:]}"
    plain = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode())
    plain = "".join(_unaccented(sign) for sign in plain)
    plain = "".join(_EMOJI.get(sign, sign) for sign in plain)
    plain = "".join(
        sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Mn", "Cc") or sign in "\n\r\t"
    )
    plain = _converter().convert(plain.replace("’", "'").replace("‘", "'").replace("`", "'")).casefold()
    plain = re.sub(r"(?<=\d)[,](?=\d{3}(?!\d))", "", plain)
    plain = re.sub(r"(?<=\d)\.(?=\d)", "\x00", plain)
    plain = re.sub(r"(?<=\d)/(?=\d)", "\x01", plain)
    plain = _SPACED.sub(lambda hit: _joined(hit.group()), plain)
    plain = plain.translate(_BREAKS).replace("\x00", ".").replace("\x01", "/")
    plain = "".join(" " if unicodedata.category(sign) in ("So", "Sk", "Zs") else sign for sign in plain)
    plain = _STRETCHED.sub(r"\1", plain)
    for pattern, meant in _CHINESE_SLIPS:
        plain = pattern.sub(meant, plain)
    plain = " ".join(_word(word) for word in re.sub(r",", " , ", plain).split())
    return _BETWEEN_HAN.sub("", re.sub(r"(?: ?, ?)+", ",", plain)).strip(" ,")


def _unaccented(sign: str) -> str:
    """A Latin letter without its accents; any other sign as it is."""
    if sign < "\u00c0":
        return sign
    base = unicodedata.normalize("NFD", sign)[0]
    return base if base.isascii() else sign


def _joined(letters: str) -> str:
    """`s t o p` is a word; `1 2 3` and `a b` stay what they are."""
    word = re.sub(r"[^a-z0-9]", "", letters)
    return letters if word.isdigit() else word


def _word(word: str) -> str:
    if not word.isascii() and re.search(r"[a-z]", word):
        word = word.translate(_ALIKE)
    if word in _SLIPS:
        return _SLIPS[word]
    if len(word) == 4 and not word.isalpha() and word.translate(_LEET) in ("stop", "paid", "quit"):
        return word.translate(_LEET)
    if len(word) >= 5 and word.isascii() and word.isalpha() and word not in _KEYS:
        near = [key for key in _KEYS if len(key) >= 6 and one_slip(word, key)]
        if len(near) == 1:
            return near[0]
    return word


def one_slip(one: str, other: str) -> bool:
    """Whether two words differ by one letter more, less, changed, or by two neighbours swapped."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return one == other
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    rest, rest_other = one[at:], other[at:]
    return (
        rest[1:] == rest_other[1:]
        or rest[1:] == rest_other
        or rest == rest_other[1:]
        or (rest[:2] == rest_other[:2][::-1] and rest[2:] == rest_other[2:])
    )
