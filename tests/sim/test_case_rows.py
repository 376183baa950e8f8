"""Goal: the tables and the permit gate give the same answer to every case of a pack as the rules alone."""

import pytest
from django.conf import settings

from forbear.core.permits.case_check import check_cases
from forbear.core.permits.cases import PackCase, parse_cases
from forbear.interchange.home.packs import READY_PACKS, overlays_of, rulebook
from forbear.sim.case_rows import ask_tables
from forbear.store.models import Borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.postgresql]


def with_pack(country: str) -> tuple[PackCase, ...]:
    """Make the home's pack that of a country, its places beside it; the country's cases."""
    (path,) = settings.HOME.packs
    path.write_text((READY_PACKS / f"{country}.yaml").read_text("utf-8"), "utf-8")
    for place in overlays_of(READY_PACKS / f"{country}.yaml"):
        (path.parent / f"{path.stem}-{place.name}").write_text(place.read_text("utf-8"), "utf-8")
    text = (READY_PACKS / "cases" / f"{country}.yaml").read_text("utf-8")
    return parse_cases(text, country)


@pytest.mark.parametrize("country", ["cn", "us", "uk"])
def test_every_shipped_case_is_right_through_the_tables(country):
    cases = with_pack(country)
    answers = check_cases(rulebook(settings.HOME), cases, ask_tables)
    assert [one.case.id for one in answers if not one.right] == []
    assert not Borrower.objects.exists(), "nothing of a case stays"
