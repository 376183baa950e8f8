"""Pay, keep the receipt, and take the proof that a loan is settled."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from forbear.actions.payments.paid_in_full_letter import settled_loans, write_paid_in_full_letter
from forbear.actions.payments.pay import open_order
from forbear.actions.selectors.home_channels import home_gateway, home_payments
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem
from forbear.store.access import loan_for, payment_order_for
from forbear.store.loan_states import loans_that_may
from forbear.store.models import Borrower, Document, Loan, Payment
from forbear.web import clock
from forbear.web.call_forms import flash_problems
from forbear.web.portal.pages import late_of, sums
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import chinese

_SHOWN = 20


@own
def pay(request: BorrowerRequest) -> HttpResponse:
    """How to pay, and what happens then."""
    borrower = request.borrower
    left = list(borrower.loans.filter(outstanding__gt=0).order_by("-days_past_due", "loan_id"))
    owing = loans_that_may("pay", left, request.now)
    loans = [(loan, _plain(loan.past_due_amount or loan.outstanding, loan)) for loan in owing]
    shown = {
        "past_due": sums(late_of(borrower, request.now), "past_due_amount"),
        "contact": dict(settings.HOME.contact),
        "lender": settings.HOME.name[0 if chinese() else 1],
        "online": home_payments() is not None,
        "loans": loans,
        "orders": list(borrower.payment_orders.exclude(state="failed").order_by("-made_at")[:_SHOWN]),
        "heard": _heard(borrower),
        "settled": settled_loans(borrower),
    }
    return render(request, "portal/pay.html", shown)


def _heard(borrower: Borrower) -> list[tuple[Payment, Loan]]:
    """The newest payments that count, as receipts."""
    loans = list(borrower.loans.prefetch_related("payments"))
    rows = [(payment, loan) for loan in loans for payment in loan.payments.all()]
    back = {payment.reverses for payment, _ in rows if payment.reverses}
    counted = [row for row in rows if not row[0].reverses and row[0].payment_id not in back]
    return sorted(counted, key=lambda row: row[0].received_at, reverse=True)[:_SHOWN]


def _plain(amount: int, loan: Loan) -> str:
    """An amount as a field holds it."""
    whole, part = divmod(amount, loan.minor_unit)
    digits = len(str(loan.minor_unit)) - 1
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


@require_POST
@own
def start(request: BorrowerRequest) -> HttpResponse:
    """Open an order with the provider, and lead to its page by a link that shows where it goes."""
    till = home_gateway(clock.now)
    loan = loan_for(request.borrower, request.POST.get("loan", "")[:64])
    if till is None or loan is None:
        raise Http404
    amount = parse_amount(request.POST.get("amount", "").replace(",", "")[:32], loan.currency)
    made = (
        amount
        if isinstance(amount, Problem)
        else open_order(request.borrower, loan.loan_id, amount, till, request.now)
    )
    till.close()
    if isinstance(made, Problem):
        flash_problems(request, made)
        return redirect("portal:pay")
    return render(request, "portal/pay_start.html", {"order": made})


@own
def receipt(request: BorrowerRequest, order_id: str) -> HttpResponse:
    """One order: whether it was paid, and what is left."""
    order = payment_order_for(request.borrower, order_id)
    if order is None:
        raise Http404
    shown = {"order": order, "settled": order.loan.outstanding == 0}
    return render(request, "portal/receipt.html", shown)


@require_POST
@own
def settled(request: BorrowerRequest) -> HttpResponse:
    """The proof that a loan is settled, as a paper that anybody can check for good."""
    loan_id = request.POST.get("loan", "")[:64]
    made = write_paid_in_full_letter(
        request.borrower.borrower_id, loan_id, "zh" if chinese() else "en", request.now
    )
    if isinstance(made, Document):
        return redirect("portal:document", made.code)
    flash_problems(request, made)
    return redirect("portal:pay")
