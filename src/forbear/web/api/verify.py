"""Who is calling? Open to everybody, slowed down for whoever guesses."""

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from forbear.actions.access.verify_caller import Caller, verify_caller
from forbear.core.base.problem import Problem
from forbear.store.rate_limit import take_token
from forbear.web.api.answers import clock, failed
from forbear.web.api.schemas import Failed, VerifyOut

router = Router(tags=["verification"])

PER_MINUTE, BURST = 6.0, 20

#: What anybody who collects may and may not do, in the words of the portal.
MAY = {
    "zh": ["说明身份和所代表的机构", "询问您的情况", "提供还款方案", "应您的要求寄送书面说明"],
    "en": [
        "say who they are and for whom they call",
        "ask about your situation",
        "offer a repayment plan",
        "send you everything in writing if you ask",
    ],
}
MAY_NOT = {
    "zh": ["收取现金或要求转入个人账户", "威胁、辱骂或冒充公检法", "向他人透露您的债务", "要求您借新还旧"],
    "en": [
        "take cash or money into a private account",
        "threaten, insult or pretend to be the police or a court",
        "tell others of your debt",
        "urge you to borrow elsewhere",
    ],
}


#: And who comes to a door.
VISIT_MAY = {
    "zh": ["两人一起上门并出示工作证", "全程录音"],
    "en": ["come as two and show their cards", "record the visit"],
}
VISIT_MAY_NOT = {
    "zh": ["未经您同意进门", "您要求离开后继续停留"],
    "en": ["come in unless you ask them in", "stay when you ask them to leave"],
}


class Asked(Schema):
    """A code, a number or a collector's id."""

    q: str = ""
    language: str = "zh"


def slowed(request: HttpRequest) -> float:
    """Seconds until this caller may ask again; 0.0 when they may now."""
    return take_token(
        f"verify:{request.META.get('REMOTE_ADDR', '')}", clock(), per_minute=PER_MINUTE, burst=BURST
    )


def told(caller: Caller | None, language: str) -> VerifyOut:
    """The answer in a language; nothing at all when nobody is behind it."""
    if caller is None:
        return VerifyOut(genuine=False)
    chinese = language.startswith("zh")
    words = "zh" if chinese else "en"
    zh, en = settings.HOME.name
    return VerifyOut(
        genuine=True,
        lender=zh if chinese else en,
        collector=caller.collector,
        agency=caller.agency if chinese else caller.agency_en,
        registration=caller.registration,
        since=caller.since,
        visit=caller.visit,
        may=[*(VISIT_MAY[words] if caller.visit else ()), *MAY[words]],
        may_not=[*(VISIT_MAY_NOT[words] if caller.visit else ()), *MAY_NOT[words]],
    )


@router.get("/verify", auth=None, response={200: VerifyOut, 400: Failed, 422: Failed, 429: Failed})
def verify(request: HttpRequest, asked: Query[Asked]) -> Status:
    """Is this code, number or collector's id genuinely from this lender?"""
    if wait := slowed(request):
        seconds = int(wait) + 1
        often = Problem(
            f"asked too often; try again in {seconds} seconds", f"查询过于频繁，请在 {seconds} 秒后再试"
        )
        return failed(request, 429, "slow_down", often)
    return Status(200, told(verify_caller(asked.q, clock()), asked.language))
