"""Payments by program: what waits about that loan stops at once."""

from ninja import Router, Status

from forbear.actions.cases.payments import IncomingPayment, record_payment
from forbear.core.base.problem import Problem
from forbear.web.api.answers import FAILURES, failed, once
from forbear.web.api.keys import Scoped
from forbear.web.api.schemas import PaymentIn, PaymentOut
from forbear.web.request import KeyRequest

router = Router(tags=["payments"])


@router.post("/payments", auth=Scoped("payments:write"), response=FAILURES | {201: PaymentOut})
def payment(request: KeyRequest, reported: PaymentIn) -> Status:
    """Tell of a payment or a reversal. The same payment told again is the same payment."""

    def act() -> Status:
        incoming = IncomingPayment(
            reported.payment_id, reported.loan_id, reported.paid_on, reported.amount, reported.reverses
        )
        made = record_payment(incoming, request.now, actor=f"key:{request.auth.prefix}")
        if isinstance(made, Problem):
            return failed(request, 404 if made.code == "no_such_open_loan" else 409, made)
        return Status(
            201,
            PaymentOut(
                payment_id=made.payment_id,
                loan_id=made.loan_id,
                paid_on=made.paid_on,
                amount=made.amount,
                reverses=made.reverses,
                received_at=made.received_at,
            ),
        )

    return once(request, reported, act)
