"""The page on cases: its example is right, and every key that a case may have is told."""

import re

from forbear.core.permits.case_check import check_cases
from forbear.core.permits.case_reader import POINT_KEYS, WISH_KEYS
from forbear.core.permits.cases import KEYS, parse_cases
from forbear.core.permits.rules import merge
from forbear.interchange.home.packs import READY_PACKS, read_with_overlays
from tests.docs.pages import marked, section, untold

PAGE = "docs/rules/cases.md"


def test_the_example_is_right():
    (example,) = marked("yaml", "cases")
    cases = parse_cases(example.text, example.name)
    results = check_cases(merge(read_with_overlays(READY_PACKS / "us.yaml")), cases)
    assert [one.right for one in results] == [True]


def test_every_key_of_a_case_is_told():
    told = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", section(PAGE, "A file"), re.MULTILINE)))
    assert set(told) >= set(KEYS)
    assert untold(PAGE, *WISH_KEYS, *POINT_KEYS) == []
