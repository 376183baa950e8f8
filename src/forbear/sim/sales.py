"""Write-offs and a sale in the demo, by the real code: some signed, some waiting; the sale waits for a signature."""

from datetime import datetime

from forbear.actions.holds.holds import place_hold
from forbear.actions.payments.charge_offs import decide_write_offs, propose_write_offs
from forbear.actions.payments.debt_sale import Buyer, propose_sale
from forbear.actions.requests.requests import Asked, make_request
from forbear.store.models import Staff, WriteOff

#: How many of the proposed write-offs are signed.
_SIGNED = 60
BUYER = Buyer("瑞安资产管理(示例)", "91310000DEMO099", "+861000000900", "示例市样板街 9 号")


def live(manager: Staff, officer: Staff, now: datetime) -> None:
    """Write off what policy recommends, and offer what may be sold of it."""
    propose_write_offs(manager, now)
    waiting = list(WriteOff.objects.filter(state="proposed").order_by("pk").values_list("pk", flat=True))
    decide_write_offs(waiting[:_SIGNED], officer, now, sign=True)
    signed = WriteOff.objects.filter(state="signed").order_by("pk").values_list("borrower_id", flat=True)
    names = list(dict.fromkeys(signed))
    # two for whom a sale would be wrong
    if len(names) >= 2:
        place_hold(names[0], "vulnerable", now, actor=f"staff:{officer.number}", source="desk")
        make_request(Asked(names[1], "dispute", "这笔我已经还清了"), now, actor="borrower")
    propose_sale(BUYER, manager, now)
