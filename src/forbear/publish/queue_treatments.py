"""From planned treatments to contacts in the outbox: what a machine can send is queued, the rest waits for people."""

import json
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection

from forbear.actions.agreements.settlement_offers import (
    TEMPLATE,
    follow_letters,
    offers_for,
    plan_settlements,
)
from forbear.interchange.home.country import language_of
from forbear.store.assignments import BOUGHT_DEBT_NOTICE, untold_assignments
from forbear.store.bulk import fill
from forbear.store.charge_offs import CHARGE_OFF_NOTICE, untold_charge_offs
from forbear.store.codes import new_code
from forbear.store.models import PublishedNight

#: The channels a machine carries, and the kind of address each needs.
AUTOMATIC = {"sms": "phone", "voice": "phone", "email": "email", "push": "device", "letter": "address"}
#: What the night wants today is pointless tomorrow: the next night decides again.
_GIVE_UP_AFTER = timedelta(hours=24)

_COLUMNS = (
    "contact_id", "borrower_id", "loans", "channel", "purpose", "party", "point_id", "point_digest", "template",
    "template_version", "language", '"values"', "subject", "body", "planned", "code", "state", "outcome",
    "queued_at", "not_before", "give_up_at", "claimed_by", "attempts", "provider", "provider_ref", "recording",
    "seconds", "consented", "arms",
)  # fmt: skip


def queue_contacts(as_of: date, now: datetime, purposes: dict[tuple[str, str], str]) -> int:
    """Write down the treatments of the night, with a contact of each that a machine can send; how many contacts.

    The caller is in the transaction of the publish, whose table `new_treatment` holds them. `purposes` has the purpose
    of each template and channel; what isn't in it collects. The newest valid number or address of the borrower is
    used. A treatment without any is `no_address`, which a person sees. A settlement that the policy or the state of
    the loan doesn't allow is `not_offered`.
    """
    contact_of, carried = _contacts(now, purposes), _carried()
    contacts, marked, letters = [], [], {}
    follow_letters(now)
    offers = offers_for([loan for _, _, loan, _, template, *_ in carried if template == TEMPLATE], now)
    untold = _untold(carried, now)
    for borrower, position, loan, channel, template, *row in carried:
        if template == TEMPLATE and loan not in offers:
            marked.append((borrower, position, "not_offered", None))
            continue
        if row[-3] is None:
            marked.append((borrower, position, "no_address", None))
            continue
        about = untold.get((template, borrower), loan)
        contact = contact_of([borrower, about, channel, template, *row])
        contacts.append(contact)
        marked.append((borrower, position, "queued", contact[0]))
        if template == TEMPLATE:
            letters[loan] = contact[0]
    fill("store_contact", _COLUMNS, contacts)
    plan_settlements(letters, offers, now)
    with connection.cursor() as cursor:
        cursor.execute(_MARKED)
    fill("marked", ("borrower_id", "position", "state", "contact_id"), marked)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # it knows nothing of a temporary table until analyzed
            cursor.execute("analyze marked (borrower_id, position)")
        # only a night writes treatments, so none can be there unless this day was published before
        again = PublishedNight.objects.filter(as_of=as_of).exists()
        cursor.execute(_WRITTEN + (_AGAIN if again else ""), [as_of])
        cursor.execute("drop table marked")
    return len(contacts)


#: What is told of one loan after another, a night each, whichever loan is the latest-paid.
_UNTOLD = {CHARGE_OFF_NOTICE: untold_charge_offs, BOUGHT_DEBT_NOTICE: untold_assignments}


def _untold(carried: list[tuple], now: datetime) -> dict[tuple[str, str], str]:
    """By text and borrower the loan that they are to be told of: its charge-off, or that it was bought."""
    found: dict[tuple[str, str], str] = {}
    for text, untold in _UNTOLD.items():
        wanted = {borrower for borrower, _, _, _, template, *_ in carried if template == text}
        loans = reversed(untold(now, wanted)) if wanted else ()
        found |= {(text, borrower): loan for borrower, loan in loans}
    return found


#: What became of the treatments that a machine may carry.
_MARKED = """
create temp table marked (
    borrower_id varchar(64), position integer, state varchar(16), contact_id varchar(36),
    primary key (borrower_id, position)
)
"""
_WRITTEN = """
insert into store_treatment (
    borrower_id, loan_id, planned_on, stage, channel, template, position, state, contact_id, arms
)
select n.borrower_id, n.loan_id, %s, n.stage, n.channel, n.template, n.position,
    coalesce(m.state, case when n.channel = 'nothing' then 'done' else 'planned' end), m.contact_id,
    coalesce(c.arms, '')
from new_treatment n left join marked m on m.borrower_id = n.borrower_id and m.position = n.position
left join new_case c on c.borrower_id = n.borrower_id
where true
"""
_AGAIN = """
on conflict (borrower_id, planned_on, position) do update set
    loan_id = excluded.loan_id, stage = excluded.stage, channel = excluded.channel, template = excluded.template,
    state = excluded.state, contact_id = excluded.contact_id, arms = excluded.arms
"""


def _carried() -> list[tuple]:
    """(borrower, position, loan, channel, template, language, point, digest, arms) of what a machine may carry."""
    kinds = " ".join(f"when '{channel}' then '{kind}'" for channel, kind in AUTOMATIC.items())
    names = ", ".join(f"'{channel}'" for channel in AUTOMATIC)
    query = f"""
        with newest as (
            select q.borrower_id, q.kind, max(q.id) as id
            from store_contactpoint q join (select distinct borrower_id from new_treatment) t
            on t.borrower_id = q.borrower_id
            where q.party = 'debtor' and q.invalid_at is null
            group by q.borrower_id, q.kind
        )
        select t.borrower_id, t.position, t.loan_id, t.channel, t.template,
            coalesce(nullif(b.preferred_language, ''), b.language), p.id, p.digest, coalesce(k.arms, '')
        from new_treatment t
        left join new_case k on k.borrower_id = t.borrower_id
        join store_borrower b on b.borrower_id = t.borrower_id
        left join newest n on n.borrower_id = t.borrower_id and n.kind = case t.channel {kinds} end
        left join store_contactpoint p on p.id = n.id
        where t.channel in ({names})
        order by t.borrower_id, t.position
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _contacts(now: datetime, purposes: dict[tuple[str, str], str]) -> Callable[[list], tuple]:
    """What makes a contact's row of a planned one; all have the same wish and moments."""
    planned = json.dumps(
        {
            "automated": True,
            "own_line": True,
            "discloses_debt": True,
            "states_identity": True,
            "offers_opt_out": True,
            "recorded": True,
        }
    )
    adapt = connection.ops.adapt_datetimefield_value
    queued_at, give_up_at = adapt(now), adapt(now + _GIVE_UP_AFTER)

    def contact_of(row: list) -> tuple:
        borrower, loan, channel, template, language, point, digest, arms = row
        return (
            str(uuid.uuid4()), borrower, json.dumps([loan]), channel,
            purposes.get((template, channel), "collect"), "debtor", point, digest, template, "",
            language_of(settings.HOME, language or ""), "{}", "", "", planned, new_code(), "waiting",
            "pending", queued_at, queued_at, give_up_at, "", 0, "", "", "", 0, False, arms,
        )  # fmt: skip

    return contact_of
