"""The one way to a solver (HiGHS): silent, repeatable, and on one thread.

The library keeps one pool of threads a process and refuses a second size, so everybody here asks for the same.
"""

import os
import sys

import highspy


def quiet_solver() -> highspy.Highs:
    """A new solver. The library greets on standard output as it is made; nobody asked for that."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        solver = highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("random_seed", 0)
    solver.setOptionValue("threads", 1)
    return solver
