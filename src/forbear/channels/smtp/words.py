"""The words of an e-mail: decoded whatever its character set says, HTML as lines, and without what it quotes."""

import re
import unicodedata
from html.parser import HTMLParser

from mailparser_reply.parser import EmailReplyParser

#: Every name of the Chinese family is read as its largest member: programs write GBK under the name gb2312.
_CHINESE = re.compile(
    r"gb[-_]?2312|gbk|gb[-_]?18030|cp936|ms936|windows-936|hz-gb|euc-?cn|x-gbk|chinese|"
    r"iso-ir-58",
    re.IGNORECASE,
)
_OTHER_NAMES = {
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "ascii": "utf-8",
    "us-ascii": "utf-8",
}
_LONGEST_PARSED = 20_000
#: The library's time grows with the square of a text.
_LONGEST_BY_LIBRARY = 3_000
_LONGEST_HTML = 50_000
_LANGUAGES = [
    "en",
    "zh",
    "es",
    "fr",
    "de",
    "it",
    "pt",
    "nl",
    "pl",
    "ja",
    "ko",
    "sv",
    "da",
    "cs",
    "fi",
    "no",
    "ru",
    "tr",
]

#: Where a person's own words end and what they answer begins, beyond what the library knows.
_QUOTED = re.compile(
    r"(?m)^[ \t]*(?:-{2,}\s*(?:Original|Forwarded|原始|(?:回复的?)?原(?:邮件|郵件)|转发|Mensaje original|"
    r"Message d'origine|"
    r"Ursprüngliche)|_{10,}"
    r"|On .{1,200}\bwrote:\s*$|.{0,120}(?:写道|寫道|於.{1,40}寫|wrote|escribió|écrit|schrieb|scrisse|"
    r"escreveu|schreef|skrev|napisał|пишет|написал|のメール)\s?[^\n]{0,60}[:\uff1a]\s*$"
    r"|\*?(?:From|Von|De|Da|Van|发件人|寄件者|寄件人|發件人|差出人|"
    r"От)\*?\s?[:\uff1a]\s?\S.{0,200}\n\*?\s*(?:Sent|Date|To|Subject|Gesendet|Datum|An|Enviado|Envoyé|"
    r"Fecha|"
    r"Para|Asunto|À|Objet"
    r"|发送时间|日期|时间|收件人|主题|抄送|寄件日期|收件者|主旨|日時|宛先|件名)\*?\s?[:\uff1a]|(?:发件人|"
    r"寄件者|寄件人|發件人)[:\uff1a] )"
)
_AM_UM = re.compile(
    r"(?m)^(?:Am|El|Le|Il|Em|Op|Den|On|W dniu)\b.{3,160}\b(?:schrieb|escribió|écrit|"
    r"scrisse|escreveu|schreef|skrev|wrote|napisał)\b.{0,100}[:\uff1a]\s*$"
)
#: In any language: a line with a time and an address in angle brackets that ends in a colon.
_SOMEBODY_WROTE = re.compile(
    r"(?m)^[^\n]{0,200}?\d{1,2}[:.\uff1a]\d{2}[^\n<>]{0,120}<[^<>\s@]{1,80}@[^<>\s]{1,120}>[^\n]{0,40}[:\uff1a][ \t]*$"
)
_SKIPPED_TAGS = frozenset({"style", "script", "head", "title", "blockquote"})
_QUOTATIONS = (_QUOTED, _AM_UM, _SOMEBODY_WROTE)
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
)
_BREAKING = frozenset(
    {"br", "p", "div", "tr", "li", "table", "h1", "h2", "h3", "h4", "ul", "ol", "section", "pre"}
)
_QUOTING = re.compile(
    r"gmail_quote|gmail_attr|yahoo_quoted|moz-cite|divRplyFwdMsg|OLK_SRC_BODY|protonmail_quote|"
    r"zmail_extra|mailContainer_original|"
    r"isReplyContent|qm_quote|ntes-mailmaster-quote|_quoted_",
    re.IGNORECASE,
)


def decoded(octets: bytes, charset: str | None) -> str:
    """The text, with replacement signs where it can't be read. Never fails, whatever the character set is called."""
    name = (charset or "").strip().strip("\"'").lower()
    if _CHINESE.search(name):
        return octets.decode("gb18030", "replace")
    if name in ("utf-8", "utf8", "utf8mb4"):  # programs write it over whatever they have
        return _guessed(octets)
    if name and name not in ("ascii", "us-ascii", "unknown-8bit", "8bit", "default", "x-unknown"):
        try:
            return octets.decode(_OTHER_NAMES.get(name, name), "replace")
        except (LookupError, ValueError):
            pass
    return _guessed(octets)


def _guessed(octets: bytes) -> str:
    """The text of octets whose character set nobody names: UTF-8, or GB 18030 where only that makes sense."""
    read = [octets.decode(name, "replace") for name in ("utf-8", "gb18030")]
    odd = [
        sum(unicodedata.category(sign) in ("Mn", "Cn", "Co") or sign == "\ufffd" for sign in text)
        for text in read
    ]
    return read[1] if odd[1] < odd[0] else read[0]


class _Lines(HTMLParser):
    """The text of HTML with its line breaks; what is quoted is left out."""

    def __init__(self, *, quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._quotes = quotes
        self._skipping: list[str] = []
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKING:
            self.pieces.append("\n")
        if tag == "hr":
            self.pieces.append("\n\n")
        if tag in _VOID:
            return
        named = " ".join(value for name, value in attrs if name in ("class", "id") and value)
        skipped = tag in _SKIPPED_TAGS or _QUOTING.search(named) is not None
        if self._skipping or (skipped and (not self._quotes or tag in ("style", "script", "head", "title"))):
            self._skipping.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipping:
            while self._skipping and self._skipping.pop() != tag:
                pass
        if tag in _BREAKING:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.pieces.append(data)


def lines_of_html(html: str) -> str:
    """What a person reads of HTML, line by line, without the quotation; all of it when nothing else is there."""
    html = _without(_without(html, "style"), "script")[:_LONGEST_HTML]
    for quotes in (False, True):
        parser = _Lines(quotes=quotes)
        try:
            parser.feed(html)
            parser.close()
        except (ValueError, AssertionError, RecursionError):
            parser.pieces.append(re.sub(r"<[^<>]{0,2000}>", " ", html))
        text = re.sub(r"[ \t\xa0]+", " ", "".join(parser.pieces))
        text = re.sub(r"\s*\n\s*", "\n", text).strip()
        if text:
            return text
    return ""


def _without(html: str, tag: str) -> str:
    """HTML without what stands between the tags; a style may be longer than the words."""
    lower, pieces, at = html.lower(), [], 0
    if len(lower) != len(html):
        return html
    while (start := lower.find(f"<{tag}", at)) >= 0 and (end := lower.find(f"</{tag}", start)) >= 0:
        pieces.append(html[at:start])
        at = end
    return "".join([*pieces, html[at:]])


def own_words(text: str) -> str:
    """What a person wrote themselves: above what they quote, or below it where nothing stands above."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if above := _above(text):
        return above
    below = [line for line in text.split("\n") if not line.lstrip().startswith((">", "\uff1e"))]
    left = _AM_UM.sub("", _QUOTED.sub("", "\n".join(below))) if len(below) < text.count("\n") + 1 else ""
    return left.strip()


def _above(text: str) -> str:
    """The words over the first quotation."""
    found = [hit.start() for pattern in _QUOTATIONS if (hit := pattern.search(text[:_LONGEST_PARSED]))]
    line = re.search(r"(?m)^[ \t]*[>\uff1e]", text)
    ends = [*found, *([line.start()] if line else [])]
    above = text[: min(ends)] if ends else text
    if not above.strip():
        return ""
    replies = EmailReplyParser(languages=_LANGUAGES).read(above[:_LONGEST_BY_LIBRARY]).replies
    if len(replies) > 1 and (first := replies[0].content.strip()):
        return str(first)
    return above.strip()
