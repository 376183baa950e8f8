"""What a borrower asks for, and by when a person answers.

The clocks are a lender's own promise within the law. Where a rule gives a time it is the default: an objection to a
credit record 20 days (征信业管理条例 art. 25), a complaint 15 days (银行保险机构消费投诉处理管理办法 art. 18).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.calendar import is_business_day
from forbear.core.base.problem import Problem
from forbear.core.facts.phone import read_phone

STATES = ("open", "answered", "withdrawn")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request.

    `days` is the clock, in business days where `business`. `hold` is placed at once ("" for none). What may be
    answered, and what an answer does, is in `core.agreements.answers`.
    """

    days: int
    business: bool = False
    hold: str = ""


KINDS: dict[str, Kind] = {
    "hardship": Kind(5, True, "hardship"),
    "dispute": Kind(15, False, "dispute"),
    "complaint": Kind(15, False, "complaint"),
    "plan": Kind(3, True),
    "extension": Kind(3, True),
    "written_notice": Kind(5, False, "verification"),
    "credit_objection": Kind(20),
    "data_copy": Kind(15, True),
    "correction": Kind(15, True),
    "wrong_person": Kind(5, True, "dispute"),
    "report_caller": Kind(3, True),
    "lawyer": Kind(3, True, "lawyer"),
    "payment_check": Kind(2, True, "dispute"),
    "other": Kind(5, True),
}


def due_on(kind: str, opened_on: date, calendar: str, clocks: Mapping[str, int] | None = None) -> date:
    """The last day of the clock; the day it was asked doesn't count. `clocks` are a lender's own days by kind."""
    one = KINDS[kind]
    left = (clocks or {}).get(kind, one.days)
    if not one.business:
        return opened_on + timedelta(days=left)
    day = opened_on
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, calendar)
    return day


#: Who may act for a borrower, and the hold that naming them places ("" for none): a lawyer is contacted instead of
#: the borrower (cn.lawyer, us.lawyer, uk.lawyer), a debt counsellor's work on a plan suspends collection (CONC 7.3.11),
#: and a helper may be spoken with besides.
ROLES = {"lawyer": "lawyer", "counsellor": "counsellor", "helper": ""}
#: What a form asks for besides the borrower's own words, by the kind of request.
FIELDS: dict[str, tuple[str, ...]] = {
    "hardship": ("reason",),
    "dispute": ("reason",),
    "lawyer": ("role", "name", "phone", "email"),
    "correction": ("name", "phone", "email", "address"),
}
_LONGEST = {"role": 16, "reason": 24, "name": 100, "phone": 32, "email": 200, "address": 300}


def read_fields(kind: str, form: Mapping[str, str], country: str = "") -> dict[str, str] | Problem:
    """What a form says in its fields, only those filled in; Problem names the one that can't be right.

    `country` is where a telephone number without a country code is of.
    """
    texts = {name: form.get(name, "").strip()[: _LONGEST[name]] for name in FIELDS.get(kind, ())}
    texts = {name: text for name, text in texts.items() if text}
    if texts.get("phone") and isinstance(read_phone(texts["phone"], country), Problem):
        return Problem(
            "phone_invalid",
            "Write the phone number in digits, such as 13800000000 or +8613800000000.",
        )
    if texts.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", texts["email"]):
        return Problem("email_invalid", "The e-mail address looks wrong; name@example.com is right.")
    if kind == "lawyer":
        if texts.get("role") not in ROLES:
            return Problem("role_of_helper_missing", "Choose who it is.")
        if not texts.get("name") or not (texts.get("phone") or texts.get("email")):
            return Problem(
                "name_of_helper_missing", "Give their name, and a phone number or an e-mail address."
            )
    return texts


def hold_of(kind: str, data: Mapping[str, object]) -> str:
    """The hold a request places at once; "" for none."""
    return ROLES.get(str(data.get("role")), KINDS[kind].hold) if kind == "lawyer" else KINDS[kind].hold
