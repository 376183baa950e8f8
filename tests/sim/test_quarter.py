"""Goal: after a quarter lived by the real code, the agency that complaints fall on gets less, and the list says why."""

import json
import os
import subprocess
import sys

import pytest

#: Enough for the share of an agency to be seen to move.
LOANS = 3_000
#: A day and a seed whose chances show it.
WORLD = ("--as-of", "2026-11-30", "--seed", "3")
_ASK = """
import json, sys
from pathlib import Path
from forbear.config.start import start
start(Path(sys.argv[1]))
from collections import Counter
from datetime import timedelta
from django.conf import settings
from forbear.insight.scorecard import scorecards
from forbear.interchange.home import clock
from forbear.store.models import Contact, Placement, PlacementList, Statement
now = clock.now(settings.HOME)
cards = scorecards(now)
lists = [Counter(one.rows.values_list("agency_id", flat=True)) for one in PlacementList.objects.order_by("pk")]
told = {
    "placed": lists[0], "next": lists[-1],
    "conduct": {code: card.score("conduct") for code, card in cards.items()},
    "feedback": {code: card.score("feedback") for code, card in cards.items()},
    "refused": Contact.objects.filter(agency__isnull=False, state="refused").count(),
    "without_permit": Contact.objects.filter(agency__isnull=False, permits=None).exclude(at=None).count(),
    "open": Placement.objects.filter(ended_at=None, placed_at__lt=now - timedelta(days=1)).count(),
    "today": Placement.objects.filter(ended_at=None, placed_at__gte=now - timedelta(days=1)).count(),
    "days": Contact.objects.filter(agency__isnull=False).values("at__date").distinct().count(),
    "statements": Statement.objects.count(),
}
print(json.dumps(told))
"""


def run(*arguments: str) -> str:
    given = {name: value for name, value in os.environ.items() if not name.startswith("FORBEAR_")}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=given)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.long
def test_the_list_moves_away_from_the_agency_that_complaints_fall_on(tmp_path):
    home = tmp_path / "demo"
    run("-m", "forbear", "demo", "--dir", str(home), "--loans", str(LOANS), "--no-serve", "--quarter", *WORLD)
    told = json.loads(run("-c", _ASK, str(home)))
    first, later = told["placed"], told["next"]
    assert max(first.values()) - min(first.values()) <= 3
    assert min(told["conduct"], key=told["conduct"].get) == "huaxin"
    assert min(told["feedback"], key=told["feedback"].get) == "huaxin"
    assert later.get("huaxin", 0) / sum(later.values()) < first["huaxin"] / sum(first.values()) - 0.1
    assert told["without_permit"] == 0
    assert told["open"] == 0
    assert 20 < told["today"] <= 45, "the agencies have work on the day the demo opens"
    assert told["days"] >= 18, "the quarter's calls are spread over its days"
    assert told["statements"] == 3
