"""What a person wrote themselves in a short message: without what they quote of ours, and without tapbacks."""

import re

#: Telephones tell a reaction as a text that quotes the whole message: Liked “…”, 👍 to “…”, 赞了“…”.
_TAPBACK = re.compile(
    r"\A\s*[\u200a-\u200f]*(?:(?:Liked|Loved|Disliked|Laughed at|Emphasi[sz]ed|Questioned|"
    r"Reacted .{1,16}? to"
    r"|Removed an? .{1,24}? from|Le gust[oó]|Me gusta|Te gust[oó]|A aim[eé]|Gef[aä]llt|\W{1,8}\s?to|"
    r".{0,4}(?:喜欢|喜歡|赞|讚|踩|大笑|强调|強調|质疑|質疑|回应|回應|爱|愛)了?)"
    r"\s*[\u200a-\u200f]*[“”\"„«「『].*[”“\"»」』]?)\s*[\u200a-\u200f]*\Z",
    re.DOTALL | re.IGNORECASE,
)
_LINE = re.compile(r"(?m)^[ \t]*[>＞|].*$")
#: How a sender offers the way out, in the words of our own texts and of most others.
_OFFER = re.compile(
    r"(?:\b(?:please )?(?:reply|replying|respond|text|txt|send|sms)(?: with|"
    r" back)?(?: the word)? ?[\"'“”‘’]?(?:stop|quit|end|cancel|"
    r"unsubscribe|alto|t|td)[\"'“”‘’]? (?:to|if|for|in order)\b[^.。\n;]*|"
    r"\bto (?:stop|end|opt[ -]out(?: of)?|unsubscribe(?: from)?|cancel|no longer receive)(?: (?:these|"
    r"receiving|all|getting|our|from|the))*(?: \w+){0,3},? "
    r"(?:please )?(?:use|click|follow|visit|reply|text|send|press)\b[^.。\n;]*|"
    r"\bstop (?:to|2) (?:end|stop|opt[ -]?out|unsubscribe|quit|cancel)\b[^.。\n;]*|"
    r"(?:如|若)(?:您|你)?(?:果)?(?:不想|不愿意?|无需|不希望|不需要)?[^。\n;]{0,16}(?:请)?(?:点击|回复|"
    r"回)[^。\n;]{0,12}(?:退订|td|[“\"']?t[”\"']?(?![a-z]))[^。\n;]{0,4}|"
    r"(?:拒收|退订)(?:短信)?请?(?:回复|回|点击)[^。\n;]{0,10}|(?:回复?|发送?)\s?[“\"']?(?:td|t|r|n|"
    r"退订)[”\"']?\s?(?:可|即可?|就可?以?|来)?(?:退订|取消|拒收))",
    re.IGNORECASE,
)


def own_part(text: str) -> str:
    """The text without tapbacks, quoted lines and offers of a way out; as it is where nothing else was written.

    A person who answers only "reply STOP to end" meant it, so a text that is nothing but an offer keeps it.
    """
    if _TAPBACK.match(text):
        return ""
    left = _LINE.sub(" ", text)
    left = _OFFER.sub(" , ", left)
    return left if any(sign.isalnum() or ord(sign) > 0x2600 for sign in left) else text
