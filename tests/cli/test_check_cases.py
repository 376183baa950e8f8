"""`forbear check-pack --cases`: the score, the clause of each wrong answer, and every mistake of a file at once."""

import json
from pathlib import Path

import pytest

from forbear.cli.main import main

CASES = """\
scenarios:
- {id: right, pack: us, clause: "1006.6(b)(1)", now: "2026-03-10T12:00", wish: {channel: call}, expect: allowed}
- {id: leak, pack: us, clause: "made up", now: "2026-03-10T12:00", wish: {channel: call}, expect: refused}
- {id: refusal, pack: us, clause: "made up", now: "2026-03-10T22:00", wish: {channel: call}, expect: allowed}
- {id: time, pack: us, clause: "made up", now: "2026-03-10T22:00", wish: {channel: call}, expect: refused,
   until: "2026-03-11T09:00"}
- {id: place, pack: us, clause: "940 CMR 7.04", now: "2026-03-10T12:00", facts: {region: MA},
   wish: {channel: sms}, expect: refused, past: ["2026-03-09T10:00 sms delivered", "2026-03-08T10:00 sms delivered"]}
- {id: elsewhere, pack: cn, clause: "another pack", now: "2026-03-10T12:00", wish: {channel: call}, expect: refused}
"""
SCORE = {"cases": 5, "right": 2, "leaks": ["leak"], "wrong_refusals": ["refusal"], "wrong_times": ["time"]}
MISTAKES = """\
scenarios:
- {id: a, pack: us, clause: c, now: "tomorrow", wish: {channel: cal}, expect: allow}
- {id: b, pack: us, clause: c, now: "2026-03-10T12:00", wish: {channel: call, purpos: notice},
   expect: allowed, holds: [disput]}
- {id: b, pack: us, clause: c, now: "2026-03-10T12:00", wish: {channel: call}, expect: allowed,
   past: ["2026-03-09T10:00 call"]}
"""


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["check-pack", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@pytest.fixture
def cases(tmp_path: Path) -> str:
    path = tmp_path / "cases.yaml"
    path.write_text(CASES, "utf-8")
    return str(path)


def test_the_score_for_a_program(cases, capsys):
    status, out, _ = run(capsys, "us", "--cases", cases, "--json")
    assert (status, json.loads(out)) == (1, SCORE)


def test_the_score_for_a_person_names_the_clause_of_each(cases, capsys):
    status, out, _ = run(capsys, "us", "--cases", cases)
    assert status == 1
    assert "2 of 5 cases" in out
    for wanted in ("leak (", "us.hours (12 CFR 1006.6(b)(1)", "lawful from 2026-03-11T09:00", ":3:3)"):
        assert wanted in out, wanted


def test_the_ready_cases_are_all_right(capsys):
    ready = str(Path(__file__).parents[2] / "src" / "forbear" / "packs" / "cases" / "us.yaml")
    status, out, _ = run(capsys, "us", "--cases", ready, "--json")
    told = json.loads(out)
    assert status == 0
    assert told["cases"] == told["right"] > 140


def test_every_mistake_of_a_file_is_told_at_once(tmp_path, capsys):
    path = tmp_path / "cases.yaml"
    path.write_text(MISTAKES, "utf-8")
    status, _, err = run(capsys, "us", "--cases", str(path))
    assert status == 2
    for wanted in (
        ":2:37: `tomorrow` is no moment",
        "`cal` can't be the `channel`; did you mean `call`",
        "`allow` can't be the `expect`; did you mean `allowed`",
        "unknown key `purpos`",
        "did you mean `dispute`",
        "case `b` is already on line 3",
        "this line has too few words",
    ):
        assert wanted in err, wanted


def test_a_pack_that_is_not_there(cases, capsys):
    status, _, err = run(capsys, "nowhere", "--cases", cases)
    assert status == 2
    assert "no rule pack nowhere" in err
