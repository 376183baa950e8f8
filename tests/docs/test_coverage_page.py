"""The page on coverage names rules that are there, and every rule of the packs that holds a known one is named."""

import re

from forbear.interchange.home.packs import READY_PACKS, read_with_overlays
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "rules" / "coverage.md"
_RULE = re.compile(r"`((?:cn|us|uk)(?:-[a-z]+)?\.[a-z_]+)`")


def test_every_rule_on_the_page_is_in_a_pack():
    known = {
        rule.id
        for country in ("cn", "us", "uk")
        for pack in read_with_overlays(READY_PACKS / f"{country}.yaml")
        for rule in pack.rules
    }
    named = set(_RULE.findall(PAGE.read_text("utf-8")))
    assert named
    assert named - known == set()


def test_each_row_says_where_or_why_not():
    rows = re.findall(r"^\| ([A-Z0-9a-z-]+) \| (\w+) \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
    listed = [row for row in rows if row[0] != "rule"]
    assert len(listed) > 130
    assert len({name for name, _, _ in listed}) == len(listed)
    assert {where for _, where, _ in listed} <= {"rule", "elsewhere", "not"}
    assert [name for name, where, what in listed if where == "rule" and not _RULE.search(what)] == []
