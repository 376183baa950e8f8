"""Goal: what is left on a machine has the four parts that 12 CFR 1006.2(j) asks for, and says of no debt."""

import pytest

from forbear.core.base.problem import Problem
from forbear.core.content.limited_message import limited_message
from tests.core.content_ready import screened


def test_it_has_its_parts_and_no_more():
    said = limited_message("Northwind Bank", "Ana Diaz", "+1 999 555 0100", "en")
    assert (
        said
        == "Hello. This is Ana Diaz from Northwind Bank. Please call me back at +1 999 555 0100. Thank you."
    )
    assert (
        limited_message("北风银行", "王芳", "4001", "zh") == "您好，我是北风银行的王芳，请您回电4001，谢谢。"
    )


@pytest.mark.parametrize("language", ["en", "zh", "es"])
def test_screening_finds_nothing_in_it(language):
    said = limited_message("Northwind Bank", "Ana Diaz", "+1 999 555 0100", language)
    assert isinstance(said, str)
    assert screened(said).findings == ()


@pytest.mark.parametrize(
    ("business", "word"),
    [
        ("Harbor Debt Services", "Debt"),
        ("ACME COLLECTIONS", "COLLECTIONS"),
        ("Harbor Recovery LLC", "Recovery"),
        ("Prompt Receivables", "Receivables"),
        ("华信催收有限公司", "催收"),
        ("安信债务管理", "债务"),
    ],
)
def test_a_name_that_tells_leaves_no_message(business, word):
    found = limited_message(business, "Ana Diaz", "1", "en")
    assert isinstance(found, Problem)
    assert (found.code, found.params["word"]) == ("limited_message_tells", word)


@pytest.mark.parametrize("parts", [("", "Ana", "1"), ("Bank", " ", "1"), ("Bank", "Ana", "")])
def test_a_part_that_is_missing_is_said(parts):
    found = limited_message(*parts, "en")
    assert isinstance(found, Problem)
    assert found.code == "limited_message_incomplete"


def test_names_that_only_look_like_it_may_be_said():
    for name in ("Collette Bank", "Indebtah Holdings", "Recover"):
        found = limited_message(name, "Ana", "1", "en")
        assert isinstance(found, str) == (name in ("Collette Bank", "Indebtah Holdings"))
