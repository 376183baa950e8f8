"""Goal: an empty list or section says what will come here or what to do, and never just that there is nothing."""

import re

import pytest
from django.utils.translation import override

from forbear.web.administration import listings as administration
from forbear.web.agency import listings as agency
from forbear.web.desk.listings import agreements, casework, money, oversight
from forbear.web.lists.listing import Listing
from tests.tidy.tree import SRC

PAGES = SRC / "forbear" / "web" / "pages"
#: What teaches nothing where a whole list or section is empty.
BARE = re.compile(r'translate "(None|None yet|Nothing|Nothing yet|No cases|No lists yet|No answers yet)\."')


def listings() -> list[Listing]:
    rooms = (administration, agency, agreements, casework, money, oversight)
    return [each for room in rooms for each in vars(room).values() if isinstance(each, Listing)]


@pytest.mark.parametrize("listing", listings(), ids=lambda listing: listing.name)
def test_an_empty_list_says_what_comes_here(listing):
    for language, end in (("en", "."), ("zh-hans", "。")):
        with override(language):
            text = str(listing.empty)
        assert text.endswith(end)
        assert text.count(end) >= 2, "what is so, and what will come or is to be done"


def test_no_section_only_says_that_there_is_nothing():
    found = [
        f"{path.relative_to(PAGES)}: {match[0]}"
        for path in PAGES.rglob("*.html")
        for match in BARE.finditer(path.read_text("utf-8"))
    ]
    assert len(listings()) > 20
    assert found == []
