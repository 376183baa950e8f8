"""Templates: the approved texts of messages, letters and scripts, by language and purpose.

    templates: consumer-cn
    title: {zh: 个人消费贷款, en: Consumer loans}
    entries:
      - template: overdue_reminder
        channels: [sms, push]
        purpose: remind
        sender: system                    # whose text it is; legal texts may name steps at court
        subject: {zh: 还款提醒, en: A reminder}
        texts:
          zh: 【{lender}】您有 {amount} 已逾期 {days} 天。
          en: "{lender}: {amount} is {days} days late."

One name may have several entries for different channels. A placeholder stands in braces and must be one of
PLACEHOLDERS. A file with mistakes is refused with all of them at once.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import yaml

from forbear.core.base.canonical import canonical
from forbear.core.base.money import format_amount, is_currency
from forbear.core.base.problem import Problem, noop, with_hint
from forbear.core.content.rules import Requirement
from forbear.core.content.template_parts import PARTS, parts_of
from forbear.core.facts.contact import CHANNELS, PURPOSES
from forbear.core.files.reader import LANGUAGES, ContentError, Reader
from forbear.core.files.sheet import Entries, Sheet
from forbear.core.strategy.model import HANDLERS

__all__ = [
    "PARTS",
    "PLACEHOLDERS",
    "Missing",
    "Money",
    "Rendered",
    "Template",
    "Templates",
    "day_text",
    "missing_parts",
    "money_text",
    "parse_templates",
    "render",
]

#: What a text may ask for: (kind, meaning). Kinds: money, date, number, text (one line), lines (several).
PLACEHOLDERS: dict[str, tuple[str, str]] = {
    "name": ("text", "how the borrower is addressed"),
    "lender": ("text", "the name of the lender, or of another creditor whose loan it is"),
    "writer": ("text", "who writes or calls, and for which creditor where that isn't the lender itself"),
    "collector": ("text", "who writes or calls for the lender: its own team or an agency"),
    "agent": ("text", "the person's name or number at work"),
    "code": ("text", "the code that proves who is calling"),
    "check": ("text", "the address of the page on which a code is checked"),
    "opt_out": ("text", "how to stop such messages"),
    "link": ("text", "an address of the lender's own pages"),
    "phone": ("text", "a number to call back"),
    "address": ("text", "the sender's postal address"),
    "loan": ("text", "the last signs of the loan's number"),
    "reference": ("text", "the number of a case, complaint, request or letter"),
    "amount": ("money", "the amount past due"),
    "outstanding": ("money", "what settles the loans today, without charges that aren't due"),
    "instalment": ("money", "one instalment of a plan"),
    "paid": ("money", "what was paid or promised"),
    "covered": ("text", "which instalments a payment paid, and whether in full"),
    "offer": ("money", "the amount that settles the debt"),
    "principal": ("money", "principal past due"),
    "interest": ("money", "interest past due"),
    "fees": ("money", "fees and penalties past due"),
    "due_on": ("date", "the day a payment was or is due"),
    "paid_on": ("date", "the day of a payment"),
    "until": ("date", "the last day of an offer, a period or an answer"),
    "on": ("date", "the day something happens"),
    "as_of": ("date", "the day for which amounts are stated"),
    "time": ("text", "a time of day"),
    "days": ("number", "days past due, or days until an answer"),
    "count": ("number", "how many instalments"),
    "plan": ("lines", "the instalments of a plan, one a line"),
    "account": ("lines", "the account line by line in the country's form; tables in a letter"),
    "standing": ("text", "who writes and in which right: the creditor itself, or an agency for it"),
    "agency": ("text", "the name of an outside agency"),
    "creditor": ("text", "the original creditor"),
    "seller": ("text", "from whom the debt was bought"),
    "pay_in": ("text", "the account to which a creditor that isn't the lender is paid"),
    "complaints": ("text", "where a creditor that isn't the lender takes complaints"),
    "owner": ("text", "who owns the debt now"),
    "owner_contact": ("text", "how to reach who owns the debt now"),
    "regulator": ("text", "where complaints about the lender go"),
    "ombudsman": ("text", "who looks at a complaint after the lender"),
    "bureau": ("text", "the credit register"),
    "court": ("text", "a court"),
}
LONGEST_VALUE = {"text": 200, "lines": 4000}

_ENTRY = ("template", "channels", "purpose", "sender", "subject", "encloses", "texts")
#: The papers of others that a letter may enclose: the FCA's information sheets (CCA 1974 s. 86A).
ENCLOSURES = ("arrears_sheet", "default_sheet")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_BRACES = re.compile(r"[{}]")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount to be written: minor units of a currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        assert is_currency(self.currency), self.currency


@dataclass(frozen=True, slots=True)
class Template:
    """One approved text. `texts` and `subjects` are by language; `version` is the first 12 hex digits of the
    SHA-256 of the entry's canonical JSON, so that it changes with every word and with nothing else. `encloses` is the
    paper that its letter has behind it, "" for none."""

    name: str
    version: str
    channels: tuple[str, ...]
    purpose: str
    sender: str
    texts: Mapping[str, str] = field(hash=False)
    subjects: Mapping[str, str] = field(hash=False)
    place: str = field(default="", compare=False)
    encloses: str = ""

    def placeholders(self, language: str) -> frozenset[str]:
        """The placeholders of the text and its subject in a language."""
        written = self.subjects.get(language, "") + self.texts.get(language, "")
        return frozenset(_PLACEHOLDER.findall(written))

    def parts(self, language: str) -> frozenset[str]:
        """Which of PARTS the text carries in a language."""
        return parts_of(self.subjects.get(language, "") + "\n" + self.texts.get(language, ""))


@dataclass(frozen=True, slots=True)
class Templates:
    """A file of templates. `version` is the first 12 hex digits of the SHA-256 of its text."""

    name: str
    title: Mapping[str, str] = field(hash=False)
    entries: tuple[Template, ...]
    version: str
    origin: str = field(default="", compare=False)

    def find(self, name: str, channel: str) -> Template | None:
        """The template of that name for a channel, or None."""
        return next(
            (entry for entry in self.entries if entry.name == name and channel in entry.channels), None
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready to be sent, with the template it is made of as `name@version`."""

    template: str
    language: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that a requirement asks for and a text lacks."""

    template: str
    channel: str
    language: str
    part: str
    clause: str


def render(template: Template, language: str, values: Mapping[str, object]) -> Rendered | Problem:
    """The text with its values written as the language writes them, or what keeps it from being written.

    Values: Money, date, int, or str, as PLACEHOLDERS says. A value is never read as a text with placeholders,
    and control signs in one are refused. Known values that the text doesn't ask for are left aside.
    """
    if language not in template.texts:
        return Problem(
            "template_language_missing",
            "template `%(template)s` has no text in `%(language)s`",
            template=template.name,
            language=language,
        )
    for name in values:
        if name not in PLACEHOLDERS:
            return Problem("placeholder_invalid", "`%(name)s` is no placeholder", name=name)
    written: dict[str, str] = {}
    for name in sorted(template.placeholders(language)):
        if name not in values:
            return Problem(
                "template_value_missing",
                "template `%(template)s` needs a value for {%(name)s}",
                template=template.name,
                name=name,
            )
        shown = _shown(name, values[name], language)
        if isinstance(shown, Problem):
            return shown
        written[name] = shown
    subject, body = (
        _PLACEHOLDER.sub(lambda match: written[match.group(1)], text)
        for text in (template.subjects.get(language, ""), template.texts[language])
    )
    return Rendered(f"{template.name}@{template.version}", language, subject, body)


def missing_parts(template: Template, requirements: Iterable[Requirement]) -> tuple[Missing, ...]:
    """The parts a template must carry and doesn't, by channel and language."""
    return tuple(
        Missing(template.name, channel, language, part, requirement.clause)
        for requirement in requirements
        for channel in template.channels
        if requirement.concerns(channel, template.purpose, template.sender)
        for language in template.texts
        for part in requirement.parts
        if part not in template.parts(language)
    )


def _shown(name: str, value: object, language: str) -> str | Problem:
    """A value as the language writes it."""
    kind = PLACEHOLDERS[name][0]
    if kind == "money" and isinstance(value, Money):
        return money_text(value, language)
    if kind == "date" and isinstance(value, date):
        return day_text(value, language)
    if kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if kind in LONGEST_VALUE and isinstance(value, str):
        return _plain(name, value, kind)
    return Problem(
        "template_value_kind_invalid", "the value of {%(name)s} must be a %(kind)s", name=name, kind=kind
    )


def day_text(day: date, language: str) -> str:
    """2026年3月10日 or 10 March 2026."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def money_text(value: Money, language: str) -> str:
    """1,234.50 元 or CNY 1,234.50; in Chinese only yuan have a word, other currencies their code."""
    whole, point, fraction = format_amount(abs(value.minor), value.currency).partition(".")
    digits = f"{'-' if value.minor < 0 else ''}{int(whole):,}{point}{fraction}"
    if language == "zh" and value.currency == "CNY":
        return f"{digits} 元"
    return f"{value.currency} {digits}"


def _plain(name: str, value: str, kind: str) -> str | Problem:
    if not value.strip():
        return Problem("template_value_empty", "the value of {%(name)s} is empty", name=name)
    if len(value) > LONGEST_VALUE[kind]:
        return Problem(
            "template_value_too_long",
            "the value of {%(name)s} is longer than %(most)s characters",
            name=name,
            most=LONGEST_VALUE[kind],
        )
    allowed = "\n" if kind == "lines" else ""
    for sign in value:
        if sign not in allowed and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            return Problem(
                "template_value_sign_invalid",
                "the value of {%(name)s} has a sign that can't be shown (U+%(codepoint)s)",
                name=name,
                codepoint=f"{ord(sign):04X}",
            )
    return value.strip()


def parse_templates(text: str, origin: str) -> Templates:
    """Read a file of templates; ``origin`` is how it is called in messages.

    Raises ContentError with every mistake in the file, and nothing else for any text.
    """
    sheet = Sheet(origin, text)
    root = sheet.compose()
    templates = None if root is None else _Templates(sheet).templates(root, text)
    if sheet.problems:
        raise ContentError(sheet.ordered_problems())
    assert templates is not None, "a sheet without problems is a file of templates"
    return templates


class _Templates(Reader):
    """Reads one file of templates."""

    def templates(self, root: yaml.Node, text: str) -> Templates | None:
        entries = self.sheet.entries(
            root, "a file of templates", ("templates", "title", "entries"), ("templates", "entries")
        )
        if entries is None:
            return None
        name = self.name(entries, "templates")
        title = self.both(entries, "title") or {"zh": name or "", "en": name or ""}
        templates = self.read_entries(entries)
        if name is None:
            return None
        version = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return Templates(name, title, tuple(templates), version, self.sheet.origin)

    def read_entries(self, entries: Entries) -> list[Template]:
        if "entries" not in entries:
            return []
        templates: list[Template] = []
        taken: dict[tuple[str, str], int] = {}
        for node in self.sheet.items(entries["entries"][1], "`entries`"):
            parts = self.sheet.entries(
                node, noop("a template"), _ENTRY, ("template", "channels", "purpose", "texts")
            )
            template = None if parts is None else self.template(node, parts)
            if template is None or parts is None:
                continue
            for channel in template.channels:
                line = taken.setdefault(
                    (template.name, channel), self.sheet.line_column(node.start_mark.index)[0]
                )
                if line != self.sheet.line_column(node.start_mark.index)[0]:
                    repeated = Problem(
                        "template_repeated",
                        "`%(template)s` for %(channel)s is already on line %(line)s",
                        template=template.name,
                        channel=channel,
                        line=line,
                    )
                    self.sheet.say(parts["template"][1], repeated)
            templates.append(template)
        return templates

    def template(self, node: yaml.Node, parts: Entries) -> Template | None:
        name = self.name(parts, "template")
        channels = self.some_of(parts, "channels", CHANNELS)
        purpose = self.one_of(parts, "purpose", PURPOSES)
        sender = self.one_of(parts, "sender", HANDLERS) or "system"
        texts, subjects = self.by_language(parts, "texts"), self.by_language(parts, "subject")
        if name is None or purpose is None or not channels or not texts:
            return None
        for language in subjects.keys() - texts.keys():
            lone = Problem(
                "subject_without_text", "there is a subject in `%(language)s` and no text", language=language
            )
            self.sheet.say(parts["subject"][1], lone)
        if subjects and (missing := texts.keys() - subjects.keys()):
            lacking = Problem(
                "subject_language_missing", "the subject has no `%(language)s:`", language=min(missing)
            )
            self.sheet.say(parts["subject"][1], lacking)
        if {"email", "letter"} & set(channels) and not subjects:
            needed = Problem(
                "subject_missing",
                "`%(template)s` needs a `subject:` for an e-mail or a letter",
                template=name,
            )
            self.sheet.say(parts["template"][1], needed)
        entry: dict[str, str | list[str] | dict[str, str]] = {
            "template": name,
            "channels": list(channels),
            "purpose": purpose,
            "sender": sender,
            "texts": texts,
            "subject": subjects,
        }
        if encloses := self.one_of(parts, "encloses", ENCLOSURES) or "":
            entry["encloses"] = encloses
        version = hashlib.sha256(canonical(entry)).hexdigest()[:12]
        return Template(
            name, version, channels, purpose, sender, texts, subjects, self.sheet.place(node), encloses
        )

    def by_language(self, parts: Entries, key: str) -> dict[str, str]:
        """The texts under a key, by language, their placeholders looked at."""
        if key not in parts:
            return {}
        given = self.sheet.entries(parts[key][1], f"`{key}`", LANGUAGES) or {}
        texts = {}
        for language, (_, node) in given.items():
            text = self.sheet.scalar(node, f"`{language}`")
            if text is not None:
                self.look_at(node, text)
                texts[language] = text.strip()
        return texts

    def look_at(self, node: yaml.Node, text: str) -> None:
        """Note unknown placeholders, and braces that are none."""
        place = self.sheet.locator(node)
        covered: set[int] = set()
        for match in _PLACEHOLDER.finditer(text):
            covered.update((match.start(), match.end() - 1))
            if match.group(1) not in PLACEHOLDERS:
                unknown = Problem(
                    "placeholder_unknown", "unknown placeholder %(placeholder)s", placeholder=match.group()
                )
                what = with_hint(unknown, self._hint(match.group(1), tuple(PLACEHOLDERS)))
                self.sheet.problems.append((*place(match.start()), what))
        for brace in _BRACES.finditer(text):
            if brace.start() not in covered:
                what = Problem(
                    "brace_not_placeholder", "a brace that is no placeholder; write {name} in small letters"
                )
                self.sheet.problems.append((*place(brace.start()), what))
