"""The page on coverage names rules that are there, and every rule of the packs that holds a known one is named."""

import re

from forbear.core.permits.case_check import check_cases
from forbear.core.permits.cases import parse_cases
from forbear.core.permits.rules import merge
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


def test_a_case_turns_on_each_rule_that_is_named():
    turned, switched_off = set(), set()
    for country in ("cn", "us", "uk"):
        packs = read_with_overlays(READY_PACKS / f"{country}.yaml")
        switched_off |= {rule.id for pack in packs for rule in pack.rules if not rule.enabled}
        cases = parse_cases((READY_PACKS / "cases" / f"{country}.yaml").read_text("utf-8"), country)
        for one in check_cases(merge(packs), cases):
            if one.case.rule in {rule for rule, _ in one.refused_by}:
                turned.add(one.case.rule)
    assert set(_RULE.findall(PAGE.read_text("utf-8"))) - turned - switched_off == set()
