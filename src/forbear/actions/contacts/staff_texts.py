"""Text the lender's own people: an alarm to those who may see to it. The borrowers' gate has no say in it.

Each is sent at most once: that it is about to leave is committed before the wire. A busy provider is tried again; a
number that is refused is said on the alarm.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from forbear.channels.transport import Message, Report, Transport
from forbear.core.base.problem import noop
from forbear.core.permits.permit import LIFETIME, Permit, moment_text, sign
from forbear.interchange.home.keys import key_id, signing_key
from forbear.store.models import AccountChange, Alarm, Staff, StaffText
from forbear.store.permissions import ROLE_PERMISSIONS
from forbear.store.problem_text import sentence_in

_MOST_TRIES, _AGAIN = 5, timedelta(seconds=20)
#: A text that was about to leave for so long has an unknown fate: its worker died.
_LOST_AFTER = timedelta(minutes=2)
_SEES_TO_ALARMS = "desk:visit:approve"
_SEAL = noop(
    "The seal of the evidence of %(day)s. Keep this message: with it anybody can show whether the log was changed "
    "later. %(line)s %(signature)s"
)
_SUBJECT = noop("A message from the collections system")
_ALARM = noop("Alarm of visitor %(number)s at %(time)s. Place: %(place)s. See to it: %(link)s")


def on_duty() -> list[Staff]:
    """Those who may see to an alarm and have a telephone on file."""
    roles = [role for role, granted in ROLE_PERMISSIONS.items() if _SEES_TO_ALARMS in granted]
    rows = Staff.objects.filter(role__in=roles, is_active=True, locked_at=None).exclude(phone="")
    return list(rows.order_by("number"))


def text_alarm(alarm: Alarm, now: datetime) -> int:
    """Queue a text to each of those on duty; how many. The caller is in the transaction of the alarm."""
    people = on_duty()
    at = alarm.place.get("at") or []
    place = f"{at[0] / 1_000_000:.5f},{at[1] / 1_000_000:.5f}" if at else "?"
    for person in people:
        language = "en" if person.languages.startswith("en") else "zh"
        body = sentence_in(language, _ALARM) % {
            "number": alarm.staff.number,
            "time": alarm.at.astimezone(ZoneInfo(settings.HOME.timezone)).strftime("%H:%M"),
            "place": place,
            "link": f"{settings.HOME.url}/desk/visits",
        }
        StaffText.objects.create(
            text_id=str(uuid.uuid4()),
            staff=person,
            alarm=alarm,
            to=person.phone,
            body=body,
            made_at=now,
            next_at=now,
        )
    return len(people)


def text_person(staff: Staff, body: str, now: datetime, *, change: AccountChange | None = None) -> int:
    """Queue a text and an e-mail to one person, as far as they can be reached; how many.

    `change` is what of their account waits. The caller is in the transaction of the act.
    """
    return _queue(staff, [("sms", staff.phone), ("email", staff.email)], body, now, change)


def mail_seal(day: date, line: str, signature: str, now: datetime) -> int:
    """E-mail a seal to every auditor with an address: who keeps one holds the lender to its log; how many."""
    values = {"day": day.isoformat(), "line": line, "signature": signature}
    sent = 0
    for person in Staff.objects.filter(role="auditor", is_active=True).exclude(email="").order_by("pk"):
        language = "en" if person.languages.startswith("en") else "zh"
        sent += _queue(person, [("email", person.email)], sentence_in(language, _SEAL) % values, now, None)
    return sent


def _queue(
    staff: Staff, ways: Iterable[tuple[str, str]], body: str, now: datetime, change: AccountChange | None
) -> int:
    """One message by each way that there is."""
    ways = [(channel, to) for channel, to in ways if to]
    StaffText.objects.bulk_create(
        StaffText(
            text_id=str(uuid.uuid4()), staff=staff, change=change, channel=channel, to=to, body=body,
            made_at=now, next_at=now,
        )
        for channel, to in ways
    )  # fmt: skip
    return len(ways)


def send_staff_texts(transports: Mapping[str, Transport], now: datetime) -> int:
    """Send what is due by the channels there are; how many were tried. Without its channel a message waits.

    In a shadow run e-mails wait, seals too, but for one about a change of an account: a day passes after it.
    """
    StaffText.objects.filter(state="sending", next_at__lt=now - _LOST_AFTER).update(state="unknown")
    tried = 0
    due_now = StaffText.objects.filter(state="waiting", next_at__lte=now, channel__in=tuple(transports))
    if settings.HOME.in_shadow:
        due_now = due_now.exclude(channel="email", change=None)
    for name in list(due_now.order_by("made_at", "pk").values_list("pk", flat=True)[:20]):
        with transaction.atomic():
            due = StaffText.objects.filter(pk=name, state="waiting")
            if not due.update(state="sending", next_at=now):
                continue  # another worker has it
        text = StaffText.objects.select_related("staff").get(pk=name)
        _send(text, transports[text.channel], now)
        tried += 1
    return tried


def _send(text: StaffText, transport: Transport, now: datetime) -> None:
    language = "en" if text.staff.languages.startswith("en") else "zh"
    message = Message(
        contact_id=text.pk,
        channel=text.channel,
        to=text.to,
        sender=settings.HOME.name[0 if language == "zh" else 1],
        language=language,
        body=text.body,
        subject=sentence_in(language, _SUBJECT) if text.channel == "email" else "",
    )
    receipt = transport.send(_leave(message, now), message)
    text.tries += 1
    text.provider, text.provider_ref = receipt.provider, receipt.provider_ref
    text.detail = (receipt.detail or receipt.why.code)[:300]
    if receipt.answer == "busy" and text.tries < _MOST_TRIES:
        text.state, text.next_at = "waiting", now + _AGAIN
    elif receipt.answer == "accepted":
        text.state, text.sent_at = "sent", now
    else:
        text.state = "unknown" if receipt.answer == "unknown" else "refused"
    text.save()


def _leave(message: Message, now: datetime) -> Permit:
    """What every way out asks for: signed by the lender for this very text, about no borrower and by no rule."""
    key = signing_key(settings.HOME)
    return sign(
        Permit(
            permit_id=message.contact_id,
            contact_id=message.contact_id,
            borrower_id="",
            channel=message.channel,
            purpose="staff",
            party="staff",
            point="",
            content=message.digest(),
            agency="",
            packs=(),
            facts="",
            issued_at=moment_text(now),
            expires_at=moment_text(now + LIFETIME),
            key_id=key_id(key.public_key()),
        ),
        key,
    )


def note_staff_report(report: Report) -> StaffText | None:
    """A provider's report of such a text: a number that can't be reached is said on the alarm. None for no such."""
    if not report.provider_ref:
        return None
    rows = StaffText.objects.filter(provider=report.provider, provider_ref=report.provider_ref)
    found = rows.first()
    if found is not None and report.state in ("undelivered", "invalid", "bounced"):
        found.state, found.detail = "refused", (report.detail or report.state)[:300]
        found.save(update_fields=["state", "detail"])
    return found
