"""One measured task of the desk: its pages over many cases, or a night brought to it. Its home is FORBEAR_HOME."""

import time
from datetime import UTC, date, datetime

from forbear.bench.child import Clock, answer
from forbear.bench.desk_ready import HOME
from forbear.bench.desk_work import bring, fill_desk, visit_all
from forbear.insight.kpi_cache import cache_kpis


def work(spec: dict, clock: Clock) -> dict:
    """With `publish`, bring the night of that date; with `cases` fill a desk; then visit each page `visits` times."""
    if "publish" in spec:
        with clock:
            return bring(HOME, date.fromisoformat(spec["publish"]))
    done: dict[str, object] = {}
    if "waiting" in spec:
        started = time.perf_counter()
        fill_desk(spec["cases"], spec["waiting"])
        done["filled"] = time.perf_counter() - started
        started = time.perf_counter()
        cache_kpis(datetime.now(UTC))  # as when a night is published
        done["counted"] = time.perf_counter() - started
    with clock:
        done["each"] = visit_all(spec["cases"], spec["visits"])
    return done


if __name__ == "__main__":
    answer(work)
