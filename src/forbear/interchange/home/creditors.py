"""The creditors whose loans a home collects, where they are others than the lender itself: `creditors:` in lender.yaml.

A loan without a creditor is the lender's own. Limits, packs, the calendar and the strategy are the home's, for all
creditors alike: a limit that counts by person must not be counted once for each of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from forbear.core.base.identifiers import LONGEST
from forbear.core.base.problem import Phrase, noop
from forbear.core.base.setting import WrongValue, known, setting, settings_class, several
from forbear.core.content.template import LONGEST_VALUE

#: What may be said of who lends, or whose loan it is.
CONTACT = ("phone", "person", "address", "regulator", "bureau", "court")
#: What holds for the whole home, and so can't be another's for one creditor.
OF_THE_HOME = ("packs", "pack", "calendar", "timezone", "strategy")

NAME = noop("must be a text, or {zh: ..., en: ...}")
_CODE = Phrase(
    noop("must be a code of letters, digits, - and _, with at most %(most)s characters"), most=str(LONGEST)
)
_SAME_FOR_ALL = noop(
    "can't have a pack, a calendar, a time zone or a strategy of its own: the lender's hold for all creditors, "
    "because limits of contact count by person"
)
_LONG = Phrase(noop("must be a text of at most %(most)s characters"), most=str(LONGEST_VALUE["text"]))


def in_both(given: object) -> object:
    """(zh, en) of a text in one language or both; one stands for the other."""
    texts = {"zh": given, "en": given} if isinstance(given, str) else given
    if not isinstance(texts, dict):
        return given
    if not set(texts) <= {"zh", "en"} or not all(isinstance(text, str) for text in texts.values()):
        raise WrongValue(NAME)
    zh = texts.get("zh") or texts.get("en") or ""
    return zh, texts.get("en") or zh


def _named(names: tuple[str, str]) -> tuple[str, str]:
    if not all(name.strip() for name in names):
        raise WrongValue(NAME)
    return _short(names)


def _short(texts: tuple[str, str]) -> tuple[str, str]:
    if any(len(text) > LONGEST_VALUE["text"] for text in texts):
        raise WrongValue(_LONG)
    return (texts[0].strip(), texts[1].strip())


def _code(code: str) -> str:
    plain = code.replace("-", "").replace("_", "")
    if not (plain.isalnum() and plain.isascii() and len(code) <= LONGEST):
        raise WrongValue(_CODE)
    return code


def _own_only(given: object) -> object:
    if isinstance(given, dict) and set(given) & set(OF_THE_HOME):
        raise WrongValue(_SAME_FOR_ALL)
    return given


@settings_class
class CreditorFile:
    """One creditor as lender.yaml has it; texts are (zh, en)."""

    name: Annotated[
        tuple[str, str],
        BeforeValidator(in_both),
        AfterValidator(_named),
        several(noop("Creditor's name"), noop("As pages, messages and letters say it"), wanted=NAME),
    ]
    contact: Annotated[
        Mapping[Annotated[str, known(CONTACT)], str],
        several(
            noop("Creditor's contact details"),
            noop("What texts and pages say of the creditor; a telephone that is left out is the lender's"),
            codes="contact_line",
        ),
    ] = field(default_factory=dict)
    pay_in: Annotated[
        tuple[str, str],
        BeforeValidator(in_both),
        AfterValidator(_short),
        several(noop("Pay-in details"), noop("The account to which this creditor is paid"), wanted=NAME),
    ] = ("", "")
    complaints: Annotated[
        tuple[str, str],
        BeforeValidator(in_both),
        AfterValidator(_short),
        several(noop("Complaint line"), noop("Where the creditor takes complaints itself"), wanted=NAME),
    ] = ("", "")


Declared = Annotated[
    CreditorFile, BeforeValidator(_own_only), setting(noop("Creditor"), noop("One creditor"))
]
Code = Annotated[str, AfterValidator(_code)]


@dataclass(frozen=True, slots=True)
class Creditor:
    """Whose loans some loans are, and how it is named and paid. All texts are (zh, en).

    `codes` is empty for the lender itself. Where loans of several creditors stand together they are named together,
    with no account and no line of any one of them. `declared` is False where lender.yaml doesn't know it any more.
    """

    codes: tuple[str, ...]
    names: tuple[str, str]
    contact: tuple[tuple[str, str], ...]
    pay_in: tuple[str, str] = ("", "")
    complaints: tuple[str, str] = ("", "")
    declared: bool = True

    @property
    def is_lender(self) -> bool:
        """Whether the lender of this home is owed the loans itself."""
        return not self.codes

    def name(self, language: str) -> str:
        """As a reader of that language is told it."""
        return self.names[0 if language.startswith("zh") else 1]

    def said(self, texts: tuple[str, str], language: str) -> str:
        """One of its texts in the reader's language."""
        return texts[0 if language.startswith("zh") else 1]


def creditor_from(code: str, file: CreditorFile) -> Creditor:
    """The creditor that a home declares under a code."""
    return Creditor((code,), file.name, tuple(sorted(file.contact.items())), file.pay_in, file.complaints)


def together(creditors: tuple[Creditor, ...]) -> Creditor:
    """Several creditors under one name, where something is about loans of them all."""
    assert len(creditors) > 1, "one creditor is named by itself"
    names = ("、".join(one.names[0] for one in creditors), ", ".join(one.names[1] for one in creditors))
    codes = tuple(code for one in creditors for code in one.codes or ("",))
    return Creditor(codes, names, (), declared=all(one.declared for one in creditors))
