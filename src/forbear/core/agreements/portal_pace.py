"""How fast one borrower may use their own pages, and how much they may hand in.

The limits are far above what a person does. They keep one session from filling the disk and the desk's queues.
"""

from typing import Annotated

from forbear.core.base.problem import noop
from forbear.core.base.setting import settings_class, whole

#: What is used at once before the pace counts, as a multiple of a minute's or an hour's number.
BURST = 3


@settings_class
class PortalPace:
    """Per borrower: pages and acts a minute, papers an hour, and what is handed in, in megabytes."""

    pages_a_minute: Annotated[
        int,
        whole(
            noop("Pages opened"), noop("A borrower opens in a minute at most"), "times", least=10, most=6000
        ),
    ] = 60
    acts_a_minute: Annotated[
        int,
        whole(noop("Forms sent"), noop("A borrower sends in a minute at most"), "times", least=2, most=600),
    ] = 6
    papers_an_hour: Annotated[
        int,
        whole(
            noop("Papers made"),
            noop("Letters, copies and evidence that a borrower has made in an hour at most"),
            "times",
            least=1,
            most=600,
        ),
    ] = 4
    uploads_a_day: Annotated[
        int,
        whole(
            noop("Handed in a day"),
            noop("Files that a borrower hands in within 24 hours"),
            "megabytes",
            least=15,
            most=100_000,
        ),
    ] = 75
    uploads: Annotated[
        int,
        whole(
            noop("Handed in altogether"),
            noop("Files of one borrower"),
            "megabytes",
            least=15,
            most=1_000_000,
        ),
    ] = 300
