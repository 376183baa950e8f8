"""One worker of the permit measurement: asks the permit gate for contacts by hand, one after another, each timed.

With a `rate` the wishes come at their moments, whether the worker is free or not, and a wish's time runs from its
moment: one that had to wait for the one before it has waited.

Its home is FORBEAR_HOME. With `prepare` it fills the tables first instead of asking.
"""

import time

from forbear.bench.child import Clock, answer
from forbear.bench.desk_ready import HOME
from forbear.bench.permit_work import ask, prepare


def work(spec: dict, clock: Clock) -> dict:
    """`prepare` borrowers, or ask for every `of`-th of `borrowers` from `first` on; seconds of each."""
    assert HOME.is_dir(), "the home is there"
    if "prepare" in spec:
        with clock:
            prepare(spec["prepare"])
        return {}
    ask(spec["warm"])  # compiles the rules and connects, outside the clock
    seconds, given, started, worked = [], 0, time.time(), time.process_time()
    with clock:
        begun = time.perf_counter()
        for number in range(spec["first"], spec["borrowers"], spec["of"]):
            before = moment(begun, number, spec["rate"])
            given += ask(number)
            seconds.append(time.perf_counter() - before)
    worked = time.process_time() - worked
    return {"each": seconds, "given": given, "started": started, "ended": time.time(), "worked": worked}


def moment(begun: float, number: int, rate: float) -> float:
    """When this wish comes: now, or with a rate at its turn among all workers' wishes, which is waited for."""
    if not rate:
        return time.perf_counter()
    moment = begun + number / rate
    if (wait := moment - time.perf_counter()) > 0:
        time.sleep(wait)
    return moment


if __name__ == "__main__":
    answer(work)
