"""The golden permits: for each rule of each ready pack, contacts it allows and refuses, on both sides of its edge.

A case with `rule` is about that rule alone. One without is about the whole pack: `refused_by` lists every
rule that must refuse, none of them means allowed.
"""

from pathlib import Path

import pytest

import forbear
from forbear.core.compliance import decide
from forbear.core.pack import parse_pack
from forbear.core.pack_lint import lint
from forbear.core.pack_rules import FORCES, Pack, merge
from tests.golden.fact_reader import HERE, only, read_file
from tests.golden.situation_reader import read_case, read_moment

READY = Path(forbear.__file__).parent / "packs"
PACKS = sorted(path.stem for path in READY.glob("*.yaml"))


def ready(name: str) -> Pack:
    """A ready pack; rules that come switched off are on here, so that their cases are tried too."""
    return parse_pack(
        (READY / f"{name}.yaml").read_text("utf-8").replace("enabled: false", "enabled: true"), name
    )


def cases() -> list:
    found = []
    for path in sorted((HERE / "permit").glob("*.yaml")):
        content = only(read_file(path), "theme", "pack", "cases")
        for case in content["cases"]:
            named = f"{content['pack']}: {case.get('rule', 'whole pack')}: {case['says']}"
            found.append(pytest.param(content["pack"], case, id=named))
    return found


@pytest.mark.parametrize(("name", "case"), cases())
def test_permit(name, case):
    pack = ready(name)
    wish, situation, now = read_case(case)
    decision = decide(merge([pack]), wish, situation, now)
    if "rule" not in case:
        assert [refusal.rule for refusal in decision.refusals] == case["refused_by"]
        refusing_until = decision.until
    else:
        rule = pack.rule(case["rule"])
        assert rule is not None, f"{name} has no rule {case['rule']}"
        assert rule.clause == case["clause"]
        refused = {refusal.rule: refusal for refusal in decision.refusals}
        assert ("refused" if rule.id in refused else "allowed") == case["expect"]
        refusing_until = refused[rule.id].until if rule.id in refused else None
    if "until" in case:
        zone = situation.zones[0] if situation.zones else "UTC"
        expected = None if case["until"] == "never" else read_moment(case["until"], zone)
        assert refusing_until == expected


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_is_shown_allowing_and_refusing(name):
    shown = {
        (case.values[1]["rule"], case.values[1]["expect"]) for case in cases() if "rule" in case.values[1]
    }
    missing = [
        (rule.id, expect)
        for rule in ready(name).rules
        for expect in ("allowed", "refused")
        if (rule.id, expect) not in shown
    ]
    assert missing == []


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_that_time_lifts_says_when(name):
    shown = {
        case.values[1]["rule"] for case in cases() if "until" in case.values[1] and "rule" in case.values[1]
    }
    assert [rule.id for rule in ready(name).rules if rule.until is not None and rule.id not in shown] == []


@pytest.mark.parametrize("name", PACKS)
def test_ready_packs_are_sound(name):
    pack = parse_pack((READY / f"{name}.yaml").read_text("utf-8"), name)
    unwise = [line for line in lint(pack) if "uncertain source" not in line and "switched off" not in line]
    assert unwise == []
    assert all(rule.force in FORCES and rule.clause for rule in pack.rules)
