"""Goal: a product is called by the lender's name for it, in the reader's language; by its code where it has none."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from forbear.store.models import Loan, Staff
from forbear.web.product_names import product_name
from tests.factories.desk import house_rules, make_borrower
from tests.home_night import feed_in
from tests.interchange.book.small_feed import ONE_LOAN

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PRODUCTS = "products:\n  cash: {name: {zh: 现金贷, en: Cash loan}}\n  card: {name: {zh: 信用卡}}\n"


def named(language: str) -> list[str]:
    with override(language):
        return [product_name(code) for code in ("cash", "card", "other")]


def test_a_product_has_its_name_in_each_language(tmp_path):
    assert named("en") == ["cash", "card", "other"], "no book yet"
    feed_in(tmp_path / "feed", products=PRODUCTS, **ONE_LOAN)
    assert named("en") == ["Cash loan", "card", "other"]
    assert named("zh-hans") == ["现金贷", "信用卡", "other"]
    (settings.HOME.book / "CURRENT").write_text("gone", "utf-8")
    assert named("en") == ["cash", "card", "other"]


def test_the_desk_calls_products_by_their_names(tmp_path):
    feed_in(tmp_path / "feed", products=PRODUCTS, **ONE_LOAN)
    house_rules()
    make_borrower()
    client = Client(headers={"Accept-Language": "zh-CN"})
    manager = Staff.objects.create_user(username="m", password="x", role="manager", number="M1")
    client.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    assert Loan.objects.get().product == "cash"
    assert '<option value="cash">现金贷</option>' in client.get("/desk/dashboard").content.decode()
    assert "现金贷 " in client.get("/desk/case/B1/").content.decode()
