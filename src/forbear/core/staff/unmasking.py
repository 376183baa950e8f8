"""How many borrowers' personal data somebody may look at in the clear in a day, by role."""

from typing import Annotated

from forbear.core.base.problem import noop
from forbear.core.base.setting import settings_class, whole

_MEANING = noop("Borrowers whose personal data one person may see in a day")


@settings_class
class UnmaskPolicy:
    """Borrowers a day, by role; the same borrower again counts once. 0 lets nobody of the role see any."""

    collector: Annotated[int, whole(noop("Collectors see"), _MEANING, "borrowers", most=100_000)] = 60
    lead: Annotated[int, whole(noop("Leads see"), _MEANING, "borrowers", most=100_000)] = 100
    legal: Annotated[int, whole(noop("Legal sees"), _MEANING, "borrowers", most=100_000)] = 100
    compliance: Annotated[int, whole(noop("Compliance sees"), _MEANING, "borrowers", most=100_000)] = 200

    def of_role(self, role: str) -> int:
        """The allowance of a role; 0 for one that sees none."""
        return int(getattr(self, role, 0))
