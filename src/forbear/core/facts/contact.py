"""A contact: one reach towards a person, wished for, permitted, made, and remembered.

A `PlannedContact` is what somebody wants to do. It names everything a rule may ask about the contact itself; what is
true of the borrower is in `forbear.core.facts.context`. A `PastContact` is what rules count. Contact points are
named by a digest of their address, so that rules and evidence never hold a number in the clear.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from forbear.core.base.keyed import Keys, keyed_digest
from forbear.core.facts.phone import PhoneNumber, read_phone

#: The ways a treatment can reach a borrower, or hand the case on: to an agency, a court, a credit bureau.
CHANNELS = ("sms", "email", "voice", "call", "letter", "push", "visit", "agency", "court", "bureau")

#: Why a person is contacted. `collect` asks for money; `remind` tells of an amount before or on its due date;
#: `notice` is one the law requires; `answer` replies to what the borrower asked; `confirm` confirms a stop or a
#: payment; `locate` and `relay` are what may be said to an unrelated third person; `survey` asks how it was;
#: `sue` opens a step at court and `report` one at a credit bureau; `place` hands the case to an agency.
PURPOSES = (
    "remind",
    "collect",
    "notice",
    "answer",
    "confirm",
    "locate",
    "relay",
    "survey",
    "place",
    "sue",
    "report",
)

#: Who is contacted. `helper` is one the borrower named to speak for them, `executor` one who does so for the
#: dead; `related` shares the debt (债务相关第三人), `unrelated` doesn't (债务无关第三人).
PARTIES = ("debtor", "guarantor", "lawyer", "helper", "executor", "related", "unrelated", "employer")
THIRD_PARTIES = ("related", "unrelated", "employer")

#: What became of a contact. `pending` has a permit and no end yet: rules count it as whatever is strictest.
#: `connected` was answered by somebody, `conversation` by the person meant (right party), `unanswered` rang
#: out or was not taken, `voicemail` reached a machine and said nothing, `limited_message` left no more there than
#: 12 CFR 1006.2(j) names: an attempt, no communication (see `core.content.limited_message`). `invalid` found no such
#: number or address, `delivered` and `undelivered` are messages, `not_sent` never left.
OUTCOMES = (
    "pending",
    "connected",
    "conversation",
    "unanswered",
    "voicemail",
    "limited_message",
    "invalid",
    "delivered",
    "undelivered",
    "not_sent",
)

#: Channels by which somebody speaks with somebody.
VOICE = ("call", "voice")
MESSAGES = ("sms", "email", "push", "letter")
assert set(VOICE) | set(MESSAGES) < set(CHANNELS)


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A contact or step somebody wants to make now.

    `loans` are the loan_ids it is about. `point` is the digest of the number or address (see `point_digest`),
    empty for a step that reaches nobody. `agency` is the code of the outside agency that asks, empty for the
    lender's own team. The flags say how it would be done; each one's default is the answer that allows least.
    `gives` is the kind of notice a contact with that purpose gives; `answers` names what an answer or a
    confirmation is about. Both are looked up: an empty one proves nothing. `as_lender`: an agency that would
    speak as if it were the lender itself. `callers` are the staff ids of the people who make it: whether they hold a
    certificate is looked up.
    """

    channel: str
    purpose: str
    party: str = "debtor"
    point: str = ""
    loans: tuple[str, ...] = ()
    agency: str = ""
    template: str = ""
    automated: bool = True
    ai_voice: bool = False
    ai_disclosed: bool = False
    own_line: bool = False
    at_workplace: bool = False
    discloses_debt: bool = True
    states_identity: bool = False
    offers_opt_out: bool = False
    visitors: int = 0
    recorded: bool = False
    gives: str = ""
    answers: str = ""
    as_lender: bool = False
    callers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert self.channel in CHANNELS, self.channel
        assert self.purpose in PURPOSES, self.purpose
        assert self.party in PARTIES, self.party


@dataclass(frozen=True, slots=True)
class PastContact:
    """A contact made earlier, as rules count it. `at` is aware; `agency` is empty for the lender's own.

    `consented`: the person had asked for or agreed to this very contact. `other`: it was about another
    borrower, but went to the same number. `answers` and `gives` are as in its plan.
    """

    at: datetime
    channel: str
    purpose: str
    party: str
    outcome: str
    point: str = ""
    loans: tuple[str, ...] = ()
    agency: str = ""
    consented: bool = False
    other: bool = False
    answers: str = ""
    gives: str = ""

    def __post_init__(self) -> None:
        assert self.at.tzinfo is not None, "a moment has a time zone"
        assert self.outcome in OUTCOMES, self.outcome


def normal_point(kind: str, value: str, country: str = "") -> str:
    """One spelling for one address: E.164 for a phone, lower case for an e-mail.

    `kind` is phone, email, address, device or account. `country` is where a number without a country code was written.
    A sender that is no telephone number, such as a short code, keeps its digits. Full-width digits become plain ones.
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if kind == "phone":
        number = read_phone(text, country)
        if isinstance(number, PhoneNumber):
            return number.e164
        plus = "+" if text.startswith("+") else ""
        return plus + "".join(filter(str.isdigit, text))
    if kind == "email":
        return text.casefold()
    return " ".join(text.split())


def point_digest(kind: str, value: str, keys: Keys, country: str = "") -> str:
    """The name of an address in rules, permits and evidence: 32 hex digits that only the holder of the keys can make.

    Keyed, because eleven digits of a phone number are guessed in seconds from a plain hash.
    """
    return keyed_digest(f"{kind}:{normal_point(kind, value, country)}", keys, 16)
