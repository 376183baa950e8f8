"""Payment orders as the payment provider knows them, and the receipts that payments got."""

from forbear.store.models import Contact, PaymentOrder


def order_at_provider(provider: str, order_id: str) -> PaymentOrder | None:
    """The order that was opened with this provider; its id is a secret that nobody guesses."""
    return PaymentOrder.objects.filter(order_id=order_id, provider=provider).first()


def receipts_of(borrower_id: str) -> dict[str, Contact]:
    """By the id of a payment the receipt that was sent for it, the newest."""
    rows = Contact.objects.filter(borrower=borrower_id, template="payment_receipt").order_by("queued_at")
    return {str(row.planned.get("answers", "")).removeprefix("payment:"): row for row in rows}
