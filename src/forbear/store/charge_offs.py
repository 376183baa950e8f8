"""Charge-offs that were signed and of which the borrower has no letter yet."""

from collections.abc import Collection
from datetime import datetime, timedelta

from forbear.store.models import Contact, WriteOff

#: The text that tells of a charge-off.
CHARGE_OFF_NOTICE = "charge_off_notice"
#: So long after the signature the letter is still news.
_NEWS = timedelta(days=30)
_DID_NOT_REACH = ("not_sent", "undelivered", "invalid")


def untold_charge_offs(moment: datetime, borrowers: Collection[str] | None = None) -> list[tuple[str, str]]:
    """(borrower, loan) of each, the first signed first; of all borrowers, or of these.

    A loan that was sold meanwhile is its buyer's to write about.
    """
    since = moment - _NEWS
    signed = WriteOff.objects.filter(
        state="signed", decided_at__gt=since, decided_at__lte=moment, loan__sold_at=None
    )
    letters = Contact.objects.filter(template=CHARGE_OFF_NOTICE, at__gt=since, at__lte=moment).exclude(
        outcome__in=_DID_NOT_REACH
    )
    if borrowers is not None:
        signed, letters = signed.filter(borrower_id__in=borrowers), letters.filter(borrower_id__in=borrowers)
    noticed = {loan for loans in letters.values_list("loans", flat=True) for loan in loans}
    rows = signed.order_by("decided_at", "loan_id").values_list("borrower_id", "loan_id")
    return [(borrower, loan) for borrower, loan in rows if loan not in noticed]
