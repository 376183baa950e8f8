"""Permits and contacts by program: an agency asks the same door as the lender's own staff."""

from datetime import datetime

from django.conf import settings
from ninja import Router, Status

from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.actions.contacts.staff_calls import end_contact, make_contact
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.facts.contact import PlannedContact
from forbear.core.permits.decision import Decision
from forbear.core.permits.permit import genuine, holds, read_permit
from forbear.interchange.home.keys import public_keys
from forbear.store.access import borrower_for, contact_for, loans_for
from forbear.store.models import ApiKey, Contact
from forbear.store.problem_text import sentence_in
from forbear.store.situation import WISH_FLAGS
from forbear.web.api.answers import FAILURES, failed, once
from forbear.web.api.keys import Scoped
from forbear.web.api.language import in_chinese, said_in
from forbear.web.api.schemas import (
    CheckIn,
    CheckOut,
    ContactIn,
    ContactOut,
    Failed,
    OutcomeIn,
    PermitOut,
    PlannedContactIn,
    ReasonOut,
    RefusalOut,
    RefusedOut,
)
from forbear.web.reasons import sentence
from forbear.web.request import KeyRequest

router = Router(tags=["contacts"])


def _not_with_you(asked: PlannedContactIn, key: ApiKey) -> Problem | None:
    """Why the key may not ask for this borrower, or about these loans: an agency has some of them, or none."""
    if borrower_for(key, asked.borrower_id) is None:
        return _nobody(asked.borrower_id)
    if key.agency_id and not set(asked.loans) <= set(_loans(asked, key)):
        return Problem("loan_not_with_you", "one of these loans is not with you")
    return None


def _loans(asked: PlannedContactIn, key: ApiKey) -> tuple[str, ...]:
    """The loans that the key may speak of; the lender's speaks of all it names."""
    if not key.agency_id:
        return tuple(asked.loans)
    placed = loans_for(key).filter(borrower_id=asked.borrower_id).order_by("pk").values_list("pk", flat=True)
    return tuple(loan for loan in placed if not asked.loans or loan in asked.loans)


def _wish(asked: PlannedContactIn, key: ApiKey) -> PlannedContact:
    """The wish of a request; who asks comes from the key, never from the body."""
    return PlannedContact(
        asked.channel,
        asked.purpose,
        asked.party,
        digest_of(asked.address_kind, asked.address) if asked.address else "",
        _loans(asked, key),
        key.agency_id or "",
        **{name: getattr(asked, name) for name in WISH_FLAGS if name not in ("at_workplace", "callers")},
        callers=tuple(asked.callers),
    )


#: Problems that say that something isn't there; others that it can't be so.
_MISSING = ("no_such_borrower", "no_such_agency", "no_such_contact_id", "address_not_on_file")
_NO_CONTACT = Problem("no_such_contact", "there is no such contact")
_EMPTY = Problem("body_or_template_missing", "body: give a template or a body")


def _no_contact_of(contact_id: str) -> Problem:
    return Problem("no_such_contact_id", "there is no contact %(contact_id)s", contact_id=contact_id)


def _nobody(borrower_id: str) -> Problem:
    return Problem(
        "no_such_borrower", "there is no borrower %(borrower_id)s with a case", borrower_id=borrower_id
    )


def _refused(request: KeyRequest, contact_id: str, decision: Decision) -> RefusedOut:
    refusals = [
        RefusalOut(
            rule=each.rule,
            clause=each.clause,
            force=each.force,
            message=said_in(request, each.message),
            messages={
                code.partition("-")[0]: sentence_in(code, each.message) for code, _ in settings.LANGUAGES
            },
            until=each.until,
            doubt=dict(each.doubt),
        )
        for each in decision.refusals
    ]
    return RefusedOut(
        contact_id=contact_id, refusals=refusals, until=decision.until, if_fresh=decision.if_fresh
    )


@router.post("/permits", auth=Scoped("permits:ask"), response=FAILURES | {201: PermitOut, 403: RefusedOut})
def request_permit(request: KeyRequest, asked: PlannedContactIn) -> Status:
    """Ask for a permit to make a contact by hand now: 201 with the permit, or 403 with every rule that refused."""
    key = request.auth

    def act() -> Status:
        missing = _not_with_you(asked, key)
        if missing is not None:
            return failed(request, 404, missing)
        wanted = ContactDraft(asked.borrower_id, _wish(asked, key))
        made = make_contact(wanted, request.now, actor=f"key:{key.prefix}")
        if isinstance(made, Problem):
            return failed(request, 404, made)
        if made.answer.permit is None:
            assert made.answer.decision is not None, "what is refused was decided"
            return Status(403, _refused(request, made.contact.contact_id, made.answer.decision))
        permit = made.answer.permit
        return Status(
            201,
            PermitOut(
                contact_id=made.contact.contact_id,
                code=made.contact.code,
                expires_at=datetime.fromisoformat(permit.expires_at),
                permit=permit.as_dict(),
            ),
        )

    return once(request, asked, act)


@router.post("/permits/check", auth=None, response={200: CheckOut, 400: Failed, 422: Failed})
def check_permit(request: KeyRequest, asked: CheckIn) -> Status:
    """Is this permit genuine and unchanged? Open to everybody: it takes only the public key to tell."""
    try:
        permit = read_permit(asked.permit)
    except ValueError:
        return Status(200, CheckOut(genuine=False, current=False))
    ours = [key for key in public_keys(settings.HOME) if genuine(permit, key)]
    current = any(holds(permit, key, request.now) for key in ours)
    return Status(200, CheckOut(genuine=bool(ours), current=current))


@router.post("/contacts", auth=Scoped("contacts:write"), response=FAILURES | {202: ContactOut})
def planned(request: KeyRequest, asked: ContactIn) -> Status:
    """Put a contact into the outbox. Whether it may leave is decided when it is about to."""
    key = request.auth

    def act() -> Status:
        missing = _not_with_you(asked, key)
        if missing is not None:
            return failed(request, 404, missing)
        if not asked.template and not asked.body:
            return failed(request, 422, _EMPTY)
        wanted = ContactDraft(
            asked.borrower_id,
            _wish(asked, key),
            asked.template,
            asked.values,
            asked.subject,
            asked.body,
            not_before=asked.not_before,
            confirmed=asked.confirmed,
        )
        contact = queue_contact(wanted, request.now, actor=f"key:{key.prefix}")
        if isinstance(contact, Problem):
            return failed(request, 404 if contact.code in _MISSING else 422, contact)
        return Status(202, shown(request, contact))

    return once(request, asked, act)


@router.get("/contacts/{contact_id}", auth=Scoped("contacts:read"), response=FAILURES | {200: ContactOut})
def contact(request: KeyRequest, contact_id: str) -> Status:
    """Where a contact stands."""
    found = contact_for(request.auth, contact_id)
    if found is None:
        return failed(request, 404, _NO_CONTACT)
    return Status(200, shown(request, found))


@router.post(
    "/contacts/{contact_id}/outcome", auth=Scoped("contacts:write"), response=FAILURES | {200: ContactOut}
)
def outcome(request: KeyRequest, contact_id: str, reported: OutcomeIn) -> Status:
    """Say how a contact made by hand ended."""
    key = request.auth
    if contact_for(key, contact_id) is None:
        return failed(request, 404, _no_contact_of(contact_id))
    ended = end_contact(
        contact_id,
        reported.outcome,
        request.now,
        actor=f"key:{key.prefix}",
        seconds=reported.seconds,
        agency=key.agency_id or "",
    )
    if isinstance(ended, Problem):
        return failed(request, 404 if ended.code in _MISSING else 409, ended)
    return Status(200, shown(request, ended))


def _reason(reason: Reason, request: KeyRequest) -> ReasonOut:
    """A reason for programs, with its sentence for people."""
    text = sentence(reason, in_chinese(request))
    return ReasonOut(code=reason.code, params=dict(reason.params), sentence=text)


def shown(request: KeyRequest, found: Contact) -> ContactOut:
    """A contact as programs see it."""
    return ContactOut(
        contact_id=found.contact_id,
        borrower_id=found.borrower_id,
        channel=found.channel,
        purpose=found.purpose,
        party=found.party,
        state=found.state,
        outcome=found.outcome,
        reason=_reason(found.reason, request),
        rules=list(found.reason.params["rules"]) if found.state == "refused" else [],
        code=found.code,
        queued_at=found.queued_at,
        at=found.at,
        ended_at=found.ended_at,
    )
