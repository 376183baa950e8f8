"""An experiment whose guardrail is passed is stopped by the night that finds it, before more borrowers come in.

A canary is taken back: that night is decided again, all borrowers as before.
"""

from datetime import date, datetime

from django.conf import settings

from forbear.actions.strategies.canaries import take_back_harmful
from forbear.actions.strategies.experiments import stop_experiment
from forbear.core.base.problem import Problem
from forbear.insight.experiments import designs, status
from forbear.interchange.book.book import Book
from forbear.interchange.home.experiments import stopped_on
from forbear.interchange.home.strategies import strategy
from forbear.night.run import Night
from forbear.store.business_date import business_date


def stop_harmful(night: Night, book: Book, now: datetime) -> list[str]:
    """Stop each experiment an arm of which is surely worse than its guardrails allow; their names.

    Nothing is read from one whose arms aren't as large as chance would have them: a person looks at that.
    """
    home, as_of = settings.HOME, date.fromisoformat(night.manifest["as_of"])
    today = business_date(now)
    known = frozenset(stopped_on(home, today))
    stopped = []
    for design in designs(strategy(home, today), as_of, known):
        if not design.guardrails or design.over or design.name in known:
            continue
        found = status(home, book, design)
        if found is None or found.verdict != "harmful":
            continue
        passed = sorted({measure for each in found.compared for measure in each.guardrails_passed})
        if take_back_harmful(design.name, ", ".join(passed), now, as_of):
            stopped.append(design.name)
            continue
        done = stop_experiment(design.name, f"guardrail passed: {', '.join(passed)}", now, actor="night")
        if not isinstance(done, Problem):
            stopped.append(design.name)
    return stopped
