"""Goal: creditors are declared in lender.yaml; each mistake is one sentence with its place and the way out."""

import pytest

from forbear.core.staff.sign_in import SignIn
from forbear.interchange.home.lender import LenderFileError, make_home, open_home
from forbear.interchange.home.setting_rows import setting_rows

GOOD = """
creditors:
  donghu:
    name: {zh: 东湖银行, en: East Lake Bank}
    contact: {phone: "+861000000101"}
    pay_in: 6222 0001
  qinghe: {name: Qinghe}
"""


def opened(tmp_path, text: str):
    make_home(tmp_path / "home")
    with (tmp_path / "home" / "lender.yaml").open("a", encoding="utf-8") as file:
        file.write(text)
    return open_home(tmp_path / "home")


def test_what_is_declared_is_known_and_shown(tmp_path):
    home = opened(tmp_path, GOOD)
    assert home.creditor_codes == ("donghu", "qinghe")
    bank, other = home.creditors
    assert (bank.name("zh"), bank.name("en"), bank.said(bank.pay_in, "en")) == (
        "东湖银行",
        "East Lake Bank",
        "6222 0001",
    )
    assert other.names == ("Qinghe", "Qinghe")
    shown = {row.name: row.value for row in setting_rows(home, SignIn()) if row.name.startswith("creditors")}
    assert shown["creditors: donghu"] == "东湖银行 / East Lake Bank · +861000000101 · 6222 0001"


def test_without_any_all_loans_are_the_lender_s_own(tmp_path):
    assert opened(tmp_path, "").creditors == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("creditors: {a: {}}", "creditors: a: name is missing"),
        ("creditors: {a: {name: ''}}", "creditors: a: name must be a text, or {zh: ..., en: ...}"),
        ("creditors: {a b: {name: A}}", "creditors: a b must be a code of letters, digits, - and _"),
        ("creditors: {a: {name: A, contact: {phon: x}}}", "did you mean `phone`?"),
        ("creditors: {a: {name: A, complaint: x}}", "did you mean `complaints`?"),
        ("creditors: {a: {name: A, packs: [packs/us.yaml]}}", "creditors: a can't have a pack, a calendar"),
        ("creditors: {a: {name: A, strategy: s.yaml}}", "because limits of contact count by person"),
        (f"creditors: {{a: {{name: A, pay_in: {'x' * 201}}}}}", "must be a text of at most 200 characters"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, text, said):
    with pytest.raises(LenderFileError) as refused:
        opened(tmp_path, f"\n{text}\n")
    assert said in str(refused.value), str(refused.value)
