"""The permit gate: may this contact be made now?

Asked in a transaction that holds the borrower's row, and the number where a rule counts by number. The answer is
a signed permit, used in the same breath (the contact's state says that it is about to leave), or a decision that
lists every rule that refused. Either way the evidence log has it. Anything that goes wrong on the way is no permit.
"""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.db.models import Model

from forbear.core.base.problem import Refusal
from forbear.core.base.reason import refused_by
from forbear.core.facts.contact import PlannedContact
from forbear.core.facts.context import ContactContext
from forbear.core.facts.purpose import NOTICE_OF
from forbear.core.permits.attempts import attempts_today
from forbear.core.permits.decision import Decision, decide
from forbear.core.permits.permit import LIFETIME, Permit, digest, moment_text, sign
from forbear.core.permits.rules import Rulebook
from forbear.interchange.home.keys import key_id, signing_key
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.strategies import strategy as the_strategy
from forbear.interchange.home.texts import templates
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.certificates import asks_certificates
from forbear.store.models import Borrower, Contact, RefusedRule
from forbear.store.models import Permit as PermitRow
from forbear.store.situation import lock_borrower, lock_number, read_contact_context

#: As many further attempts of a day are looked for; a page says "or more" then.
ATTEMPTS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class PermitResult:
    """What the permit gate says: a permit and no refusals, or refusals and no permit."""

    permit: Permit | None
    decision: Decision | None

    def __post_init__(self) -> None:
        assert self.permit is None or (self.decision is not None and self.decision.permitted)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The rules that refuse, in the order of the decision."""
        assert self.decision is not None, "a refusal has its decision"
        return self.decision.refusals


def evaluate(
    borrower: Borrower, planned: PlannedContact, now: datetime, *, exclude_id: str = ""
) -> tuple[Decision, int | None]:
    """What the rules say of a wish on the newest facts, and the row of its number; nothing is written.

    The caller holds the borrower.
    """
    planned, situation, point = _asked(borrower, planned, now, exclude_id)
    return decide(rulebook(settings.HOME), planned, situation, now), point


def _asked(
    borrower: Borrower, planned: PlannedContact, now: datetime, exclude_id: str = ""
) -> tuple[PlannedContact, ContactContext, int | None]:
    """The wish as it is proved, everything the rules may ask about it, and the row of its number."""
    book = rulebook(settings.HOME)
    planned = proved(planned)
    situation, point = read_contact_context(
        borrower,
        planned,
        now,
        window_days=book.longest_window,
        by_number=counts_numbers(book),
        certificates=asks_certificates(book),
        exclude_id=exclude_id,
    )
    return planned, situation, point


def proved(planned: PlannedContact) -> PlannedContact:
    """The plan, with the notice it gives taken from its approved text and not from who asks.

    A text that is no notice gives none. Without a text the kind that is named stands, and the rules ask whether it
    is due.
    """
    if planned.purpose != "notice" or not planned.template:
        return planned
    text = templates(settings.HOME).find(planned.template, planned.channel)
    notice = text is not None and text.purpose == "notice"
    return replace(planned, gives=NOTICE_OF.get(planned.template, planned.template) if notice else "")


def pause_withholds_reports(now: datetime) -> bool:
    """Whether a rule in force keeps a loan whose payments rest by agreement out of reports to credit bureaus."""
    report = PlannedContact("bureau", "report")
    return any(
        "pause_granted" in bound.rule.facts
        and bound.rule.concerns(report)
        and bound.rule.in_force(business_date(now))
        for bound in rulebook(settings.HOME).bound
    )


def counts_numbers(book: Rulebook) -> bool:
    """Whether some rule counts contacts to one number over all borrowers."""
    return any(bound.rule.count is not None and bound.rule.count.by == "number" for bound in book.bound)


def preview(borrower_id: str, wishes: list[PlannedContact], now: datetime) -> list[Decision]:
    """What the permit gate would say now to each of several wishes; takes no permit and leaves no evidence."""
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        assert borrower is not None, "a page is about a borrower who is there"
        return [evaluate(borrower, planned, now)[0] for planned in wishes]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the permit gate would say now, and the moments today at which the contact may still be made.

    `today` has at most ATTEMPTS_SHOWN moments: the first is now when the decision permits.
    """

    decision: Decision
    today: tuple[datetime, ...]


def allowances(borrower_id: str, wishes: list[PlannedContact], now: datetime) -> list[Allowance]:
    """What the permit gate would say now to each wish, and how often still today; takes no permit."""
    book, found = rulebook(settings.HOME), []
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        assert borrower is not None, "a page is about a borrower who is there"
        for wish in wishes:
            planned, situation, _ = _asked(borrower, wish, now)
            decision = decide(book, planned, situation, now)
            waits = decision.permitted or decision.until is not None
            left = attempts_today(book, planned, situation, now, ATTEMPTS_SHOWN) if waits else ()
            found.append(Allowance(decision, left))
    return found


def give_permit(
    borrower: Borrower,
    contact: Contact,
    planned: PlannedContact,
    content: str,
    now: datetime,
    *,
    actor: str,
    lifetime: timedelta = LIFETIME,
    new: bool = False,
) -> PermitResult:
    """Decide on a contact and write the answer down; the caller holds the borrower and is in a transaction.

    `content` is the digest of the message (empty for a talk). With a permit the contact is marked as about to
    leave at `now`; without one the caller says what becomes of it. A `new` contact, made by hand, is written
    here, once: as made, or as refused.
    """
    if counts_numbers(rulebook(settings.HOME)):
        lock_number(planned.point)
    decision, point = evaluate(borrower, planned, now, exclude_id=contact.contact_id)
    contact.arms = contact.arms or _arms_of(borrower, now)
    # evidence has no floats: a probability is written as it stands
    arms = {"arms": json.loads(f"[{contact.arms}]", parse_float=str)} if contact.arms else {}
    rows = list(decision.rows.values())
    new_rows: list[Model] = _new_rows(contact, point, decision, now) if new else []
    if not decision.permitted:
        evidence.append(
            "refusal",
            at=now,
            actor=actor,
            borrower=borrower.borrower_id,
            body={
                "contact": contact.contact_id,
                "channel": planned.channel,
                "purpose": planned.purpose,
                "party": planned.party,
                "agency": planned.agency,
                "packs": list(decision.packs),
                "facts": digest(rows),
                "refused_by": [{"rule": r.rule, "clause": r.clause} for r in decision.refusals],
                "until": moment_text(decision.until) if decision.until else "",
                **arms,
            },
            new_rows=new_rows,
        )
        return PermitResult(None, decision)
    key = signing_key(settings.HOME)
    permit = _signed(borrower, contact, planned, content, decision, now, lifetime, key)
    permit_fields = permit.as_dict()
    given = PermitRow(
        permit_id=permit.permit_id,
        contact=contact,
        body=permit_fields,
        facts=[row | {"zone": zone} for zone, row in decision.rows.items()],
        issued_at=now,
        expires_at=now + lifetime,
        used_at=now,
    )
    contact.at = now
    evidence.append(
        "permit",
        at=now,
        actor=actor,
        borrower=borrower.borrower_id,
        body={"permit": permit_fields, **arms},
        new_rows=[*new_rows, given],
    )
    return PermitResult(permit, decision)


def _arms_of(borrower: Borrower, now: datetime) -> str:
    """The arms that count in the borrower's open case, for a contact that no night planned."""
    strategy = the_strategy(settings.HOME, business_date(now))
    if strategy.holdout is None and not strategy.experiments:
        return ""
    return borrower.cases.filter(closed_on=None).values_list("arms", flat=True).first() or ""


def _new_rows(contact: Contact, point: int | None, decision: Decision, now: datetime) -> list[Model]:
    """A contact made by hand, as made or as refused, with the rows of the rules that refused it."""
    contact.point_id = point
    if decision.permitted:
        return [contact]
    contact.state, contact.outcome, contact.at, contact.ended_at = "refused", "not_sent", None, now
    contact.reason = refused_by(decision.refusals)
    return [contact, *rules_of(contact)]


def rules_of(contact: Contact) -> list[RefusedRule]:
    """The rows by which a refused contact is counted and found: one for each rule of its reason."""
    assert (contact.state, contact.reason_code) == ("refused", "rules"), "rules refused it for good"
    return [RefusedRule(contact=contact, rule=rule) for rule in contact.reason_params["rules"]]


def _signed(
    borrower: Borrower,
    contact: Contact,
    planned: PlannedContact,
    content: str,
    decision: Decision,
    now: datetime,
    lifetime: timedelta,
    key: Ed25519PrivateKey,
) -> Permit:
    return sign(
        Permit(
            permit_id=str(uuid.uuid4()),
            contact_id=contact.contact_id,
            borrower_id=borrower.borrower_id,
            channel=planned.channel,
            purpose=planned.purpose,
            party=planned.party,
            point=planned.point,
            content=content,
            agency=planned.agency,
            packs=decision.packs,
            facts=digest(list(decision.rows.values())),
            issued_at=moment_text(now),
            expires_at=moment_text(now + lifetime),
            key_id=key_id(key.public_key()),
        ),
        key,
    )
