"""Memory while a world is lived: what is there from the start stays, so nobody looks through it again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: How many new objects there may be before the youngest are looked through, and how many such rounds before the elder.
_ROUNDS = (50_000, 20, 50)


@contextmanager
def seldom_swept() -> Iterator[None]:
    """Inside, garbage is looked for seldom, and never among what was there at the start; afterwards as before."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_ROUNDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
