"""Do what an accepted request asks for: who acts for the borrower is written down, wrong data is put right."""

from datetime import datetime

from forbear.actions.access.search import add_search_terms
from forbear.actions.contacts.queue_contact import digest_of, stored_point
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, ContactPoint, Request

#: Under which party a number of theirs is kept (core.contact.PARTIES); a counsellor is a helper by trade.
_PARTY = {"lawyer": "lawyer", "counsellor": "helper", "helper": "helper"}


def grant(request: Request, now: datetime, *, actor: str) -> None:
    """Carry out what the fields of a granted request say; the caller holds the borrower and writes the answer."""
    texts = {name: str(text) for name, text in request.details.items()}
    if request.kind == "lawyer" and texts.get("role") in _PARTY:
        for kind in ("phone", "email"):
            if texts.get(kind):
                party, person = _PARTY[texts["role"]], texts.get("name", "")
                _point(request.borrower, kind, texts[kind], now, actor, party=party, person=person)
    elif request.kind == "correction":
        for kind in ("phone", "email", "address"):
            if texts.get(kind):
                _replace(request.borrower, kind, texts[kind], now, actor)
        if texts.get("name"):
            request.borrower.name = texts["name"]
            request.borrower.save(update_fields=["name"])
            personal = {"name": texts["name"]}
            body = {"what": "name", "request": request.number}
            evidence.append(
                "correction",
                at=now,
                actor=actor,
                borrower=request.borrower_id,
                body=body,
                personal=personal,
            )


def _replace(borrower: Borrower, kind: str, value: str, now: datetime, actor: str) -> None:
    """A new number or address of the borrower's own; the ones before it are used no more."""
    new = _point(borrower, kind, value, now, actor)
    old = borrower.points.filter(kind=kind, party="debtor", invalid_at=None).exclude(pk=new.pk)
    for point in old:
        point.invalid_at = now
        point.save(update_fields=["invalid_at"])
        body = {"point": point.digest, "what": "replaced by the borrower"}
        evidence.append("point", at=now, actor=actor, borrower=borrower.borrower_id, body=body)


def _point(
    borrower: Borrower,
    kind: str,
    value: str,
    now: datetime,
    actor: str,
    *,
    party: str = "debtor",
    person: str = "",
) -> ContactPoint:
    """A number or address on file, lawful to use because the borrower gave it."""
    new_point = {
        "kind": kind, "value": stored_point(kind, value), "party": party, "person": person, "source": "borrower",
        "lawful": True, "invalid_at": None, "stopped_at": None, "confirmed_on": business_date(now),
    }  # fmt: skip
    point, _ = ContactPoint.objects.update_or_create(
        borrower=borrower, digest=digest_of(kind, value), defaults=new_point
    )
    if party == "debtor":
        add_search_terms(borrower.borrower_id, kind, point.value)
    body = {"point": point.digest, "what": "given by the borrower", "party": party}
    evidence.append("point", at=now, actor=actor, borrower=borrower.borrower_id, body=body)
    return point
