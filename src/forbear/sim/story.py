"""What happened to one borrower, from the evidence: the short story of a world in which something broke."""

import json
from collections.abc import Sequence

from forbear.store.models import Event

_LONGEST = 80
_WIDEST = 300


def story(borrowers: Sequence[str]) -> list[str]:
    """Their events in order, a line each; the last ones where there are many."""
    rows = Event.objects.filter(borrower__in=borrowers).order_by("-pk")[:_LONGEST]
    lines = []
    for borrower, at, kind, line in reversed(list(rows.values_list("borrower", "at", "kind", "line"))):
        body = json.dumps(json.loads(line).get("body", {}), ensure_ascii=False, sort_keys=True)
        lines.append(f"{at:%Y-%m-%d %H:%M:%S} {borrower} {kind} {body[:_WIDEST]}")
    return lines


def whose(broken: dict[str, list[str]]) -> list[str]:
    """The borrowers whom broken invariants name first: each sentence begins with one."""
    return sorted({line.split(":")[0] for breaches in broken.values() for line in breaches[:1]})


def story_of(figures: dict) -> list[str]:
    """The story of anyone who the broken invariants of a summary name; none where nothing broke."""
    return story(whose(figures["broken"])) if figures["broken"] else []
