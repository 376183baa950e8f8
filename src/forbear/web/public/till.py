"""The demo's payment page: it stands for a provider's, says that nothing is really paid, and calls back signed."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from forbear.actions.payments.pay import apply_payment_callback
from forbear.actions.selectors.home_channels import home_gateway
from forbear.actions.selectors.payment_orders import order_at_provider
from forbear.channels.payment import PaymentNotice
from forbear.channels.payment_gateway.adapter import DemoGateway
from forbear.core.base.problem import Problem
from forbear.web import clock
from forbear.web.forms import ButtonForm
from forbear.web.request import Request


def till(request: Request, order_id: str) -> HttpResponse:
    """One order: pay it, or don't. Only where nobody is real and payments.yaml names the till."""
    found, now = home_gateway(clock.now), request.now
    order = order_at_provider(found.provider, order_id) if isinstance(found, DemoGateway) else None
    if not isinstance(found, DemoGateway) or order is None:
        raise Http404
    if request.method != "POST":
        return render(request, "public/till.html", {"order": order})
    state = "paid" if ButtonForm(request.POST).pressed("pay") else "failed"
    payment_notice = PaymentNotice(order_id, f"till-{order_id}", state, order.amount, order.currency, now)
    read = found.read(*found.call_back(payment_notice, now), now)
    assert isinstance(read, PaymentNotice), "the till reads what it signed itself"
    taken = apply_payment_callback(found.provider, read, now)
    assert not isinstance(taken, Problem), "the order is there"
    return redirect("portal:receipt", order_id)
