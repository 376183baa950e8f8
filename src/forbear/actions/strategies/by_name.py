"""What the commands about strategies do in the name of an account: the same acts, with the same signatures."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from forbear.core.base.problem import Problem
from forbear.store.models import Staff
from forbear.store.permissions import may

Made = TypeVar("Made")


def done_as(
    username: str, permission: str, act: Callable[[Staff, datetime], Made], now: datetime
) -> Made | Problem:
    """Do it as the account of that name, if its role may."""
    staff = Staff.objects.filter(username=username, is_active=True).first()
    if staff is None:
        return Problem("no_working_account", "there is no working account %(name)s", name=username)
    if not may(staff.role, permission):
        return Problem("strategy_not_yours", "the role of %(name)s may not do that", name=username)
    return act(staff, now)
