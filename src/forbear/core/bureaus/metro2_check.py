"""Hold a Metro 2 file against the format's rules, independently of how it was written, and tell what it lacks.

The rules are those that readers of the format apply: lengths, known codes, dates, what one field says of another, and
the trailer's counts. A flaw sends a file back. A gap is something a bureau asks for that the lender doesn't know.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from forbear.core.bureaus.metro2_form import (
    BASE,
    COUNTED,
    HEADER,
    LENGTH,
    SEGMENTS,
    TRAILER,
    Fields,
    read_segment,
    segments_of,
)

_LATE = {"71", "78", "80", "82", "83", "84", "93", "97", "64", "62"}
#: Statuses of an account that has ended, which tell in the payment rating how it stood.
_RATED = {"05", "13", "65", "88", "89", "94", "95"}
_ONE_OF = {
    "correction": "01",
    "portfolio": "CIMORL",
    "frequency": " DPWBEMLQTSY",
    "rating": " 0123456GL",
    "interest_type": " FV",
    "ecoa": "12357TWXZ",
    "address_indicator": " CYNMSBUDP",
    "residence": " OR",
    "generation": " JS23456789",
}
_ORDER = tuple(SEGMENTS)
#: What a bureau asks for of every consumer, besides the day of birth or the social security number.
ASKED = ("surname", "first_name", "address", "city", "state", "zip")


def flaws(text: str) -> list[str]:
    """What a bureau would send a file back for; nothing when it holds."""
    lines = lines_of(text)
    if len(lines) < 3 or lines[-1] != "":
        return ["a file has a header, records and a trailer, each ended by a line feed"]
    errors = [
        f"line {number}: has {len(line)} signs, not {_stated_length(line)}"
        for number, line in enumerate(lines[:-1], 1)
        if len(line) != _stated_length(line) or not line.isascii()
    ]
    if errors:
        return errors
    header, *records, trailer = lines[:-1]
    errors += list(_used_twice(records))
    if read_segment(header, HEADER)["identifier"] != "HEADER" or len(header) != LENGTH:
        errors.append("line 1: is no header")
    for number, line in enumerate(records, 2):
        errors += [f"line {number}: {error}" for error in _record_errors(line)]
    end = read_segment(trailer, TRAILER)
    if end["identifier"] != "TRAILER" or len(trailer) != LENGTH or _number(end["records"]) != len(records):
        errors.append("the trailer's number of records is not what the file holds")
    elif not errors:
        counts = _counts(records)
        errors += [
            f"the trailer's count of {name.replace('_', ' ')} is not what the file holds"
            for name, (_, _, kind) in TRAILER.items()
            if kind == "n"
            and name not in ("record_descriptor", "records")
            and _number(end[name]) != counts[name]
        ]
    return errors


def lines_of(text: str) -> list[str]:
    """The file's lines, and "" behind them: whatever ends them; where nothing does, by the length each states."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")
    if "\n" in text.rstrip("\n"):
        return (text.rstrip("\n") + "\n").split("\n")
    lines, text, at = [], text.rstrip("\n"), 0
    while at < len(text):
        length = _stated_length(text[at : at + 4])
        lines.append(text[at : at + length])
        at += length
    return [*lines, ""]


def read_text(content: bytes) -> str:
    """The text of a file in any encoding that programs write it in: UTF-16, UTF-8, else one byte a sign."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def record_flaws(line: str) -> list[str]:
    """What is wrong with one record by itself."""
    if len(line) != _stated_length(line) or not line.isascii():
        return [f"has {len(line)} signs, not {_stated_length(line)}"]
    return _record_errors(line)


def _used_twice(records: Iterable[str]) -> Iterable[str]:
    """Accounts that two records of one day are about, but for corrections, and accounts of two people."""
    lines: dict[tuple[str, str], int] = {}
    owners: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(records, 2):
        base = read_segment(line)
        account, who = base["account"], (base["surname"], base["born"])
        if owners.setdefault(account, who) != who:
            yield f"line {number}: account {account} is another person's on an earlier line"
        elif base["correction"] == "0":
            first = lines.setdefault((account, base["account_on"]), number)
            if first != number:
                yield f"line {number}: account {account} stands on line {first} already"


def gaps(text: str) -> dict[str, int]:
    """What a bureau asks for and the file lacks, by field: on how many records and people beside them."""
    missing: Counter[str] = Counter()
    for line in lines_of(text)[1:-2]:
        people = [read_segment(line), *(one for name, one in segments_of(line) or () if name in ("J1", "J2"))]
        for one in people:
            missing.update(name for name in ASKED if name in one and not one[name])
            missing.update(["born"] if not (_number(one["born"]) or _number(one["ssn"])) else [])
            missing.update(["opened"] if not _number(one.get("opened", "1")) else [])
    return dict(sorted(missing.items()))


def _stated_length(line: str) -> int:
    """How long the record says it is; at least a base, at most all the segments that could follow."""
    digits = line[:4]
    return max(int(digits), LENGTH) if digits.isascii() and digits.isdigit() else LENGTH


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _counts(records: Iterable[str]) -> Counter[str]:
    """What the trailer has to tell."""
    counts: Counter[str] = Counter()
    for line in records:
        base = read_segment(line)
        counts["blocks"] += 1
        counts[f"status_{base['status']}"] += 1
        segments = segments_of(line) or []
        for where, one in (("base", base), *((name.lower(), one) for name, one in segments)):
            counts[where] += 1
            if "ecoa" in one:
                counts["ecoa_z"] += one["ecoa"] == "Z"
                counts["telephones"] += bool(_number(one["telephone"]))
                for what in ("ssn", "born"):
                    counts[f"{what}_{where}"] += bool(_number(one[what]))
                    counts[f"{what}_all"] += bool(_number(one[what]))
    counts["blocks"] += 2
    return counts


def _record_errors(line: str) -> list[str]:
    """What is wrong with a base and its segments."""
    base, segments = read_segment(line), segments_of(line)
    if segments is None:
        return ["what follows the base is no known segment"]
    errors = _field_errors(base, BASE) or _base_errors(base)
    names = [name for name, _ in segments]
    if names != sorted(names, key=_ORDER.index) or any(
        names.count(name) > 1 for name in _ORDER if name not in ("J1", "J2")
    ):
        errors.append("the segments are J1, J2, K1 to K4, L1 and N1 in this order, from K1 on each once")
    for name, one in segments:
        segment_errors = _field_errors(one, SEGMENTS[name]) or list(_segment_errors(name, one))
        errors += [f"{name}: {error}" for error in segment_errors]
    return errors


def _field_errors(one: Mapping[str, str], fields: Fields) -> list[str]:
    """What can't be read: numbers, dates, codes."""
    errors = [
        f"{name} is not a number"
        for name, (_, _, kind) in fields.items()
        if kind != "a" and not one[name].isdigit()
    ]
    if errors:
        return errors
    for name, (_, _, kind) in fields.items():
        if kind == "d" and _number(one[name]) and not _is_date(one[name]):
            errors.append(f"{name} {one[name]} is no date")
    for name, known in _ONE_OF.items():
        if name in one and (one[name] or " ") not in known:
            errors.append(f"{name} {one[name]!r} is not known")
    return errors


def _base_errors(one: Mapping[str, str]) -> list[str]:
    """What one field of a base says against another."""
    errors = []
    status, first_late = one["status"], _number(one["first_delinquent"])
    if status not in COUNTED and status not in ("DF", "DA"):
        errors.append(f"status {status!r} is not known")
    if status in _LATE and not first_late:
        errors.append("a late account needs its date of first delinquency (FCRA § 623(a)(5))")
    if status in _RATED and one["rating"] in set("123456") and not first_late:
        errors.append("an account that was late when it ended needs its date of first delinquency")
    if status == "11" and first_late:
        errors.append("a current account has no date of first delinquency")
    if status == "11" and int(one["past_due"]) > int(one["balance"]):
        errors.append("more is past due than is owed")
    if status in ("05", "13", "62", "64") and (
        int(one["balance"]) or int(one["past_due"]) or not _number(one["closed"])
    ):
        errors.append("an account that has ended owes nothing and has its closing date")
    if bool(one["rating"]) != (status in _RATED):
        errors.append("an account that has ended has its payment rating, and no other has one")
    if status == "97" and not int(one["charge_off"]):
        errors.append("a charged-off account has the amount charged off")
    if set(one["history"]) - set("0123456BDEGHJKLZ") or len(one["history"]) != 24:
        errors.append("the payment history has 24 months of known letters")
    if not (one["terms"] in ("LOC", "REV") or one["terms"].isdigit()):
        errors.append(f"terms {one['terms']!r} are neither a number of payments nor LOC nor REV")
    if not one["identification"].strip("09 "):
        errors.append("the reporter's identification is filled with one sign")
    for name in ("account", "portfolio", "account_type", "terms", "ecoa", "surname"):
        if not one[name]:
            errors.append(f"{name} is missing")
    return errors


def _segment_errors(name: str, one: Mapping[str, str]) -> Iterable[str]:
    """What is wrong with one segment by itself."""
    if name in ("J1", "J2"):
        if not one["surname"]:
            yield "surname is missing"
    elif name == "K1":
        if not one["creditor"]:
            yield "the original creditor is missing"
        if not 1 <= int(one["classification"]) <= 15:
            yield "the classification is 01 to 15"
    elif name == "K2":
        if one["indicator"] not in "129":
            yield "the indicator is 1 (bought from), 2 (sold to) or 9 (taken back)"
        if bool(one["name"]) == (one["indicator"] == "9"):
            yield "who bought or sold is named, and nobody where it is taken back"
    elif name == "K3":
        if int(one["agency"]) > 2 or (one["agency"] == "00" and one["account"]):
            yield "the agency is 00 without an account, 01 or 02"
    elif name == "K4":
        yield from _wrong_payments(one)
    elif name == "L1":
        yield from _wrong_change(one)
    elif not one["employer"]:
        yield "the employer is missing"


def _wrong_payments(one: Mapping[str, str]) -> Iterable[str]:
    if one["indicator"] == "01" and not (_number(one["balloon_on"]) and int(one["balloon"])):
        yield "a balloon payment has its day and amount"
    elif one["indicator"] == "02" and not _number(one["deferred_until"]):
        yield "deferred payments have the day on which they begin"
    elif one["indicator"] not in ("01", "02"):
        yield "the indicator is 01 (balloon) or 02 (deferred)"


def _wrong_change(one: Mapping[str, str]) -> Iterable[str]:
    changed = {"1": (True, False), "2": (False, True), "3": (True, True)}.get(one["indicator"])
    if changed is None:
        yield "the indicator is 1 (account), 2 (reporter) or 3 (both)"
    elif (bool(one["account"]), bool(one["identification"])) != changed:
        yield "what changed is given, and nothing else"


def _is_date(text: str) -> bool:
    try:
        date(int(text[4:]), int(text[:2]), int(text[2:4]))
    except ValueError:
        return False
    return True
