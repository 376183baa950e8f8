"""Pay through a provider: an order, a page to pay on, and the provider's news, held against the order.

The payment is written down, collection stopped and the receipt queued in one transaction with the news. The same news
reported again changes nothing; news that doesn't fit the order is kept for a person and pays nothing.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.notify_borrower import notify_borrower, text_language
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.selectors.creditors import creditor_of
from forbear.actions.selectors.payment_effects import payment_effects
from forbear.channels.payment import Order, Page, PaymentGateway, PaymentNotice
from forbear.core.agreements.loan_state import refusal
from forbear.core.base.money import format_amount
from forbear.core.base.problem import MessageId, Phrase, Problem, noop
from forbear.core.base.reason import NO_REASON, Reason, of_problem
from forbear.core.content.template import Money
from forbear.core.loans.incoming import IncomingPayment
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.loan_states import loan_states
from forbear.store.models import Borrower, Loan, PaymentOrder, Request
from forbear.store.problem_text import sentence_in
from forbear.store.situation import lock_borrower

#: An order asked for again within this time is the same order.
SAME_WITHIN = timedelta(minutes=30)
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def open_order(
    borrower: Borrower, loan_id: str, amount: int, till: PaymentGateway, now: datetime
) -> PaymentOrder | Problem:
    """An order for the borrower's own loan, with the page on which it is paid.

    The provider is asked outside any transaction; an order it doesn't answer is kept as failed.
    """
    loan = Loan.objects.filter(borrower=borrower, loan_id=loan_id).first()
    if loan is None:
        return Problem("payment_loan_invalid", "a payment is for one of your own loans")
    if wrong := refusal(loan_states([loan], now)[loan.pk], "pay"):
        return wrong
    most = max(loan.payoff, loan.outstanding)  # who pays ahead pays interest that isn't due yet, too
    if not 0 < amount <= most:
        return Problem(
            "payment_amount_invalid",
            "the amount is above 0 and at most all that is left, %(most)s",
            most=format_amount(most, loan.currency),
        )
    same = PaymentOrder.objects.filter(
        loan=loan, amount=amount, state="opened", provider=till.provider, made_at__gt=now - SAME_WITHIN
    ).exclude(page="")
    known = same.order_by("-made_at").first()
    if known is not None:
        return known
    order = PaymentOrder.objects.create(
        order_id="".join(secrets.choice(_SIGNS) for _ in range(24)),
        borrower=borrower,
        loan=loan,
        amount=amount,
        currency=loan.currency,
        minor_unit=loan.minor_unit,
        state="opened",
        provider=till.provider,
        made_at=now,
    )
    page = till.open(_order_of(order))
    if isinstance(page, Page):
        # the news may have come while we waited for the answer; only these two are ours to write
        order.provider_ref, order.page = page.ref, page.url
        order.save(update_fields=["provider_ref", "page"])
        return order
    PaymentOrder.objects.filter(pk=order.pk, state="opened").update(state="failed", settled_at=now)
    return page


def _order_of(order: PaymentOrder) -> Order:
    url = settings.HOME.url
    return Order(
        order.order_id,
        order.amount,
        order.currency,
        order.minor_unit,
        creditor_of([order.loan]).name("zh"),
        f"{url}/my/receipt/{order.order_id}",
        f"{url}/paid/{order.provider}",
    )


def apply_payment_callback(provider: str, notice: PaymentNotice, now: datetime) -> PaymentOrder | Problem:
    """What the provider says became of an order; said again it is the same. Problem when there is no such order."""
    with transaction.atomic():
        owner = PaymentOrder.objects.filter(order_id=notice.order_id, provider=provider)
        name = owner.values_list("borrower_id", flat=True).first()
        if name is None:
            return Problem("no_such_order", "there is no such order")
        borrower = lock_borrower(name)
        assert borrower is not None, "an order has its borrower"
        order = PaymentOrder.objects.select_related("loan").get(pk=notice.order_id)
        if notice.state == "failed":
            return _failed(order, now)
        if order.state == "paid" and order.payment_id == _payment_id(provider, notice.ref):
            return order
        if reason := _doubt(order, notice, now):
            return _doubtful(order, notice, now, reason)
        return _paid(borrower, order, notice, now)


def _payment_id(provider: str, ref: str) -> str:
    return f"{provider}-{ref}"[:64]


def _failed(order: PaymentOrder, now: datetime) -> PaymentOrder:
    if order.state == "opened":
        order.state, order.settled_at = "failed", now
        order.save(update_fields=["state", "settled_at"])
    return order


def _doubt(order: PaymentOrder, notice: PaymentNotice, now: datetime) -> Reason:
    """Why the news can't be taken; no reason when it can."""
    if (notice.amount, notice.currency) != (order.amount, order.currency):
        return Reason.of("order_amount_differs")
    if order.provider_ref and notice.ref != order.provider_ref:
        return Reason.of("order_reference_differs")
    if notice.paid_at > now + timedelta(minutes=10) or notice.paid_at < order.made_at - timedelta(days=1):
        return Reason.of("order_paid_at_impossible")
    if order.state == "paid":
        return Reason.of("order_paid_already")
    return NO_REASON


def _doubtful(order: PaymentOrder, notice: PaymentNotice, now: datetime, reason: Reason) -> PaymentOrder:
    """Money may have moved that we can't place: on record, for a person, and no balance changes."""
    if order.state == "doubtful":
        return order
    if order.state != "paid":
        order.state, order.settled_at = "doubtful", now
        order.save(update_fields=["state", "settled_at"])
    _log_event(order, now, "doubtful", notice, reason)
    # money of theirs may be on its way: nobody chases for this loan until a person has looked
    same = notice.currency == order.currency
    amount = format_amount(notice.amount, notice.currency) if same else f"{notice.amount} in minor units of"
    fields = {"amount": f"{amount} {notice.currency[:3]}", "ref": notice.ref[:64], "doubt": reason.as_dict()}
    check_request = Asked(
        order.borrower_id,
        "payment_check",
        source="provider",
        loans=(order.loan_id,),
        line=order.order_id,
        details=fields,
    )
    request = make_request(check_request, now, actor=f"provider:{order.provider}")
    assert isinstance(request, Request), "the order's borrower and loan are there"
    return order


def _paid(
    borrower: Borrower, order: PaymentOrder, notice: PaymentNotice, now: datetime
) -> PaymentOrder | Problem:
    payment_id = _payment_id(order.provider, notice.ref)
    incoming = IncomingPayment(payment_id, order.loan_id, business_date(notice.paid_at), notice.amount)
    payment = record_payment(incoming, now, actor=f"provider:{order.provider}")
    if isinstance(payment, Problem):
        return _doubtful(order, notice, now, of_problem(payment))
    order.state, order.settled_at, order.payment_id = "paid", now, payment_id
    order.save(update_fields=["state", "settled_at", "payment_id"])
    _log_event(order, now, "paid", notice, NO_REASON)
    notify_borrower(
        borrower,
        "payment_receipt",
        now,
        about=f"payment:{payment_id}",
        loans=(order.loan_id,),
        paid=Money(order.amount, order.currency),
        paid_on=incoming.paid_on,
        covered=_covered(borrower, order, text_language(borrower), now),
    )
    return order


#: What a payment paid, by the kind of line and whether something of it is left.
_COVERED: dict[tuple[str, bool], MessageId] = {
    ("instalment", True): noop("instalment %(number)s in part"),
    ("instalment", False): noop("instalment %(number)s in full"),
    ("past_due", True): noop("the amount past due in part"),
    ("past_due", False): noop("the amount past due in full"),
    ("minimum", True): noop("the minimum payment in part"),
    ("minimum", False): noop("the minimum payment in full"),
    ("rest", True): noop("the rest of the balance in part"),
    ("rest", False): noop("the whole balance"),
}


def _covered(borrower: Borrower, order: PaymentOrder, language: str, now: datetime) -> str:
    """Which instalments the payment paid, in words; that it counts for the loan where no book has its lines."""
    effect = payment_effects(borrower.borrower_id, business_date(now)).get((order.loan_id, order.payment_id))
    if effect is None or not effect.spreads:
        return sentence_in(language, noop("it counts for your loan"))
    return ("，" if language == "zh" else ", ").join(
        sentence_in(
            language,
            Phrase(
                _COVERED[spread.instalment.kind, spread.unpaid.total > 0],
                number=spread.instalment.number,
            ),
        )
        for spread in effect.spreads
    )


def _log_event(order: PaymentOrder, now: datetime, what: str, notice: PaymentNotice, reason: Reason) -> None:
    evidence.append(
        "payment",
        at=now,
        actor=f"provider:{order.provider}",
        borrower=order.borrower_id,
        body={
            "order": order.order_id,
            "what": what,
            "loan": order.loan_id,
            "amount": notice.amount,
            "currency": notice.currency[:3],
            "ref": notice.ref,
            "reason": reason.as_dict(),
        },
    )
