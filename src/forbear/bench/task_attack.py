"""Gets an attack ready, or counts what it left. Its home is FORBEAR_HOME."""

from forbear.bench.child import Clock, answer
from forbear.bench.desk_ready import HOME
from forbear.bench.ready_attack import left, ready


def work(spec: dict, clock: Clock) -> dict:
    """The attackers, addresses and keys of rows, or what became of contacts."""
    assert HOME.is_dir(), "the home is there"
    with clock:
        return ready(spec["cases"]) if spec["step"] == "ready" else left()


if __name__ == "__main__":
    answer(work)
