"""A night on a Ray cluster: each partition is a task on whatever node is free.

The book and the nights' folder lie on storage that every node sees under the
same path. A node that dies loses only its running partitions; Ray runs them
again elsewhere, and since a partition's files depend on its inputs alone, the
result is the same to the byte.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import ray

from forbear.night.inputs import NightInputs
from forbear.night.partition import decide_partition

# A partition is tried again this often after the node it ran on was lost.
RETRIES = 5


def decide_on(address: str, inputs: NightInputs, numbers: list[int], target: Path) -> Iterator[dict]:
    """Decide the partitions `numbers` on the cluster at `address`, yielding each one's notes as it is done."""
    # the nodes have the package already: Ray must not try to build the driver's environment on them again
    os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"
    ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True)
    try:
        task = ray.remote(num_cpus=1, max_retries=RETRIES, retry_exceptions=False)(decide_partition)
        shared = ray.put(inputs)
        running = [task.remote(shared, number, target) for number in numbers]
        while running:
            done, running = ray.wait(running, num_returns=1)
            yield ray.get(done[0])
    finally:
        ray.shutdown()
