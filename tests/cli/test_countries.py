"""Goal: a lender of each country begins with its own money, rules and texts, and nothing of another country shows.

Method: the real commands from `init` to the night's publishing, on a feed of the country without languages in it; then
the desk's pages as four roles see them.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from forbear.interchange.home.lender import prove_twice
from tests.factories.program import run_program
from tests.interchange.book.small_feed import write
from tests.profile import variants

pytestmark = pytest.mark.process
ON = date(2026, 3, 31)
#: A day late of each stage; the second owes too little to be worth a contact.
LATE = (3, 9, 20, 45, 75, 120, 200)


@dataclass(frozen=True, slots=True)
class Place:
    currency: str
    phone: str
    zone: str
    region: str
    language: str
    foreign: str


CHINESE = r"[\u4e00-\u9fff]|CNY|¥|China|consumer-cn"
PLACES = {
    "us": Place(
        "USD", "+1999555010{}", "America/New_York", "TX", "en", CHINESE + "|GBP|Ombudsman|FCA|consumer-uk"
    ),
    "uk": Place("GBP", "+44999000010{}", "Europe/London", "England", "en", CHINESE + "|USD|CFPB|consumer-us"),
    "cn": Place(
        "CNY", "+861000000010{}", "Asia/Shanghai", "上海", "zh-hans", "USD|GBP|CFPB|美国|英国|consumer-u[sk]"
    ),
}
#: A lender's own words may stand in both languages, and the switch to the other language is in its own.
BOTH = re.compile(r"中文|\{zh: [^}]*\}|\bzh: \S+")


def run(root, *arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FORBEAR", "DJANGO"))}
    done = run_program(*arguments, cwd=root, env=clean | {"FORBEAR_HOME": "bank"})
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("country", variants("uk", "cn", "us"))
def test_from_init_to_the_desk_nothing_of_another_country_shows(country, tmp_path):
    place = PLACES[country]
    run(tmp_path, "init", "bank", "--country", country)
    prove_twice(tmp_path / "bank", ["auditor"])  # nobody here has an app for codes
    amounts = ["3.00" if days == 9 else "3000.00" for days in LATE]
    write(
        tmp_path / "feed",
        loans=[
            f"L{i},B{i},personal,{place.currency},{amounts[i]},2025-01-01,active" for i in range(len(LATE))
        ],
        instalments=[f"L{i},1,{ON - timedelta(days=days)},{amounts[i]},0,0,0" for i, days in enumerate(LATE)],
        borrowers=[
            f"B{i},Ann Example,{place.phone.format(i)},ann@example.org,,{place.region},{place.zone},,true"
            for i in range(len(LATE))
        ],
    )
    run(tmp_path, "import", "feed")
    decided = run(tmp_path, "night", "--as-of", str(ON))
    assert "7 cases opened" in decided
    assert set(re.findall(r"\b(?:CNY|GBP|USD)\b", decided)) == {place.currency}
    for file in ("policy.yaml", "lender.yaml"):
        text = (tmp_path / "bank" / file).read_text("utf-8")
        assert not re.search(place.foreign.replace(r"[\u4e00-\u9fff]|", ""), text), file
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.first_day", str(tmp_path / "bank"), place.language],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["languages"] == [place.language[:2]]
    # what is less than a contact is worth in this country's money is asked for by nobody
    assert "B0" in told["reached"]
    assert "B1" not in told["reached"]
    assert len(told["shown"]) > 20
    for page, text in told["shown"].items():
        wrong = re.search(f".{{0,60}}(?:{place.foreign}).{{0,60}}", BOTH.sub("", text))
        assert wrong is None, (page, wrong)
    assert any(place.currency in text or "¥" in text for text in told["shown"].values())
