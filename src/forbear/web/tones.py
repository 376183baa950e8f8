"""Which state asks for which colour: done or good, waiting for somebody, refused or ended against us."""

from forbear.core.permits.decision import Decision

#: Tone of a state by the table of its word; a state that is not named has no colour. Colour never says anything alone:
#: the word stands in the tag.
TONES: dict[str, dict[str, str]] = {
    "account_change_state": {"signed": "yes", "proposed": "wait", "declined": "no"},
    "agency": {"admitted": "yes", "proposed": "wait", "suspended": "no", "ended": "wait"},
    "agreement": {
        "active": "yes",
        "kept": "yes",
        "offered": "yes",
        "open": "wait",
        "proposed": "wait",
        "broken": "wait",
    },
    "instruction_state": {"open": "wait", "booked": "yes", "contradicted": "no"},
    "listed": {"placed": "yes", "settled": "yes", "proposed": "wait", "refused": "no"},
    "presence": {"on_call": "yes", "idle": "wait"},
    "reported_state": {"unconfirmed": "wait", "booked": "yes", "bounced": "no"},
    "request_state": {"open": "wait", "proposed": "wait"},
    "sale": {"done": "yes", "declined": "no", "proposed": "wait", "signed": "wait"},
    "score_state": {"signed": "yes", "proposed": "wait", "set_aside": "no"},
    "unapplied_state": {"waiting": "wait"},
    "verdict": {"good": "yes", "coach": "wait", "breach": "no"},
    "version": {"signed": "yes", "proposed": "wait", "canary": "wait"},
    "visit": {"ended": "yes", "proposed": "wait", "approved": "wait", "refused": "no", "called_off": "no"},
}


def tone(table: str, state: str) -> str:
    """The tone of a state, "yes", "wait" or "no"; "" for one without."""
    return TONES.get(table, {}).get(state, "")


def permit_tone(decision: Decision | None) -> str:
    """The tone of a channel on the permit strip: allowed, allowed later, refused (or nothing to reach)."""
    if decision is None:
        return "no"
    if decision.permitted:
        return "yes"
    return "wait" if decision.until else "no"
