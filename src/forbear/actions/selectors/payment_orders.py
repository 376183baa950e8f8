"""Payment orders as the payment provider knows them."""

from forbear.store.models import PaymentOrder


def order_at_provider(provider: str, order_id: str) -> PaymentOrder | None:
    """The order that was opened with this provider; its id is a secret that nobody guesses."""
    return PaymentOrder.objects.filter(order_id=order_id, provider=provider).first()
