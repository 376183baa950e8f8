"""Gets a desk and its people ready for the measurement under load. Its home is FORBEAR_HOME."""

from datetime import UTC, datetime

from forbear.bench.child import Clock, answer
from forbear.bench.desk_ready import HOME
from forbear.bench.load_work import fill
from forbear.insight.kpi_cache import cache_kpis


def work(spec: dict, clock: Clock) -> dict:
    """Fill `cases`, and sign `staff` and `borrowers` in."""
    assert HOME.is_dir(), "the home is there"
    with clock:
        people = fill(spec["cases"], spec["staff"], spec["borrowers"])
    cache_kpis(datetime.now(UTC))
    return {"people": people}


if __name__ == "__main__":
    answer(work)
