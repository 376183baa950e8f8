"""What is asked has no NUL: no database text can hold one, and nobody writes one. A form says so at its field."""

from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse, QueryDict
from django.utils.translation import gettext

_CODE = "text_unreadable"


class WithoutNul:
    """Middleware: an address or query with a NUL in it is answered by 400.

    What a provider calls with is not looked at here: it is kept, whatever it holds.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer of what is asked, or 400."""
        query = request.GET if "%00" in request.META.get("QUERY_STRING", "") else QueryDict()
        if any("\0" in text for text in (request.path, *_texts(query))):
            return _refused(request)
        return self.get_response(request)


def _texts(sent: QueryDict) -> Iterable[str]:
    for name, values in sent.lists():
        yield from (name, *values)


def _refused(request: HttpRequest) -> HttpResponse:
    message = gettext("The address or the form has a character that can't be read.")
    if request.path.startswith("/api/"):
        return JsonResponse({"code": _CODE, "message": message}, status=400)
    return HttpResponseBadRequest(message, content_type="text/plain; charset=utf-8")
