"""A strategy's canary on its page: its steps, what it shows so far, and the next step."""

from typing import Any

from forbear.actions.selectors.strategy_history import strategy_steps
from forbear.core.strategy.canary import canary_name
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.measures import MEASURES
from forbear.store.models import StrategyStep, StrategyVersion
from forbear.store.permissions import may
from forbear.store.problem_text import sentence
from forbear.web.desk.experiments import canary_shown
from forbear.web.desk.strategy_forms import ShareForm
from forbear.web.forms import form_on
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import listed


def canary_parts(request: StaffRequest, found: StrategyVersion) -> dict[str, Any]:
    """What the page needs of a version's canary; without steps only that there are none."""
    steps = strategy_steps(found.pk)
    percent = f"{found.share / WHOLE:.0%}" if found.share < WHOLE else ""
    if not steps:
        return {"steps": [], "percent": percent}
    standing = [step for step in steps if not step.undone]
    signs = may(request.user.role, "desk:strategy:sign")
    second = signs and request.user.pk not in (found.proposed_by_id, found.made_by_id)
    running = found.state == "canary"
    return {
        "steps": [(step, _measures(step)) for step in steps],
        "whole": WHOLE,
        "percent": percent,
        "running_canary": running,
        "canary": canary_shown(canary_name(found.version), steps, request.now),
        "share_form": form_on(request, ShareForm, standing[0].share)
        if running and second and standing
        else None,
        "may_take_back": running and signs,
        "may_undo": signs
        and bool(standing)
        and not standing[0].guardrail
        and (len(standing) > 1 or running)
        and (second or standing[0].share > 0),
    }


def _measures(step: StrategyStep) -> str:
    """The measures whose guardrail was passed, in words."""
    names = [name for name in step.guardrail.split(", ") if name]
    return listed(sentence(MEASURES[name][0]) for name in names)
