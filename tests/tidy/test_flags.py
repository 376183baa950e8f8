"""Goal: a page asks only for permissions that are there; any other would hide its part from everybody."""

import re

from forbear.store.permissions import PERMISSIONS
from tests.tidy.tree import SRC

PAGES = SRC / "forbear" / "web" / "pages"
FLAGS = {permission.replace(":", "_") for permission in PERMISSIONS}


def test_every_flag_of_a_page_is_a_permission():
    asked = {
        (path.name, flag)
        for path in PAGES.rglob("*.html")
        for flag in re.findall(r"\bcan\.(\w+)", path.read_text("utf-8"))
    }
    assert len(asked) > 50
    assert sorted((page, flag) for page, flag in asked if flag not in FLAGS) == []
