"""Every list by its name."""

from forbear.web.desk.listings import agreements, casework, money, oversight
from forbear.web.lists.listing import Listing

_MODULES = (agreements, casework, money, oversight)
LISTINGS: dict[str, Listing] = {
    each.name: each for module in _MODULES for each in vars(module).values() if isinstance(each, Listing)
}
