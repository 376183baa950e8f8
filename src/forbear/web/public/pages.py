"""Pages by a link from a message: no more e-mails, and how it was; and the way to one's own work."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from forbear.actions.contacts.opt_outs import contact_of, opt_out
from forbear.actions.replies.feedback import answer_feedback, asked
from forbear.core.base.problem import Problem
from forbear.web.api.verify import slowed
from forbear.web.menu import first_page_of
from forbear.web.public.demo import first_page
from forbear.web.request import Request


def home(request: Request) -> HttpResponse:
    """The way in: to the pages of one's own work."""
    if settings.HOME.is_demo and (not request.user.is_authenticated or "roles" in request.GET):
        return first_page(request)
    if not request.user.is_authenticated:
        return redirect("login")
    return redirect(first_page_of(request.user.role))


@csrf_exempt  # a mail program posts here without a page before it (RFC 8058); the address itself is the proof
def stop(request: Request, token: str) -> HttpResponse:
    """Get no more e-mails: a page with one button, and what mail programs press for the reader."""
    contact = contact_of(token)
    if contact is None:
        return render(request, "public/dead_link.html", {"kind": "stop"}, status=404)
    done = request.method == "POST"
    if done:
        made = opt_out(contact, request.now)
        assert not isinstance(made, Problem), "a contact has its borrower"
    return render(request, "public/stop.html", {"done": done})


#: The two questions, and what can be answered.
QUESTIONS = (
    ("respect", _("Were you treated with respect?")),
    ("clear", _("Was everything made clear?")),
)
MARKS = (
    (5, _("Very much so")),
    (4, _("Mostly")),
    (3, _("So-so")),
    (2, _("Hardly")),
    (1, _("Not at all")),
)


def say(request: Request, token: str) -> HttpResponse:
    """How was it for you? Two questions from a link, without signing in; nothing about the debt is shown."""
    if slowed(request):
        return render(
            request, "public/say.html", {"done": False, "questions": QUESTIONS, "marks": MARKS}, status=429
        )
    found = asked(token, request.now)
    if found is None:
        return render(request, "public/dead_link.html", {"kind": "survey"}, status=404)
    done, wrong = found.answered_at is not None, False
    if request.method == "POST" and not done:
        form = request.POST
        made = answer_feedback(
            token, form.get("respect", ""), form.get("clear", ""), form.get("words", ""), request.now
        )
        done, wrong = not isinstance(made, Problem), isinstance(made, Problem)
    shown = {"done": done, "wrong": wrong, "questions": QUESTIONS, "marks": MARKS}
    return render(request, "public/say.html", shown)
