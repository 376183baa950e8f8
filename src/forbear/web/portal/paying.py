"""Pay, keep the receipt, and take the proof that a loan is settled."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.agreements.plans import late_loans, lines_of
from forbear.actions.payments.paid_in_full_letter import settled_loans, write_paid_in_full_letter
from forbear.actions.payments.pay import open_order
from forbear.actions.selectors.creditors import creditor_of
from forbear.actions.selectors.home_channels import home_gateway, home_payments
from forbear.actions.selectors.payment_effects import payment_effects
from forbear.core.agreements.plan import outstanding_lines
from forbear.core.base.money import format_amount
from forbear.core.base.problem import Problem
from forbear.core.loans.allocation import PaymentAllocation
from forbear.store.access import loan_for, payment_order_for, plan_for
from forbear.store.business_date import business_date
from forbear.store.loan_states import loans_that_may
from forbear.store.models import Borrower, Document, Loan, Payment, Plan
from forbear.web import clock
from forbear.web.call_forms import flash_problems
from forbear.web.fields import AmountField
from forbear.web.form_token import mark_done
from forbear.web.forms import ButtonForm, Form, form_on, refused
from forbear.web.portal.creditors import creditor_names, creditors_shown
from forbear.web.portal.offers import by_offer, standing_offers
from forbear.web.portal.pages import late_of, sums
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import chinese, money, word

_SHOWN = 20


class PayForm(Form):
    """How much to pay on one loan."""

    problems_at = "amount"

    loan = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, loan: Loan, *given: Any, amount: int | None = None, **more: Any) -> None:
        first = {"loan": loan.loan_id, "amount": format_amount(amount, loan.currency) if amount else ""}
        super().__init__(*given, initial=first, auto_id=f"id_%s_{loan.pk}", **more)
        self.row = loan
        self.creditor = creditor_names([loan]).get(loan.pk, "")
        label = gettext("Amount (%(currency)s)") % {"currency": word(loan.currency, "currency")}
        self.fields["amount"] = AmountField(loan.currency, label=label, least=0)

    def clean_amount(self) -> int:
        """From the smallest unit to all that is owed."""
        amount: int = self.cleaned_data["amount"]
        ahead = max(self.row.payoff, self.row.outstanding)
        if not 0 < amount <= ahead:
            most = money(ahead, self.row.minor_unit, self.row.currency)
            least = money(1, self.row.minor_unit, self.row.currency)
            raise forms.ValidationError(
                gettext("Enter an amount between %(least)s and %(most)s.") % {"least": least, "most": most}
            )
        return amount


def sent_loan(request: BorrowerRequest) -> str:
    """The loan that a form of this page is about, as it says it."""
    return ButtonForm(request.POST, "loan").value("loan")


@own
def pay(request: BorrowerRequest) -> HttpResponse:
    """How to pay, and what happens then; `?plan` is about the loans of one plan."""
    text = request.GET.get("plan", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    return _shown(request, plan_for(request.borrower, number))


def _shown(request: BorrowerRequest, plan: Plan | None = None) -> HttpResponse:
    borrower = request.borrower
    running = plan or borrower.plans.filter(state="active").first()
    by_plan = _by_plan(running) if running is not None and running.state == "active" else {}
    left = list(
        borrower.loans.filter(Q(payoff__gt=0) | Q(outstanding__gt=0)).order_by("-days_past_due", "loan_id")
    )
    owing = loans_that_may("pay", left, request.now)
    offers = [] if plan else standing_offers(request)
    asked = by_plan | by_offer(offers, owing)
    forms_shown = [
        form_on(
            request,
            PayForm,
            loan,
            key=loan.loan_id,
            amount=asked.get(loan.loan_id, loan.past_due_amount or loan.payoff),
        )
        for loan in owing
        if plan is None or loan.loan_id in plan.loans
    ]
    shown = {
        "past_due": sums(late_of(borrower, request.now), "past_due_amount"),
        "contact": dict(settings.HOME.contact),
        "lender": creditor_of(owing).name("zh" if chinese() else "en"),
        "creditors": creditors_shown(owing),
        "own_left": not owing or any(not loan.creditor for loan in owing),
        "online": home_payments() is not None,
        "forms": forms_shown,
        "plan": running if by_plan else None,
        "offers": offers,
        "orders": list(borrower.payment_orders.exclude(state="failed").order_by("-made_at")[:_SHOWN]),
        "receipts": _receipts(borrower, business_date(request.now)),
        "settled": settled_loans(borrower),
    }
    return render(request, "portal/pay.html", shown)


def _by_plan(plan: Plan) -> dict[str, int]:
    """What the next instalment of a plan asks of each of its loans, the latest-paid loan first."""
    left = next(iter(outstanding_lines(lines_of(plan), plan.paid)), None)
    money_left, asked = left.amount if left else 0, {}
    for loan in late_loans(plan.borrower_id, plan.loans):
        asked[loan.loan_id] = min(money_left, loan.past_due_amount)
        money_left -= asked[loan.loan_id]
    return {loan_id: amount for loan_id, amount in asked.items() if amount}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One payment that came in: whether it bounced, and the instalments it paid."""

    payment: Payment
    loan: Loan
    order_id: str
    bounced: bool
    effect: PaymentAllocation | None


def _receipts(borrower: Borrower, today: date) -> list[Receipt]:
    """The newest payments, each once: also the ones paid online, and the ones that bounced."""
    loans = list(borrower.loans.prefetch_related("payments"))
    rows = [(payment, loan) for loan in loans for payment in loan.payments.all()]
    back = {payment.reverses for payment, _ in rows if payment.reverses}
    online = dict(borrower.payment_orders.exclude(payment_id="").values_list("payment_id", "order_id"))
    effects = payment_effects(borrower.borrower_id, today)
    newest = sorted(rows, key=lambda row: row[0].received_at, reverse=True)
    return [
        Receipt(
            payment,
            loan,
            online.get(payment.payment_id, ""),
            payment.payment_id in back,
            effects.get((loan.loan_id, payment.payment_id)),
        )
        for payment, loan in newest
        if not payment.reverses
    ][:_SHOWN]


@require_POST
@own
def start(request: BorrowerRequest) -> HttpResponseBase:
    """Open an order with the provider, and lead to its page by a link that shows where it goes."""
    till = home_gateway(clock.now)
    loan = loan_for(request.borrower, sent_loan(request))
    if till is None or loan is None:
        raise Http404
    form = PayForm(loan, request.POST, key=loan.loan_id)
    try:
        if not form.is_valid():
            return refused(request, form, lambda: pay(request))
        made = open_order(request.borrower, loan.loan_id, form.cleaned_data["amount"], till, request.now)
    finally:
        till.close()
    if isinstance(made, Problem):
        return refused(request, form, lambda: pay(request), made)
    shown = {
        "order": made,
        "late_after": max(loan.past_due_amount - made.amount, 0),
        "late": loan.past_due_amount,
        "asked": _asked_for(loan, request.now),
        "plan": request.borrower.plans.filter(state="active").first(),
    }
    return mark_done(render(request, "portal/pay_start.html", shown))


def _asked_for(loan: Loan, now: datetime) -> bool:
    """Whether we ask for what is late on it: not while an offer stands, or anything else holds it."""
    return bool(loans_that_may("ask", [loan], now))


@own
def receipt(request: BorrowerRequest, order_id: str) -> HttpResponse:
    """One order: whether it was paid, which instalments it paid, and what is left."""
    order = payment_order_for(request.borrower, order_id)
    if order is None:
        raise Http404
    effects = payment_effects(request.borrower.borrower_id, business_date(request.now))
    shown = {
        "order": order,
        "settled": order.loan.outstanding == 0,
        "asked": _asked_for(order.loan, request.now),
        "effect": effects.get((order.loan_id, order.payment_id)),
        "plan": request.borrower.plans.filter(state="active").first(),
    }
    return render(request, "portal/receipt.html", shown)


@require_POST
@own
def settled(request: BorrowerRequest) -> HttpResponse:
    """The proof that a loan is settled, as a paper that anybody can check for good."""
    loan_id = sent_loan(request)
    made = write_paid_in_full_letter(
        request.borrower.borrower_id, loan_id, "zh" if chinese() else "en", request.now
    )
    if isinstance(made, Document):
        return redirect("portal:document", made.code)
    flash_problems(request, made)
    return redirect("portal:pay")
