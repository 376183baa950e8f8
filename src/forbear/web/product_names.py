"""What a loan's product is called: as `products.yaml` of the lender's book names it, in the reader's language."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from forbear.core.loans.products import ProductsError, parse_products
from forbear.interchange.home.lender import HomeError, read_text
from forbear.web.languages import is_chinese


def product_name(code: str) -> str:
    """The name of a product; its code where the lender gave none, or where there is no book yet."""
    try:
        version = read_text(settings.HOME.book / "CURRENT").strip()
    except HomeError:
        return code
    return _names(settings.HOME.book / version).get(code, {}).get("zh" if is_chinese() else "en", code)


@lru_cache(maxsize=4)
def _names(folder: Path) -> dict[str, dict[str, str]]:
    """By code; read once, for a version of a book never changes."""
    path = folder / "products.yaml"
    try:
        return {one.code: one.names for one in parse_products(read_text(path), path.name)}
    except (HomeError, ProductsError):
        return {}
