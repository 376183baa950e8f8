"""Where a made-up home lies that nobody keeps: in memory where there is room, since it needs no lasting disk."""

import shutil
import tempfile
from pathlib import Path

#: What one borrower's day leaves on the disk at most, in bytes: by it a place for the home is chosen.
_BYTES_A_DAY = 2_000


def room_for(borrowers: int, days: int) -> Path:
    """A new folder for a home of that many borrowers who live that many days."""
    memory = Path("/dev/shm")  # noqa: S108
    need = 200_000_000 + borrowers * days * _BYTES_A_DAY
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * need
    return Path(tempfile.mkdtemp(prefix="forbear-sim-", dir=memory if roomy else None))
