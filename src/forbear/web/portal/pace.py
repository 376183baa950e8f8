"""The pace of one borrower on their own pages, asked by the one guard that lets them in.

Pages are counted by each process in its memory, so that a page writes nothing. Forms are counted over all processes,
and what makes a paper once more by the hour.
"""

from math import ceil

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from forbear.core.agreements.portal_pace import BURST
from forbear.interchange.home.policy import policy
from forbear.store.rate_limit import take_token
from forbear.web.local_pace import LocalPace
from forbear.web.recall import back_to, keep_typed
from forbear.web.request import BorrowerRequest

#: The views that make a paper, a copy of all data or the evidence: each takes the machine some work.
PAPERS = frozenset(
    {
        "portal:bundle",
        "portal:data",
        "portal:notice",
        "portal:plan_paper",
        "portal:settled",
        "portal:story",
    }
)
PAGES = LocalPace()


def wait_of(request: BorrowerRequest) -> float:
    """The seconds that this borrower waits before what they ask for now; 0.0 for none."""
    borrower_id, pace = request.borrower.borrower_id, policy(settings.HOME).portal
    if request.method != "POST":
        return PAGES.wait(borrower_id, pace.pages_a_minute, BURST * pace.pages_a_minute)
    wait = take_token(
        f"portal:{borrower_id}", request.now, per_minute=pace.acts_a_minute, burst=BURST * pace.acts_a_minute
    )
    page = request.resolver_match
    if wait or page is None or page.view_name not in PAPERS:
        return wait
    return take_token(
        f"portal-paper:{borrower_id}",
        request.now,
        per_minute=pace.papers_an_hour / 60,
        burst=BURST * pace.papers_an_hour,
    )


def too_fast(request: BorrowerRequest, wait: float) -> HttpResponse:
    """Say when it goes on; what was typed is kept."""
    draft = keep_typed(request, request.borrower) if request.method == "POST" else None
    shown = {"minutes": ceil(wait / 60), "kept": back_to(draft) if draft else ""}
    answer = render(request, "portal/slow.html", shown, status=429)
    answer["Retry-After"] = str(ceil(wait))
    return answer
