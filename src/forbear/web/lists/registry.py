"""Every list by its name."""

from forbear.web.administration import listings as administration
from forbear.web.agency import listings as agency
from forbear.web.desk.listings import (
    agencies,
    agreements,
    care,
    casework,
    complaints,
    court,
    insight,
    money,
    oversight,
)
from forbear.web.lists.listing import Listing

_MODULES = (
    administration,
    agencies,
    agency,
    agreements,
    care,
    casework,
    complaints,
    court,
    insight,
    money,
    oversight,
)
LISTINGS: dict[str, Listing] = {
    each.name: each
    for each in (
        *(one for module in _MODULES for one in vars(module).values() if isinstance(one, Listing)),
        *insight.KPI_ROWS.values(),
    )
}
