"""A home that collects for two creditors beside the lender itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings

from forbear.interchange.home.creditors import Creditor

DONGHU = Creditor(
    ("donghu",),
    ("东湖银行", "East Lake Bank"),
    (("address", "北京市建设路1号"), ("phone", "+861000000101")),
    ("东湖银行 6222 0001", "East Lake Bank 6222 0001"),
    ("95000", "95000"),
)
QINGHE = Creditor(("qinghe",), ("青禾消费金融", "Qinghe Consumer Finance"), ())


@contextmanager
def collecting_for(*creditors: Creditor, name: tuple[str, str] = ("恒信", "Hengxin")) -> Iterator[None]:
    """The home of the tests, run by a servicer of that name for these creditors."""
    before = settings.HOME
    settings.HOME = replace(before, name=name, creditors=creditors)
    try:
        yield
    finally:
        settings.HOME = before
