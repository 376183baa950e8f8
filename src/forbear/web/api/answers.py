"""One shape for every failure, and answers that are given again for the same idempotency key."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError

from forbear.actions.access.answers_given import answer_given, claim_answer, complete_answer, release_answer
from forbear.core.base.problem import Problem, joined
from forbear.core.permits.permit import digest
from forbear.web.api.keys import TooFast
from forbear.web.api.language import in_chinese, mistake, said_in
from forbear.web.api.schemas import Failed
from forbear.web.request import KeyRequest

#: Failures every guarded operation may answer with.
FAILURES = {400: Failed, 401: Failed, 404: Failed, 409: Failed, 422: Failed, 429: Failed}


def failed(request: HttpRequest, status: int, problem: Problem) -> Status:
    """A failure as an operation returns it, in the language asked for."""
    return Status(status, Failed(code=problem.code, message=said_in(request, problem)))


def shape_failures(api: NinjaAPI) -> None:
    """Make ninja's own failures look like ours."""

    def answer(request: HttpRequest, status: int, problem: Problem) -> HttpResponse:
        body = {"code": problem.code, "message": said_in(request, problem)[:2000]}
        return told_in(request, JsonResponse(body, status=status))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return answer(request, 422, joined(mistake(each) for each in error.errors))

    @api.exception_handler(AuthenticationError)
    def unknown_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return answer(request, 401, _NO_KEY)

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(request, error.status_code, _UNREADABLE)

    @api.exception_handler(TooFast)
    def too_fast(request: HttpRequest, error: TooFast) -> HttpResponse:
        problem = Problem(
            "too_many_calls", "this key calls too often; wait %(seconds)s seconds", seconds=error.seconds
        )
        made = answer(request, 429, problem)
        made["Retry-After"] = str(error.seconds)
        return made


_NO_KEY = Problem("api_key_missing", "send a working key with this scope as Authorization: Bearer KEY")
#: The only such failure of the framework is a body that it can't read.
_UNREADABLE = Problem("body_unreadable", "the body can't be read; it must be JSON")


def told_in(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """The answer, with the language of its sentences in its head."""
    answer["Content-Language"] = "zh-hans" if in_chinese(request) else "en"
    return answer


def once(request: KeyRequest, body: Schema, act: Callable[[], Status]) -> Status:
    """Do `act` once for the caller's `Idempotency-Key`; asked again, the first answer is given again.

    The same key with another body is refused. Only an answer of success is kept: what failed may be mended.
    The key is taken before the act and in its transaction, so two requests at once can't both act.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return act()
    if len(key) > 100 or not key.isprintable():
        return failed(request, 400, _BAD_KEY)
    asked = digest({"path": request.path, "body": body.model_dump(mode="json")})
    try:
        with transaction.atomic():
            claimed = claim_answer(request.auth, key, asked, request.now)
            answer = act()
            if answer.status_code >= 300:
                release_answer(claimed)
            else:
                complete_answer(claimed, answer.status_code, _as_json(answer.value))
            return answer
    except IntegrityError:
        given = answer_given(request.auth, key)
        if given is None:
            raise
        if given.request != asked:
            return failed(request, 422, _REUSED)
        return Status(given.status, given.answer)


_BAD_KEY = Problem("idempotency_key_invalid", "an Idempotency-Key has at most 100 printable characters")
_REUSED = Problem("idempotency_key_reused", "this Idempotency-Key was used for another request")


def _as_json(answer: object) -> object:
    """An answer as it is kept."""
    assert isinstance(answer, Schema), "every answer has a schema"
    return answer.model_dump(mode="json")
