"""For compliance officers: what was refused and by which rule, the rules themselves, and what nobody is sure of."""

import json
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from forbear.interchange.packs import rulebook
from forbear.store.models import Contact, Event
from forbear.web.guard import clock, needs

_SHOWN = 100
_DAYS = 30


@needs("desk:compliance:read")
def refusals(request: HttpRequest) -> HttpResponse:
    """Refusals of the last days by rule; one rule's with its contacts."""
    now, rule_id = clock(), request.GET.get("rule", "")
    rules = {bound.rule.id: bound.rule for bound in rulebook(settings.HOME).bound}
    counts: Counter[str] = Counter()
    rows = []
    since = now - timedelta(days=_DAYS)
    for line, borrower in (
        Event.objects.filter(kind="refusal", at__gte=since)
        .order_by("-id")
        .values_list("line", "borrower")[:5000]
    ):
        told = json.loads(line)
        named = [each["rule"] for each in told["body"]["refused_by"]]
        counts.update(named)
        if (not rule_id or rule_id in named) and len(rows) < _SHOWN:
            rows.append(
                {"at": told["at"], "borrower": borrower, "body": told["body"], "actor": told["actor"]}
            )
    return render(
        request,
        "desk/refusals.html",
        {
            "counts": [(rules.get(name), name, number) for name, number in counts.most_common()],
            "rows": rows,
            "rule": rules.get(rule_id),
            "rule_id": rule_id,
            "days": _DAYS,
            "states": Contact.objects.filter(wished_at__gte=since)
            .values("state")
            .annotate(number=Count("pk"))
            .order_by("-number"),
        },
    )


@needs("desk:compliance:read")
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule in force, with its source, force and doubt."""
    book = rulebook(settings.HOME)
    return render(
        request,
        "desk/rules.html",
        {"rules": [bound.rule for bound in book.bound], "packs": book.names, "parameters": book.parameters},
    )
