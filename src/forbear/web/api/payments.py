"""Payments by program: what waits about that loan stops at once."""

from ninja import Router, Status

from forbear.actions.cases.payments import record_payment
from forbear.actions.cases.unapplied_payments import receive_payment
from forbear.core.base.problem import Problem
from forbear.core.loans.incoming import IncomingPayment
from forbear.store.access import loan_for
from forbear.store.models import ApiKey, Payment, UnappliedPayment
from forbear.web.api.answers import FAILURES, failed, once
from forbear.web.api.keys import Scoped
from forbear.web.api.schemas import PaymentIn, PaymentOut, UnappliedOut
from forbear.web.request import KeyRequest

router = Router(tags=["payments"])
#: Problems of how things stand; every other one is of what was sent.
_STATUS = {"no_such_open_loan": 404, "payment_id_reused": 409}


@router.post(
    "/payments", auth=Scoped("payments:write"), response=FAILURES | {201: PaymentOut, 202: UnappliedOut}
)
def payment(request: KeyRequest, reported: PaymentIn) -> Status:
    """Report a payment or a reversal. The same payment reported again is the same payment.

    201: it counts. 202: it fits no loan as reported; it is kept, and a person decides whose it is.
    """
    key = request.auth
    incoming = IncomingPayment(
        reported.payment_id, reported.loan_id, reported.paid_on, reported.amount, reported.reverses
    )

    def act() -> Status:
        made = _receive(request, key, incoming)
        if isinstance(made, Problem):
            return failed(request, _STATUS.get(made.code, 422), made)
        if isinstance(made, UnappliedPayment):
            return Status(202, _unapplied(made))
        return Status(201, _counted(made))

    return once(request, reported, act)


def _receive(
    request: KeyRequest, key: ApiKey, incoming: IncomingPayment
) -> Payment | UnappliedPayment | Problem:
    """Of the lender every payment is kept; an agency's program reports payments of its placed loans alone."""
    actor = f"key:{key.prefix}"
    if not key.agency_id:
        return receive_payment(incoming, request.now, actor=actor)
    if loan_for(key, incoming.loan_id) is None:
        return Problem(
            "no_such_open_loan", "there is no loan %(loan_id)s with an open case", loan_id=incoming.loan_id
        )
    return record_payment(incoming, request.now, actor=actor)


def _counted(made: Payment) -> PaymentOut:
    return PaymentOut(
        payment_id=made.payment_id,
        loan_id=made.loan_id,
        paid_on=made.paid_on,
        amount=made.amount,
        reverses=made.reverses,
        received_at=made.received_at,
    )


def _unapplied(made: UnappliedPayment) -> UnappliedOut:
    return UnappliedOut(
        payment_id=made.payment_id,
        loan_id=made.loan_named,
        paid_on=made.paid_on,
        amount=made.amount,
        state=made.state,
        why=made.why,
        received_at=made.received_at,
    )
