"""From planned treatments to contacts in the outbox: what a machine can send is queued, the rest waits for people."""

import json
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import connection

from forbear.store.bulk import fill
from forbear.store.codes import new_code

#: The channels a machine carries, and the kind of address each needs.
AUTOMATIC = {"sms": "phone", "voice": "phone", "email": "email", "push": "device", "letter": "address"}
#: What the night wants today is pointless tomorrow: the next night decides anew.
_GIVE_UP_AFTER = timedelta(hours=24)

_COLUMNS = (
    "contact_id", "borrower_id", "loans", "channel", "purpose", "party", "point_id", "point_digest", "template",
    "template_version", "language", '"values"', "subject", "body", "wish", "code", "state", "outcome", "because",
    "wished_at", "not_before", "give_up_at", "claimed_by", "attempts", "provider", "provider_ref", "recording",
    "seconds", "consented",
)  # fmt: skip


def queue_contacts(as_of: date, now: datetime, purposes: dict[tuple[str, str], str]) -> int:
    """Make contacts of what a machine can send; how many. The caller is in the transaction of the publish.

    `purposes` has the purpose of each template and channel; what isn't in it collects. The newest valid number or
    address of the borrower is used. A treatment without any is `impossible`, which a person sees.
    """
    planned = _planned(as_of)
    contact_of = _contacts(now, purposes)
    made = [(treatment, contact_of(row)) for treatment, *row in planned if row[-2] is not None]
    fill("store_contact", _COLUMNS, (contact for _, contact in made))
    _mark("queued", [(treatment, contact[0]) for treatment, contact in made])
    _mark("impossible", [(treatment, None) for treatment, *row in planned if row[-2] is None])
    return len(made)


def _planned(as_of: date) -> list[tuple]:
    """(treatment, borrower, loan, channel, template, language, point, digest) of what a machine may carry."""
    kinds = " ".join(f"when '{channel}' then '{kind}'" for channel, kind in AUTOMATIC.items())
    names = ", ".join(f"'{channel}'" for channel in AUTOMATIC)
    query = f"""
        select t.id, t.borrower_id, t.loan_id, t.channel, t.template,
            coalesce(nullif(b.wished_language, ''), b.language), p.id, p.digest
        from store_treatment t
        join store_borrower b on b.borrower_id = t.borrower_id
        left join store_contactpoint p on p.id = (
            select max(q.id) from store_contactpoint q
            where q.borrower_id = t.borrower_id and q.party = 'debtor' and q.invalid_at is null
            and q.kind = case t.channel {kinds} end
        )
        where t.planned_on = %s and t.state = 'planned' and t.channel in ({names})
        order by t.id
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [as_of])
        return cursor.fetchall()


def _contacts(now: datetime, purposes: dict[tuple[str, str], str]) -> Callable[[list], tuple]:
    """What makes a contact's row of a planned one; all have the same wish and moments."""
    wish = json.dumps(
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
    wished_at, give_up_at = adapt(now), adapt(now + _GIVE_UP_AFTER)

    def contact_of(row: list) -> tuple:
        borrower, loan, channel, template, language, point, digest = row
        return (
            str(uuid.uuid4()), borrower, json.dumps([loan]), channel,
            purposes.get((template, channel), "collect"), "debtor", point, digest, template, "",
            language or "zh", "{}", "", "", wish, new_code(), "waiting",
            "pending", "", wished_at, wished_at, give_up_at, "", 0, "", "", "", 0, False,
        )  # fmt: skip

    return contact_of


def _mark(state: str, rows: list[tuple[int, str | None]]) -> None:
    """Set the state of many treatments, and the contact made of each."""
    with connection.cursor() as cursor:
        cursor.execute("create temp table marked (id bigint primary key, contact_id varchar(36))")
    fill("marked", ("id", "contact_id"), rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "update store_treatment set state = %s, contact_id = m.contact_id from marked m "
            "where m.id = store_treatment.id",
            [state],
        )
        cursor.execute("drop table marked")
