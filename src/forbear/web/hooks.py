"""Where providers call us: reports of what became of a message, and what people wrote back."""

from django.http import HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from forbear.actions.contacts.delivery_reports import record_delivery_report
from forbear.actions.contacts.spoken_words import spoken_words
from forbear.actions.payments.pay import apply_payment_callback
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.selectors.home_channels import home_channels, home_gateway
from forbear.channels.hook import NOT_PROVED
from forbear.channels.settings import Provider
from forbear.channels.transport import AnsweredCall, Report
from forbear.core.base.problem import Problem
from forbear.web import clock
from forbear.web.request import Request

_LARGEST = 1_000_000


@csrf_exempt
@require_http_methods(["GET", "POST"])
def provider_hook(request: Request, provider: str) -> HttpResponse:
    """A call of one provider, proved by its own signature. 404 for a provider nobody set up, 403 without proof.

    503 asks it to call again: a report may arrive before the answer that brings its reference. With a GET some
    providers try the address first; others may not.
    """
    found = home_channels().providers.get(provider)
    if found is None:
        return HttpResponse(status=404)
    if request.method == "GET":
        return _shake_hands(found, request)
    body = request.read(_LARGEST + 1)
    if len(body) > _LARGEST and not found.reads_beginning:
        return HttpResponse(status=413)
    report = found.read_report(
        dict(request.headers), body[:_LARGEST], request.now, query=request.META.get("QUERY_STRING", "")
    )
    if isinstance(report, Problem):
        return HttpResponse(status=403)
    for each in report:
        if isinstance(each, AnsweredCall):
            said = spoken_words(each, request.now)
            spoken_as, markup = found.say(said.words, said.language, said.times)
            return HttpResponse(markup, content_type=spoken_as)
    taken = [
        record_delivery_report(each, request.now)
        if isinstance(each, Report)
        else process_reply(each, request.now)
        for each in report
        if not isinstance(each, AnsweredCall)
    ]
    if any(isinstance(each, Problem) for each in taken):
        return HttpResponse(status=503)
    media_type, answer = found.acknowledge
    return HttpResponse(answer, content_type=media_type)


@csrf_exempt
@require_POST
def payment_hook(request: Request, provider: str) -> HttpResponse:
    """News of an order from the payment provider, proved by its signature.

    404 for a provider nobody set up and an order nobody made, 403 without proof, 400 for what makes no sense.
    """
    till = home_gateway(clock.now)
    if till is None or till.provider != provider:
        return HttpResponse(status=404)
    if len(request.body) > _LARGEST:
        return HttpResponse(status=413)
    report = till.read(dict(request.headers), request.body, request.now)
    if isinstance(report, Problem):
        return HttpResponse(status=403 if report is NOT_PROVED else 400)
    taken = apply_payment_callback(provider, report, request.now)
    return (
        HttpResponse(status=404)
        if isinstance(taken, Problem)
        else HttpResponse(b"{}", content_type="application/json")
    )


def _shake_hands(found: Provider, request: Request) -> HttpResponse:
    if not found.shakes_hands:
        return HttpResponseNotAllowed(["POST"])
    echo = found.read_handshake(request.META.get("QUERY_STRING", ""))
    if isinstance(echo, Problem):
        return HttpResponse(status=403)
    return HttpResponse(echo, content_type="text/plain")
