"""One measured task of what comes in: fills the tables, takes replies at their moments, or visits the inbox.

Its home is FORBEAR_HOME.
"""

import time

from forbear.bench.child import Clock, answer
from forbear.bench.desk_ready import HOME
from forbear.bench.inbound_work import fill_inbox, prepare_people, take, visit_inbox
from forbear.bench.task_permits import moment


def work(spec: dict, clock: Clock) -> dict:
    """`prepare` borrowers, take every `of`-th of the `replies` from `first` on, or fill with `messages` and visit."""
    assert HOME.is_dir(), "the home is there"
    if "prepare" in spec:
        prepare_people(spec["prepare"])
        return {}
    if "messages" in spec:
        fill_inbox(spec["messages"])
        with clock:
            return {"pages": visit_inbox(spec["visits"])}
    take(spec["warm"])  # compiles the patterns and connects, outside the clock
    seconds, worked = [], time.process_time()
    with clock:
        begun = time.perf_counter()
        for number in range(spec["first"], spec["replies"], spec["of"]):
            before = moment(begun, number, spec["rate"])
            take(number)
            seconds.append(time.perf_counter() - before)
    return {"each": seconds, "worked": time.process_time() - worked}


if __name__ == "__main__":
    answer(work)
