"""Pages by a link from a message: no more e-mails, and how it was; and the way to one's own work."""

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from forbear.actions.contacts.opt_outs import contact_of, opt_out
from forbear.actions.replies.feedback import LONGEST_WORDS, answer_feedback, asked
from forbear.core.base.problem import Problem
from forbear.web.api.verify import slowed
from forbear.web.fields import PickField, TextField
from forbear.web.form_token import mark_done
from forbear.web.forms import Form, refused
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


class SayForm(Form):
    """How it was: two questions, of which one is enough, and a word."""

    problems_at = "respect"

    respect = PickField(MARKS, blank=None, label=QUESTIONS[0][1], required=False, widget=forms.RadioSelect)
    clear = PickField(MARKS, blank=None, label=QUESTIONS[1][1], required=False, widget=forms.RadioSelect)
    words = TextField(LONGEST_WORDS, rows=3, label=_("Anything else (optional)"), required=False)


def say(request: Request, token: str) -> HttpResponseBase:
    """How was it for you? Two questions from a link, without signing in; nothing about the debt is shown."""
    form = SayForm(request.POST) if request.method == "POST" else SayForm()

    def page(*, done: bool = False, status: int = 200) -> HttpResponse:
        return render(request, "public/say.html", {"done": done, "form": form}, status=status)

    if slowed(request):
        return page(status=429)
    found = asked(token, request.now)
    if found is None:
        return render(request, "public/dead_link.html", {"kind": "survey"}, status=404)
    if found.answered_at is not None or request.method != "POST":
        return page(done=found.answered_at is not None)
    if not form.is_valid():
        return refused(request, form, page)
    given = form.cleaned_data
    made = answer_feedback(token, given["respect"], given["clear"], given["words"], request.now)
    return refused(request, form, page, made) if isinstance(made, Problem) else mark_done(page(done=True))
