"""`products.yaml`: what is read from it, and the one clear message for each mistake."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.loans.loan import COMPONENTS, DEFAULT_BUCKETS, Product, are_buckets
from forbear.core.loans.products import Products, ProductsError, parse_products
from tests.core.strategies import product_books, products_yaml
from tests.profile import examples

EVERYTHING = """
default: {grace_days: 1}
products:
  cash-loan:
    name: {zh: 现金贷, en: Cash loan}
    grace_days: 3
    tolerance: 10.10
    allocation_order: [penalty, fee, principal, interest]
    due_date_rule: following
    calendar: CN
    due_date_counts: true
    pauses: stop_the_clock
    buckets: [1, 8, 31]
  plain:
"""


def refused(text: str) -> str:
    with pytest.raises(ProductsError) as caught:
        parse_products(text, "products.yaml")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("products.yaml")
    return message


def test_every_setting_is_read():
    lender = parse_products(EVERYTHING, "products.yaml")
    assert lender.get("cash-loan") == Product(
        code="cash-loan",
        grace_days=3,
        tolerance=Decimal("10.10"),
        allocation_order=("penalty", "fee", "principal", "interest"),
        due_date_rule="following",
        calendar="CN",
        due_date_counts=True,
        pauses="stop_the_clock",
        buckets=(1, 8, 31),
        names={"zh": "现金贷", "en": "Cash loan"},
    )


def test_a_product_without_settings_has_the_built_in_terms_and_not_the_default_entry():
    assert parse_products(EVERYTHING, "x").get("plain") == Product("plain")


def test_a_code_that_is_not_listed_gets_the_default_entry_under_its_own_code():
    lender = parse_products(EVERYTHING, "x")
    assert lender.get("mortgage") == Product("mortgage", grace_days=1)
    assert not lender.known("mortgage")
    assert lender.known("plain")
    assert [product.code for product in lender] == ["cash-loan", "plain"]
    assert len(lender) == 2


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "products:\n", "default:\n", "products: {}"])
def test_an_empty_file_means_built_in_terms_for_all(text):
    lender = parse_products(text, "x")
    assert lender.get("anything") == Product("anything")
    assert len(lender) == 0


def test_values_are_taken_as_written():
    """YAML 1.1 would read these as a boolean, a number in base 60, and an inexact float."""
    lender = parse_products("products: {no: {calendar: NO}, 1:30: {tolerance: 0.1}}", "x")
    assert lender.get("no").calendar == "NO"
    assert lender.get("1:30").tolerance == Decimal("0.1")


def test_products_can_share_terms_by_anchor():
    lender = parse_products("products:\n  a: &same {grace_days: 2}\n  b: *same\n", "x")
    assert lender.get("b") == Product("b", grace_days=2)


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [
        ("products:\n  a:\n    grace_day: 3", 3, "did you mean 'grace_days'?"),
        ("products:\n  a:\n    names: {zh: 现金贷}", 3, "did you mean 'name'?"),
        ("product: {}", 1, "did you mean 'products'?"),
        ("products:\n  a: {colour: red}", 2, "it should be one of name, kind, grace_days"),
        ("products:\n  a: {}\n  b: {}\n  a: {}", 4, "'a' is given twice"),
        ("products:\n  a:\n    grace_days: 1\n    grace_days: 2", 4, "'grace_days' is given twice"),
        ("products: {a: {grace_days: -1}}", 1, "whole number from 0 to 365"),
        ("products: {a: {grace_days: 366}}", 1, "whole number from 0 to 365"),
        ("products: {a: {grace_days: three}}", 1, "whole number"),
        ("products: {a: {grace_days: 1.5}}", 1, "whole number"),
        ("products: {a: {grace_days: }}", 1, "whole number"),
        ("products: {a: {grace_days: [1]}}", 1, "should be a single value"),
        ("products: {a: {tolerance: -1}}", 1, "an amount such as 10.00"),
        ("products: {a: {tolerance: 1e3}}", 1, "an amount such as 10.00"),
        ("products: {a: {tolerance: .nan}}", 1, "an amount such as 10.00"),
        ("products: {a: {allocation_order: [fees, penalty, interest, principal]}}", 1, "did you mean 'fee'?"),
        (
            "products: {a: {allocation_order: [fee, penalty, interest]}}",
            1,
            "each of principal, interest, fee",
        ),
        ("products: {a: {allocation_order: [fee, fee, interest, principal]}}", 1, "once"),
        ("products: {a: {allocation_order: fee}}", 1, "a list in brackets"),
        ("products: {a: {due_date_rule: folowing, calendar: CN}}", 1, "did you mean 'following'?"),
        ("products: {a: {due_date_rule: preceding, calendar: CN}}", 1, "it should be one of none, following"),
        ("products:\n  a:\n    due_date_rule: following", 3, "add one such as calendar: CN"),
        ("products: {a: {due_date_rule: following, calendar: ''}}", 1, "has no calendar"),
        ("products: {a: {calendar: cn}}", 1, "did you mean CN?"),
        ("products: {a: {calendar: Middle-earth}}", 1, "a country code such as CN"),
        ("products: {a: {due_date_counts: yes}}", 1, "it should be one of true, false"),
        ("products: {a: {pauses: stop_clock}}", 1, "did you mean 'stop_the_clock'?"),
        ("products: {a: {buckets: []}}", 1, "rising numbers of days"),
        ("products: {a: {buckets: [0, 31]}}", 1, "rising numbers of days"),
        ("products: {a: {buckets: [31, 31]}}", 1, "rising numbers of days"),
        ("products: {a: {buckets: [1, x]}}", 1, "rising numbers of days"),
        ("products: {a: {name: Cash loan}}", 1, "name: value"),
        ("products: {a: {name: {zh: [1]}}}", 1, "should be a single value"),
        ("products: [a, b]", 1, "products should be a list of settings"),
        ("products: {'': {}}", 1, "empty code"),
        ("default: {grace: 1}", 1, "did you mean 'grace_days'?"),
        ("just words", 1, "the file should be"),
        ("? [1, 2]\n: 3", 1, "should be a single value"),
        ("products:\n  a: [", 2, "this is not YAML"),
        ("products: *nothing", 1, "this is not YAML"),
        ("a: 1\n---\nb: 2", 2, "this is not YAML"),
    ],
)
def test_each_mistake_has_its_line_and_its_advice(text, line, advice):
    message = refused(text)
    assert f"products.yaml line {line}:" in message
    assert advice in message


def test_bytes_that_are_no_text_and_bottomless_nesting_are_refused_too():
    assert "this is not YAML" in refused("\x00")
    assert "nested too deeply" in refused("[" * 2000)


@given(product_books())
def test_what_is_written_is_read_back(lender):
    assert parse_products(products_yaml(lender), "x") == lender


@given(st.text(alphabet=st.sampled_from("productsdefault: {}[]\n-&*!'\"#|>,0123456789"), max_size=60))
@settings(max_examples=examples(200))
def test_any_text_is_read_or_refused(text):
    try:
        outcome = parse_products(text, "products.yaml")
    except ProductsError as error:
        outcome = str(error)
    assert isinstance(outcome, Products) or outcome.startswith("products.yaml")


def test_terms_that_make_no_sense_are_a_bug_of_the_caller():
    for wrong in (
        {"grace_days": -1},
        {"tolerance": Decimal(-1)},
        {"tolerance": 0.5},
        {"allocation_order": COMPONENTS[:3]},
        {"due_date_rule": "following"},
        {"due_date_rule": "preceding"},
        {"pauses": "sometimes"},
        {"buckets": ()},
    ):
        with pytest.raises(AssertionError):
            Product("a", **wrong)


def test_the_default_buckets_are_the_months():
    assert are_buckets(DEFAULT_BUCKETS)
    assert len(DEFAULT_BUCKETS) == 7


@pytest.mark.parametrize(
    ("tolerance", "currency", "minor"),
    [("10.00", "CNY", 1000), ("0.005", "CNY", 0), ("0.5", "JPY", 0), ("10", "JPY", 10), ("0.0015", "KWD", 1)],
)
def test_tolerance_in_minor_units_rounds_down(tolerance, currency, minor):
    assert Product("a", tolerance=Decimal(tolerance)).tolerance_minor(currency) == minor
