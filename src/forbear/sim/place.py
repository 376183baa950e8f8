"""Where a made-up lender is: its rules, clock, money and texts, and what its rules come to in plain numbers.

The numbers are written here once more, apart from the packs, so that the invariants share nothing with what they check.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from forbear.core.files import yaml_text

_VOICE, _TEXTS = ("call", "voice"), ("sms", "push", "email")
_EVERY = (*_VOICE, *_TEXTS, "letter", "visit")
_SPOKE = ("connected", "conversation")


@dataclass(frozen=True, slots=True)
class Cap:
    """At most that many contacts by these channels, with one of these outcomes (none: any), in that many local days.

    With `regions` it binds for who lives in one of them, from the day `since` on; `by_loan` counts for each loan.
    """

    what: str
    channels: tuple[str, ...]
    most: int
    days: int = 1
    outcomes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    since: date = date.min
    by_loan: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A country: `zones` each with its share in percent; nobody is chased before hour `opens` or from `closes` on.

    People live in its `regions`, each with its share; a cap of a region stands beside those of the country.
    """

    pack: str
    zone: str
    zones: tuple[tuple[str, int], ...]
    currency: str
    language: str
    regions: tuple[tuple[str, int], ...]
    name: str
    ready: str
    phone: str
    opens: int
    closes: int
    caps: tuple[Cap, ...]
    visit_notice: int = 0  # that many days before a visit it has to be announced


PLACES = {
    "cn": Place(
        "cn", "Asia/Shanghai", (("Asia/Shanghai", 95), ("Asia/Urumqi", 5)), "CNY", "zh", (("上海", 100),), "借款人",
        "consumer-cn", "+8610{:08d}", 8, 22,
        (Cap("connected calls", _VOICE, 3, 1, _SPOKE), Cap("calls", _VOICE, 8), Cap("messages", _TEXTS, 3)),
    ),
    "us": Place(
        "us", "America/New_York",
        (
            ("America/New_York", 45), ("America/Chicago", 28), ("America/Denver", 6), ("America/Phoenix", 3),
            ("America/Los_Angeles", 15), ("America/Anchorage", 1), ("Pacific/Honolulu", 2),
        ),
        "USD", "en",
        (("TX", 30), ("NY", 15), ("NYC", 15), ("MA", 10), ("WA", 10), ("CA", 10), ("DC", 10)),
        "Borrower", "consumer-us", "+1999{:07d}", 8, 21,
        (
            Cap("calls", _VOICE, 7, 7), Cap("conversations", _VOICE, 1, 7, ("conversation",)),
            Cap("messages", _TEXTS, 2),
            # 940 CMR 7.04(1)(f), RCW 19.16.250, DC Code 28-3814, 6 RCNY 5-77
            Cap("calls and texts", ("sms", *_VOICE), 2, 7, regions=("MA",), by_loan=True),
            Cap("contacts", _EVERY, 3, 7, regions=("WA",)),
            Cap("contacts", _EVERY, 3, 7, regions=("NYC",), since=date(2026, 9, 1), by_loan=True),
            Cap("calls", _VOICE, 3, 7, regions=("DC",), by_loan=True),
        ),
    ),
    "uk": Place(
        "uk", "Europe/London", (("Europe/London", 100),), "GBP", "en", (("England", 80), ("Scotland", 20)),
        "Borrower", "consumer-uk",
        "+44999{:07d}", 8, 21,
        (Cap("connected calls", _VOICE, 1, 1, _SPOKE), Cap("calls", _VOICE, 5, 7), Cap("messages", _TEXTS, 2)),
        visit_notice=3,
    ),
}  # fmt: skip


#: This lender goes to court early and with little, so that it happens within months. Everything else is as it ships.
_COURT = {
    "from_days_past_due": 90,
    "least_amount": {"CNY": "1000.00", "GBP": "1000.00", "USD": "1000.00"},
    "own_cost": 5_000,
}
#: It charges off and sells early, too.
_CHARGE_OFF = {"from_days_past_due": 100, "quiet_days": 40}
#: The two go from door to door in the afternoon, and nobody is told another hour.
_VISIT = {"first_hour": 13}


def prepare_home(folder: Path, place: Place, threads: int = 1) -> None:
    """What a made-up lender's home needs beyond the ready one."""
    path = folder / "lender.yaml"
    data = yaml_text.load(path.read_text(encoding="utf-8"))
    data |= {
        "name": {"zh": "模拟消费金融", "en": "Simulated Finance"},
        "strategy": f"strategies/{place.ready}.yaml",
        "templates": f"templates/{place.ready}.yaml",
        "packs": [f"packs/{place.pack}.yaml"],
        "timezone": place.zone,
        "threads": threads,
    }
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    policy = folder / "policy.yaml"
    terms = yaml_text.load(policy.read_text(encoding="utf-8"))
    terms["court"] |= _COURT
    terms["write_off"] = terms.get("write_off", {}) | _CHARGE_OFF
    terms["visit"] = terms.get("visit", {}) | _VISIT
    policy.write_text(yaml.safe_dump(terms, allow_unicode=True), encoding="utf-8")
