"""Goal: the tables and the permit gate give the same answer to every case of a pack as the rules alone."""

from dataclasses import replace

import pytest
from django.conf import settings

from forbear.core.facts.context import AddressStatus
from forbear.core.permits.case_check import check_cases
from forbear.core.permits.cases import PackCase, parse_cases
from forbear.interchange.home import clock
from forbear.interchange.home.packs import READY_PACKS, overlays_of, rulebook
from forbear.sim.case_rows import ask_interface, ask_tables
from forbear.store.models import Borrower
from tests.factories.desk import write_pack

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = ("test_every_shipped_case_is_right_through_the_tables[cn-desk]",)
pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.postgresql(*ON_POSTGRESQL)]


def with_pack(country: str) -> tuple[PackCase, ...]:
    """Make the home's pack that of a country, its places beside it; the country's cases."""
    (path,) = settings.HOME.packs
    write_pack(path, (READY_PACKS / f"{country}.yaml").read_text("utf-8"))
    for place in overlays_of(READY_PACKS / f"{country}.yaml"):
        write_pack(path.parent / f"{path.stem}-{place.name}", place.read_text("utf-8"))
    text = (READY_PACKS / "cases" / f"{country}.yaml").read_text("utf-8")
    return parse_cases(text, country)


@pytest.mark.parametrize(
    ("country", "ask"),
    [
        pytest.param("cn", ask_tables, id="cn-desk"),
        pytest.param("cn", ask_interface, id="cn-program"),
        pytest.param("us", ask_tables, id="us-desk"),
        pytest.param("us", ask_interface, id="us-program", marks=pytest.mark.long),
        pytest.param("uk", ask_tables, id="uk-desk", marks=pytest.mark.long),
        pytest.param("uk", ask_interface, id="uk-program"),
    ],
)
def test_every_shipped_case_is_right_through_the_tables(country, ask):
    cases = with_pack(country)
    answers = check_cases(rulebook(settings.HOME), cases, ask)
    assert [one.case.id for one in answers if not one.right] == []
    assert not Borrower.objects.exists(), "nothing of a case stays"
    assert not (settings.HOME.folder / clock.FILE).exists(), "nor of its time"


def test_a_program_is_asked_through_its_scopes_and_forms():
    cases = with_pack("cn")
    placed = next(case for case in cases if case.planned.agency and case.allowed)
    elsewhere = tuple(replace(debt, agencies=("other",)) for debt in placed.context.debts)
    stranger = replace(placed, context=replace(placed.context, debts=elsewhere))
    assert ask_interface(placed).allowed
    assert {rule for rule, _ in ask_interface(stranger).refused_by} == {"no_such_borrower"}
    allowed = next(case for case in cases if case.allowed and case.planned.point)
    unknown = replace(allowed, context=replace(allowed.context, point=AddressStatus()))
    assert {rule for rule, _ in ask_interface(unknown).refused_by} == {"address_not_on_file"}
    assert ask_interface(allowed).allowed
