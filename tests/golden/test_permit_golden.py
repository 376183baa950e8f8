"""The golden permits: for each rule of each ready pack, contacts it allows and refuses, on both sides of its edge.

A case is about its group's rule. With `refused_by` it also lists every rule of the pack that must refuse. The cases
that ship with the packs show rules too, each the one it names.
"""

from functools import cache
from pathlib import Path

import pytest

import forbear
from forbear.core.permits.case_check import CaseResult, check_cases
from forbear.core.permits.cases import parse_cases
from forbear.core.permits.decision import decide
from forbear.core.permits.lint import lint
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import FORCES, Pack, merge
from forbear.interchange.home.packs import read_with_overlays
from tests.golden.fact_reader import HERE, only, read_file
from tests.golden.situation_reader import KEYS, read_case, read_moment, with_group

READY = Path(forbear.__file__).parent / "packs"
PACKS = sorted(path.stem for path in READY.glob("*.yaml"))


@cache
def ready(name: str) -> Pack:
    """A ready pack; rules that come switched off are on here, so that their cases are tried too."""
    return parse_pack(
        (READY / f"{name}.yaml").read_text("utf-8").replace("enabled: false", "enabled: true"), name
    )


def cases() -> list:
    """(pack, rule, clause, case) of every case."""
    found = []
    for path in sorted((HERE / "permit").glob("*.yaml")):
        content = only(read_file(path), "theme", "pack", "zones", "currency", "rules")
        for group in content["rules"]:
            only(group, "rule", "clause", "cases", *KEYS)
            base = {name: content[name] for name in ("zones", "currency") if name in content} | group
            for case in group["cases"]:
                only(case, *KEYS)
                named = f"{content['pack']}: {group['rule']}: {case['says']}"
                whole = with_group(base, case)
                found.append(pytest.param(content["pack"], group["rule"], group["clause"], whole, id=named))
    return found


@pytest.mark.parametrize(("name", "rule_id", "clause", "case"), cases())
def test_permit(name, rule_id, clause, case):
    pack = ready(name)
    rule = pack.rule(rule_id)
    assert rule is not None, f"{name} has no rule {rule_id}"
    assert rule.clause == clause
    planned, situation, now = read_case(case)
    decision = decide(merge([pack]), planned, situation, now)
    refused = {refusal.rule: refusal for refusal in decision.refusals}
    assert ("refused" if rule_id in refused else "allowed") == case["expect"]
    if "refused_by" in case:
        assert [refusal.rule for refusal in decision.refusals] == case["refused_by"]
    if "until" in case:
        zone = situation.zones[0] if situation.zones else "UTC"
        expected = None if case["until"] == "never" else read_moment(case["until"], zone)
        assert refused[rule_id].until == expected


@cache
def shipped() -> dict[str, list[CaseResult]]:
    """The answers to the cases that ship with the packs, by country."""
    answers = {}
    for path in sorted((READY / "cases").glob("*.yaml")):
        packs = read_with_overlays(READY / path.name)
        written = parse_cases(path.read_text("utf-8"), path.name)
        assert [case.id for case in written if case.pack != path.stem] == []
        answers[path.stem] = check_cases(merge(packs), written)
    return answers


def shown_by_shipped(name: str) -> list[CaseResult]:
    """Those about a rule of this pack."""
    country = name.partition("-")[0]
    return [one for one in shipped()[country] if one.case.rule.startswith(f"{name}.")]


@pytest.mark.parametrize("country", ["cn", "us", "uk"])
def test_every_shipped_case_is_right_and_turns_on_its_rule(country):
    known = {rule.id for name in PACKS if name.partition("-")[0] == country for rule in ready(name).rules}
    assert [one.case.id for one in shipped()[country] if not one.right] == []
    assert [one.case.id for one in shipped()[country] if one.case.rule not in known] == []
    refused = [one for one in shipped()[country] if not one.allowed]
    elsewhere = [one.case.id for one in refused if one.case.rule not in {rule for rule, _ in one.refused_by}]
    assert elsewhere == []


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_is_shown_allowing_and_refusing(name):
    shown = {(case.values[1], case.values[3]["expect"]) for case in cases() if case.values[0] == name}
    shown |= {(one.case.rule, "allowed" if one.allowed else "refused") for one in shown_by_shipped(name)}
    missing = [
        (rule.id, expect)
        for rule in ready(name).rules
        for expect in ("allowed", "refused")
        if (rule.id, expect) not in shown
    ]
    assert missing == []


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_that_time_lifts_says_when(name):
    shown = {case.values[1] for case in cases() if case.values[0] == name and "until" in case.values[3]}
    shown |= {one.case.rule for one in shown_by_shipped(name) if one.case.waits}
    assert [rule.id for rule in ready(name).rules if rule.until is not None and rule.id not in shown] == []


@pytest.mark.parametrize("name", PACKS)
def test_ready_packs_are_sound(name):
    pack = parse_pack((READY / f"{name}.yaml").read_text("utf-8"), name)
    unwise = [
        line for line in map(str, lint(pack)) if "uncertain source" not in line and "switched off" not in line
    ]
    assert unwise == []
    assert all(rule.force in FORCES and rule.clause for rule in pack.rules)
