"""Tell people of the staff what happened to their account: by text and by e-mail, where they have one on file."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from forbear.actions.contacts.staff_texts import text_person
from forbear.core.base.problem import MessageId, Phrase, noop
from forbear.store.models import AccountChange, Staff
from forbear.store.problem_text import sentence_in

#: The message by what happened. The reader knows what to do when it was not them.
NOTICES: dict[str, MessageId] = {
    "factor_added": noop(
        "A second factor was added to your account %(name)s at %(time)s. If it was not you, tell an administrator now."
    ),
    "factor_removed": noop(
        "A second factor was removed from your account %(name)s at %(time)s. "
        "If it was not you, tell an administrator now."
    ),
    "codes_made": noop(
        "New recovery codes were made for your account %(name)s at %(time)s. "
        "If it was not you, tell an administrator now."
    ),
    "recovery_used": noop(
        "A recovery code opened your account %(name)s at %(time)s. If it was not you, tell an administrator now."
    ),
    "password_changed": noop(
        "The password of your account %(name)s was changed at %(time)s. "
        "If it was not you, tell an administrator now."
    ),
    "password_given": noop(
        "%(by)s made a temporary password for your account %(name)s at %(time)s. "
        "If you did not ask for it, tell an administrator now."
    ),
    "factors_reset": noop(
        "%(by)s removed the second factors of your account %(name)s at %(time)s. "
        "If you did not ask for it, tell an administrator now."
    ),
    "contact_changed": noop(
        "%(by)s changed where your account %(name)s reaches you, at %(time)s. "
        "If you did not ask for it, tell an administrator now."
    ),
    "role_changed": noop(
        "%(by)s changed the role of your account %(name)s at %(time)s. "
        "If you did not expect it, tell an administrator now."
    ),
}
#: What a person is told of what waits.
PROPOSED: dict[str, MessageId] = {
    "role": noop("another role"),
    "password": noop("a temporary password"),
    "factors": noop("the removal of your second factors"),
    "phone": noop("another telephone number"),
    "email": noop("another e-mail address"),
}
_PROPOSED = noop(
    "%(by)s proposed for your account %(name)s: %(change)s. It may be done from %(time)s. "
    "If you did not ask for it, object at %(link)s or tell an administrator now."
)


def notify(staff: Staff, what: str, now: datetime, *, by: str = "") -> int:
    """Tell somebody of what was done to their account; how many messages. `by` is the number of who did it.

    The caller is in the transaction of the act.
    """
    values = {"name": staff.username, "time": _clock(now), "by": by}
    return text_person(staff, _text(staff, NOTICES[what], values), now)


def notify_proposed(change: AccountChange, now: datetime) -> int:
    """Tell somebody what waits for their account, and how to object; how many messages."""
    staff, proposer = change.staff, change.proposed_by
    assert proposer is not None, "only a person proposes"
    assert change.alone_from is not None, "only what waits is told of"
    phrase = Phrase(PROPOSED[change.what])
    values = {
        "name": staff.username,
        "by": proposer.number,
        "change": sentence_in(_language(staff), phrase),
        "time": _clock(change.alone_from),
        "link": f"{settings.HOME.url}/own/",
    }
    return text_person(staff, _text(staff, _PROPOSED, values), now, change=change)


def _language(staff: Staff) -> str:
    return "en" if staff.languages.startswith("en") else "zh"


def _text(staff: Staff, message: MessageId, values: Mapping[str, str]) -> str:
    return sentence_in(_language(staff), message) % values


def _clock(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(settings.HOME.timezone)).strftime("%Y-%m-%d %H:%M")
