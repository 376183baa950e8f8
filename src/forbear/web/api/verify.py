"""Who is calling? Open to everybody, slowed down for those who guess."""

from collections.abc import Iterable

from django.conf import settings
from ninja import Query, Router, Schema, Status

from forbear.actions.access.verify_caller import Caller, verify_caller
from forbear.core.base.problem import MessageId, Problem, noop
from forbear.store.problem_text import sentence_in
from forbear.store.rate_limit import take_token
from forbear.web.api.answers import failed
from forbear.web.api.schemas import Failed, VerifyOut
from forbear.web.proxy import network_of
from forbear.web.request import Request

router = Router(tags=["verification"])

PER_MINUTE, BURST = 6.0, 20

#: What anybody who collects may and may not do, in the words of the portal.
MAY = (
    noop("say who they are and for whom they call"),
    noop("ask about your situation"),
    noop("offer a repayment plan"),
    noop("send you everything in writing if you ask"),
)
MAY_NOT = (
    noop("take cash or money into a private account"),
    noop("threaten, insult or pretend to be the police or a court"),
    noop("tell others of your debt"),
    noop("urge you to borrow elsewhere"),
)
#: And who comes to a door.
VISIT_MAY = (
    noop("come as two and show their cards"),
    noop("record the visit"),
)
VISIT_MAY_NOT = (
    noop("come in unless you ask them in"),
    noop("stay when you ask them to leave"),
)


class Asked(Schema):
    """A code, a number or a staff id."""

    q: str = ""
    language: str = "zh"


def slowed(request: Request) -> float:
    """Seconds until this caller may ask again; 0.0 when they may now."""
    return take_token(f"verify:{network_of(request)}", request.now, per_minute=PER_MINUTE, burst=BURST)


def said_all(rules: Iterable[MessageId], language: str) -> list[str]:
    """The sentences in a language, English where it is none of ours."""
    ours = [code for code, _ in settings.LANGUAGES if code.partition("-")[0] == language.partition("-")[0]]
    return [sentence_in(ours[0] if ours else "en", rule) for rule in rules]


def answer_for(caller: Caller | None, language: str) -> VerifyOut:
    """The answer in a language; nothing at all when nobody is behind it."""
    if caller is None:
        return VerifyOut(genuine=False)
    chinese = language.startswith("zh")
    zh, en = settings.HOME.name
    return VerifyOut(
        genuine=caller.proves,
        kind=caller.kind,
        channel=caller.channel,
        at=caller.at,
        ending=caller.ending,
        paper=caller.paper,
        old=caller.old,
        left=caller.left,
        lender=zh if chinese else en,
        collector=caller.collector,
        agency=caller.agency if chinese else caller.agency_en,
        registration=caller.registration,
        since=caller.since,
        visit=caller.visit,
        may=said_all([*(VISIT_MAY if caller.visit else ()), *MAY], language),
        may_not=said_all([*(VISIT_MAY_NOT if caller.visit else ()), *MAY_NOT], language),
    )


@router.get("/verify", auth=None, response={200: VerifyOut, 400: Failed, 422: Failed, 429: Failed})
def verify(request: Request, asked: Query[Asked]) -> Status:
    """What is known of a code, a number or a staff id, and whether it proves a contact of this lender."""
    if wait := slowed(request):
        seconds = int(wait) + 1
        often = Problem(
            "verify_too_often", "asked too often; try again in %(seconds)s seconds", seconds=seconds
        )
        return failed(request, 429, often)
    return Status(200, answer_for(verify_caller(asked.q, request.now), asked.language))
