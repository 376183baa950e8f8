"""A treatment of a strategy as the contact that the permit gate will be asked about."""

from collections.abc import Mapping

from forbear.core.facts.contact import MESSAGES, PlannedContact
from forbear.core.facts.context import Facts, planned_facts
from forbear.core.facts.fact import NEVER_DAYS
from forbear.core.facts.purpose import NOTICE_OF

#: What a step that is no message is for; a text says itself what it is for.
_PURPOSES = {"agency": "place", "court": "sue", "bureau": "report"}
#: Stands for whichever agency gets a case: which one is not known yet.
_SOME_AGENCY = "?"


def planned_step(channel: str, template: str, purposes: Mapping[tuple[str, str], str]) -> PlannedContact:
    """The contact of a treatment, made in the way that allows most: by own line, named, recorded, by two visitors.

    `purposes` has the purpose of each approved text by its name and channel; what isn't in it collects, or is the step
    of its channel.
    """
    purpose = _PURPOSES.get(channel) or purposes.get((template, channel), "collect")
    return PlannedContact(
        channel,
        purpose,
        agency=_SOME_AGENCY if channel == "agency" else "",
        template=template,
        automated=channel in MESSAGES or channel == "voice",
        own_line=True,
        states_identity=True,
        offers_opt_out=True,
        visitors=2,
        recorded=True,
        gives=NOTICE_OF.get(template, template) if purpose == "notice" else "",
    )


def settled_facts(planned: PlannedContact) -> Facts:
    """The facts that the step itself settles: what the strategy plans answers nobody, and confirms nothing."""
    facts = planned_facts(planned) | {
        "answers_inbound": False,
        "hours_since_inbound": NEVER_DAYS,
        "confirms_act": False,
        "minutes_since_act": NEVER_DAYS,
    }
    return facts if planned.purpose == "notice" else facts | {"notice_due": False}
