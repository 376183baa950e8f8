"""What is asked has no NUL: no database text can hold one, and nobody writes one."""

from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse, QueryDict
from django.utils.translation import gettext

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_CODE = "text_unreadable"


class WithoutNul:
    """Middleware: an address, query or form with a NUL in it is answered by 400.

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

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *arguments: object
    ) -> HttpResponse | None:
        """400 for a form with a NUL; the check of its token has read it already."""
        ours = request.method == "POST" and not getattr(view, "csrf_exempt", False)
        if ours and request.content_type in _FORMS and any("\0" in text for text in _texts(request.POST)):
            return _refused(request)
        return None


def _texts(sent: QueryDict) -> Iterable[str]:
    for name, values in sent.lists():
        yield from (name, *values)


def _refused(request: HttpRequest) -> HttpResponse:
    message = gettext("The address or the form has a character that can't be read.")
    if request.path.startswith("/api/"):
        return JsonResponse({"code": _CODE, "message": message}, status=400)
    return HttpResponseBadRequest(message, content_type="text/plain; charset=utf-8")
