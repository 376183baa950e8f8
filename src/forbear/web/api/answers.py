"""One shape for every failure, and answers that are given again for the same idempotency key."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError

from forbear.core.permit import digest
from forbear.store.models import Idempotency
from forbear.web.api.schemas import Failed
from forbear.web.guard import clock

#: Failures every guarded operation may answer with.
FAILURES = {400: Failed, 401: Failed, 404: Failed, 409: Failed, 422: Failed, 429: Failed}


def failed(status: int, code: str, message: str) -> Status:
    """A failure as an operation returns it."""
    return Status(status, Failed(code=code, message=message))


def shape_failures(api: NinjaAPI) -> None:
    """Make ninja's own failures look like ours."""

    def answer(status: int, code: str, message: str) -> HttpResponse:
        return JsonResponse({"code": code, "message": message}, status=status)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        wrong = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors]
        return answer(422, "invalid", "; ".join(wrong)[:2000])

    @api.exception_handler(AuthenticationError)
    def unknown_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return answer(401, "unauthorized", "send a living key with this scope as Authorization: Bearer KEY")

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(error.status_code, "bad_request", str(error))


def once(request: HttpRequest, body: Schema, act: Callable[[], Status]) -> Status:
    """Do `act` once for the caller's `Idempotency-Key`; asked again, the first answer is given again.

    The same key with another body is refused. Only an answer of success is kept: what failed may be mended.
    The key is taken before the act and in its transaction, so two requests at once can't both act.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return act()
    if len(key) > 100 or not key.isprintable():
        return failed(400, "bad_key", "an Idempotency-Key has at most 100 printable characters")
    asked = digest({"path": request.path, "body": body.model_dump(mode="json")})
    try:
        with transaction.atomic():
            kept = Idempotency.objects.create(
                api_key=request.auth, key=key, request=asked, status=0, answer={}, at=clock()
            )
            answer = act()
            if answer.status_code >= 300:
                kept.delete()
                return answer
            kept.status, kept.answer = answer.status_code, _as_json(answer.value)
            kept.save()
            return answer
    except IntegrityError:
        kept = Idempotency.objects.filter(api_key=request.auth, key=key).first()
        if kept is None:
            raise
        if kept.request != asked:
            return failed(422, "key_reused", "this Idempotency-Key was used for another request")
        return Status(kept.status, kept.answer)


def _as_json(answer: object) -> object:
    """An answer as it is kept."""
    assert isinstance(answer, Schema), "every answer has a schema"
    return answer.model_dump(mode="json")
