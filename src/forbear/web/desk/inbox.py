"""The inbox: all that people write or say and a person has to read, as a work list, and one message with its forms."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from forbear.actions.replies.answers import ANSWERED_BY, approved_texts
from forbear.actions.replies.inbox import take_next, transfer_messages, waiting
from forbear.actions.replies.other_ways import Recorded, record_message
from forbear.actions.replies.sorting import SORTS
from forbear.actions.selectors.staff_directory import readers_of_inbox
from forbear.core.base.problem import Problem
from forbear.store.access import cases_for, masked_name, masked_point, replies_for, reply_for
from forbear.store.models import Inbound, Staff
from forbear.web.call_forms import flash_result
from forbear.web.desk.inbox_forms import AnswerForm, LinkForm, PassOnForm, RecordForm, SortForm
from forbear.web.desk.listings.casework import INBOX, LATE
from forbear.web.desk.listings.cells import owner_of
from forbear.web.forms import form_on
from forbear.web.guard import permission_required
from forbear.web.lists.bulk import TransferForm, back_to_list, refused_list
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit

_BEFORE = 10
_KIND_OF = {"sms": "phone", "voice": "phone", "call": "phone", "email": "email", "letter": "address"}


@permission_required("desk:request:answer")
def inbox(request: StaffRequest) -> HttpResponseBase:
    """What waits for a reader: danger first, then the oldest."""

    def more(shown: ShownList) -> dict[str, object]:
        people = readers_of_inbox() if shown.ticked else []
        return {
            "counts": _counts(replies_for(request.user), request.user, request.now),
            "people": people,
            "teams": sorted({person.team for person in people if person.team}),
        }

    return answer(request, INBOX, "desk/inbox.html", more)


@require_POST
@permission_required("desk:request:answer")
def transfer_many(request: StaffRequest) -> HttpResponseBase:
    """Pass the ticked messages on, or take them."""
    form = TransferForm(request.POST)
    if not form.is_valid():
        return refused_list(request, form, "desk:inbox", lambda: inbox(request))
    asked = form.cleaned_data
    seen = list(replies_for(request.user).filter(pk__in=asked["id"]).values_list("pk", flat=True))
    made = transfer_messages(seen, asked["to"], request.user, request.now)
    if isinstance(made, Problem):
        return refused_list(request, form, "desk:inbox", lambda: inbox(request), made)
    done, left = made
    sentence = ngettext("%(number)s message passed on.", "%(number)s messages passed on.", done)
    sentence %= {"number": done}
    if left:
        others = ngettext("Somebody else works on %(number)s.", "Others work on %(number)s.", left)
        sentence = f"{sentence} {others % {'number': left}}"
    messages.success(request, sentence)
    return back_to_list(form, "desk:inbox")


def _counts(rows: QuerySet[Inbound], staff: Staff, now: datetime) -> dict[str, int]:
    """How many wait, speak of danger, wait for more than a day, and are this person's."""
    open_rows = waiting(rows.select_related(None))
    # of what stands in the index of those that wait, and of nothing else
    counted = open_rows.aggregate(
        waiting=Count("pk"),
        urgent=Count("pk", filter=Q(urgent=True)),
        late=Count("pk", filter=Q(at__lt=now - LATE)),
    )
    return {**counted, "mine": open_rows.filter(owner=staff, owned_until__gt=now).order_by().count()}


@permission_required("desk:request:answer")
def message(request: StaffRequest, inbound_id: int) -> HttpResponse:
    """One message in full, what came before it, and what can be done with it."""
    return show_message(request, message_of(request, inbound_id))


def message_of(request: StaffRequest, inbound_id: int) -> Inbound:
    """The message of that number; not found where there is none."""
    found = reply_for(request.user, inbound_id)
    if found is None:
        raise Http404
    return found


def show_message(request: StaffRequest, inbound: Inbound) -> HttpResponse:
    """The page of a message, with its forms."""
    owner, alarm = owner_of(inbound, request.now), getattr(inbound, "alarm", None)
    teams, people = receivers(request)
    shown = {
        "inbound": inbound,
        "alarm": alarm,
        "open_alarm": alarm is not None and alarm.seen_at is None,
        "name": masked_name(inbound.borrower.name) if inbound.borrower else "",
        "sender": masked_point(_KIND_OF.get(inbound.channel, "phone"), inbound.sender)
        if inbound.sender
        else "",
        "candidates": _candidates(request, inbound),
        "owner": owner,
        "free": owner in ("", request.user.number),
        "before": _before(request, inbound),
        "texts": approved_texts(inbound, request.now),
        "can_write": inbound.channel in ANSWERED_BY and bool(inbound.point_digest),
        "sorts": SORTS,
        "forms": {
            "answer": form_on(request, AnswerForm),
            "pass_on": form_on(request, PassOnForm, teams, people) if teams or people else None,
            "link": form_on(request, LinkForm),
            "sort": form_on(request, SortForm, now=request.now),
        },
    }
    return render(request, "desk/message.html", shown)


def receivers(request: StaffRequest) -> tuple[list[str], list[Staff]]:
    """The teams and the other people that a message can be passed on to."""
    people = list(readers_of_inbox())
    teams = sorted({person.team for person in people if person.team})
    return teams, [person for person in people if person.pk != request.user.pk]


def _candidates(request: StaffRequest, inbound: Inbound) -> list[tuple[str, str]]:
    """The borrowers who have the number or address of a message that belongs to no case, by their masked names."""
    if inbound.borrower_id is not None or not inbound.point_digest:
        return []
    cases = cases_for(request.user).filter(borrower__points__digest=inbound.point_digest)
    return sorted({(case.borrower_id, masked_name(case.borrower.name)) for case in cases[:_BEFORE]})


def _before(request: StaffRequest, inbound: Inbound) -> Iterable[Inbound]:
    """What the same borrower or number wrote besides, the newest first."""
    rows = replies_for(request.user).exclude(pk=inbound.pk)
    if inbound.borrower_id is not None:
        rows = rows.filter(borrower_id=inbound.borrower_id)
    elif inbound.point_digest:
        rows = rows.filter(point_digest=inbound.point_digest)
    else:
        return []
    return rows.order_by("-at", "-pk")[:_BEFORE]


@require_POST
@permission_required("desk:request:answer")
def next_message(request: StaffRequest) -> HttpResponse:
    """Take the next one that waits."""
    found = take_next(replies_for(request.user), request.user, request.now)
    if found is None:
        flash_result(request, None, gettext("Nothing waits that you can take."))
        return redirect("desk:inbox")
    return redirect("desk:reply", found.pk)


@permission_required("desk:request:answer")
def record(request: StaffRequest) -> HttpResponseBase:
    """Write down a letter, a voice message or what came another way."""

    def page() -> HttpResponse:
        return render(request, "desk/record_message.html", {"form": form_on(request, RecordForm)})

    if request.method != "POST":
        return page()
    form = RecordForm(request.POST, request.FILES)

    def act(given: dict[str, Any]) -> object:
        sent = Recorded(
            given["channel"], given["words"], given["borrower"], given["sender"], given["file"] or None
        )
        return record_message(sent, request.user, request.now)

    done = gettext("Saved in the inbox.")
    return submit(request, form, act, page, lambda made: redirect("desk:reply", made.pk), done)
