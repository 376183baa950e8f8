"""What the interface takes and gives, as its OpenAPI description tells it."""

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from forbear.actions.contacts.staff_calls import ENDINGS
from forbear.actions.webhooks.webhook_events import KINDS
from forbear.core.base.identifiers import LONGEST, trimmed
from forbear.core.facts.contact import CHANNELS, PARTIES, PURPOSES

# text that a database can hold: no NUL, nothing unbounded
_PLAIN = r"^[^\x00-\x1f\x7f]*$"


def _without_unseen(value: object) -> object:
    """A name as the feed reads it: without white space of any kind around it."""
    return trimmed(value) if isinstance(value, str) else value


def _day_text(value: object) -> object:
    """A day is a text such as 2026-03-31: of a number nobody can tell which day it is."""
    if not isinstance(value, str) or not _DAY.fullmatch(value.strip()):
        raise PydanticCustomError("date_type", "must be a date such as 2026-03-31")
    return value.strip()


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST, pattern=_PLAIN),
    BeforeValidator(_without_unseen),
]
OptionalId = Annotated[
    str, StringConstraints(max_length=LONGEST, pattern=_PLAIN), BeforeValidator(_without_unseen)
]
Day = Annotated[date, BeforeValidator(_day_text)]
Short = Annotated[str, StringConstraints(max_length=300, pattern=_PLAIN)]
Mark = Annotated[str, StringConstraints(max_length=64, pattern=_PLAIN)]
Text = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
WebhookId = Annotated[int, Field(ge=1, lt=2**63)]
RowId = Annotated[int, Field(ge=1, lt=2**63)]
Minor = Annotated[int, Field(ge=1, le=10**15, strict=True)]


if TYPE_CHECKING:
    Channel: TypeAlias = str
    Purpose: TypeAlias = str
    Party: TypeAlias = str
    Ending: TypeAlias = str
    Kind: TypeAlias = str
else:  # the words themselves stand in core, once
    Channel, Purpose, Party = Literal[CHANNELS], Literal[PURPOSES], Literal[PARTIES]
    Ending, Kind = Literal[ENDINGS], Literal[KINDS]


class Strict(Schema):
    """A body with no fields but those told."""

    model_config = ConfigDict(extra="forbid")


class Failed(Schema):
    """What went wrong: `code` for a program, `message` for a person in the language asked for."""

    code: str
    message: str


class PlannedContactIn(Strict):
    """A contact somebody wants to make. The address must be on file for this borrower."""

    borrower_id: Id
    loans: list[Id] = Field(default_factory=list, max_length=50)
    channel: Channel
    purpose: Purpose
    party: Party = "debtor"
    address: Short = Field("", description="The number or e-mail address in the clear; it is not kept")
    address_kind: Literal["phone", "email", "address", "device", "account"] = "phone"
    automated: bool = False
    ai_voice: bool = False
    ai_disclosed: bool = False
    own_line: bool = Field(False, description="It leaves by a registered line or account of the institution")
    discloses_debt: bool = True
    states_identity: bool = False
    offers_opt_out: bool = False
    visitors: int = Field(0, ge=0, le=20)
    recorded: bool = False
    gives: Mark = Field("", description="The kind of notice given, for the purpose notice; it must be due")
    answers: Mark = Field(
        "", description="What is answered or confirmed, such as reply:17 or request:AB12CD34"
    )
    as_lender: bool = Field(False, description="An agency would speak as if it were the lender itself")
    callers: list[Id] = Field(
        default_factory=list,
        max_length=20,
        description="The staff ids of who makes it; where the rules ask, each needs a valid certificate",
    )


class RefusalOut(Schema):
    """One rule that refused, where it is written, and from when it would not; `message` in the language asked for."""

    rule: str
    clause: str
    force: str
    message: str
    messages: dict[str, str] = Field(description="The same in every language, by its code, to be stored")
    until: datetime | None
    doubt: dict[str, str]


class RefusedOut(Schema):
    """No permit: every rule that refused, and the earliest moment at which none would."""

    contact_id: str
    refusals: list[RefusalOut]
    until: datetime | None
    if_fresh: bool = Field(
        False,
        description="By `until` the figures must have been brought up to date by a night, or it is refused",
    )


class PermitOut(Schema):
    """A permit: make the contact before `expires_at`, say the code, then tell how it ended."""

    contact_id: str
    code: str = Field(description="The code by which the borrower can check who is calling")
    expires_at: datetime
    permit: dict


class CheckIn(Strict):
    """A permit to check."""

    permit: dict


class CheckOut(Schema):
    """Whether a permit is genuine and unchanged, and whether it still opens anything."""

    genuine: bool
    current: bool


class ContactIn(PlannedContactIn):
    """A contact for the outbox: a template with its values, or words of one's own.

    Words that read like what may not be said are refused with `wording_to_confirm`. Sent again with `confirmed`, they
    leave: a person has read them again, and stands by them.
    """

    template: Short = ""
    values: dict[Id, Short] = Field(default_factory=dict, max_length=40)
    subject: Short = ""
    body: Text = ""
    not_before: datetime | None = None
    confirmed: bool = False


class ReasonOut(Schema):
    """Why something was done or didn't happen: a code ("" for none) with its values.

    `sentence` is for a person, in the language asked for.
    """

    code: str
    params: dict[str, Any]
    sentence: str


class ContactOut(Schema):
    """Where a contact stands, and why; `rules` are those that refused it."""

    contact_id: str
    borrower_id: str
    channel: str
    purpose: str
    party: str
    state: str
    outcome: str
    reason: ReasonOut
    rules: list[str]
    code: str
    queued_at: datetime
    at: datetime | None
    ended_at: datetime | None


class OutcomeIn(Strict):
    """How a contact made by hand ended."""

    outcome: Ending
    seconds: int = Field(0, ge=0, le=86_400)


class PaymentIn(Strict):
    """A payment. `amount` is in minor units of the loan's currency."""

    payment_id: Id
    loan_id: Id
    paid_on: Day
    amount: Minor
    reverses: OptionalId = ""


class PaymentOut(Schema):
    """A payment as it was written down."""

    payment_id: str
    loan_id: str
    paid_on: date
    amount: int
    reverses: str
    received_at: datetime


class UnappliedOut(Schema):
    """A payment that fits no loan as it was reported. `why` and `state` are codes."""

    payment_id: str
    loan_id: str
    paid_on: date
    amount: int
    state: str
    why: str
    received_at: datetime


class VerifyOut(Schema):
    """What is known of a code, number or staff id. Nothing about the borrower.

    `genuine` is true only of a code: the lender made that contact or paper, by `channel`, at `at`, to a number that
    ends with `ending`. Compare them with what is before you. A number or staff id (`kind`) is never proof.
    `old`: the contact was more than 90 days ago. `left`: its agency no longer works for the lender.
    """

    genuine: bool
    kind: str = ""
    channel: str = ""
    at: datetime | None = None
    ending: str = ""
    paper: str = ""
    old: bool = False
    left: bool = False
    lender: str = ""
    collector: str = ""
    agency: str = ""
    registration: str = ""
    since: date | None = None
    visit: bool = False
    may: list[str] = Field(default_factory=list)
    may_not: list[str] = Field(default_factory=list)


class WebhookIn(Strict):
    """Where to tell of things."""

    url: Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\s\x00-\x1f]+$")]
    kinds: list[Kind] = Field(min_length=1, max_length=10)


class WebhookOut(Schema):
    """A hook; its secret is shown only when it is made. A suspended one is called again after a replay."""

    id: int
    url: str
    kinds: list[str]
    made_at: datetime
    suspended_at: datetime | None = None
    secret: str = ""


class ReplayIn(Strict):
    """Tell everything again that happened since this moment."""

    since: datetime


class ReplayOut(Schema):
    """How many deliveries will be made again."""

    again: int


class PlacementsQuery(Schema):
    """Which placements: those after an id, up to a number."""

    after: int = Field(0, ge=0, lt=2**63)
    limit: int = Field(100, ge=1, le=1000)


class PlacementOut(Schema):
    """A case with an agency; the name is masked and no number is told. Amounts are whole minor units."""

    id: int
    borrower_id: str
    name: str
    loans: list[str]
    currency: str
    past_due: int
    outstanding: int
    days_past_due: int
    placed_at: datetime
    due_back_on: date | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None


class PlacementsOut(Schema):
    """Placements in their order."""

    placements: list[PlacementOut]


class CallIn(Strict):
    """Whose line rings first: the number of one of the agency's collectors."""

    collector: Id


class ReturnIn(Strict):
    """Why the case is given back."""

    note: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*\S[^\x00]*$")]
