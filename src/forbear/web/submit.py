"""One form, one act: what is wrong is said in the form on its page, else the person is led on with a word."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from forbear.core.base.problem import Problem
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.forms import Form, refused
from forbear.web.request import Request


def problems_in(made: object) -> list[Problem]:
    """What an act found wrong; nothing when it is done."""
    found = made if isinstance(made, list) else [made]
    return [each for each in found if isinstance(each, Problem)]


def submit(
    request: Request,
    form: Form,
    act: Callable[[dict[str, Any]], object],
    page: Callable[[], HttpResponseBase],
    then: Callable[[Any], HttpResponse] | str,
    done: str = "",
) -> HttpResponseBase:
    """Do an act with what a form says: the page with the form (422) when something is wrong, else on to `then`.

    A `then` that is no address says itself that it is done, unless `done` does. A form that shows no field has no
    place for words: what is wrong is said on the page that follows.
    """
    if not form.is_valid():
        return refused(request, form, page)
    made = act(form.cleaned_data)
    if wrong := problems_in(made):
        if form.visible_fields():
            return refused(request, form, page, wrong)
        flash_problems(request, wrong)
        return redirect(then) if isinstance(then, str) else page()
    if isinstance(then, str) or done:
        flash_result(request, made, done)
    return redirect(then) if isinstance(then, str) else then(made)
