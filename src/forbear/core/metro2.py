"""Metro 2, the form in which lenders in the United States tell credit bureaus: character format, 426 bytes a record.

The places of the fields are facts of the format (CDIA Metro 2, base segment, header and trailer). Text stands left and
in capitals, numbers right with zeros, dates as MMDDYYYY, amounts in whole dollars with the cents cut off. `flaws` holds
a file against the format's rules independently of how it was written.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from forbear.core.bureau import Told

LENGTH = 426
#: name: (first place from 1, length, kind). n: a number, d: a date, a: text.
Fields = Mapping[str, tuple[int, int, str]]
BASE: Fields = {
    "record_descriptor": (1, 4, "n"), "processing": (5, 1, "n"), "time_stamp": (6, 14, "n"),
    "correction": (20, 1, "n"), "identification": (21, 20, "a"), "cycle": (41, 2, "a"),
    "account": (43, 30, "a"), "portfolio": (73, 1, "a"), "account_type": (74, 2, "a"), "opened": (76, 8, "d"),
    "credit_limit": (84, 9, "n"), "highest_credit": (93, 9, "n"), "terms": (102, 3, "a"),
    "frequency": (105, 1, "a"), "scheduled": (106, 9, "n"), "paid": (115, 9, "n"), "status": (124, 2, "a"),
    "rating": (126, 1, "a"), "history": (127, 24, "a"), "special_comment": (151, 2, "a"),
    "compliance": (153, 2, "a"), "balance": (155, 9, "n"), "past_due": (164, 9, "n"),
    "charge_off": (173, 9, "n"), "account_on": (182, 8, "d"), "first_delinquent": (190, 8, "d"),
    "closed": (198, 8, "d"), "last_paid": (206, 8, "d"), "interest_type": (214, 1, "a"),
    "reserved": (215, 17, "a"), "surname": (232, 25, "a"), "first_name": (257, 20, "a"),
    "middle_name": (277, 20, "a"), "generation": (297, 1, "a"), "ssn": (298, 9, "n"), "born": (307, 8, "d"),
    "telephone": (315, 10, "n"), "ecoa": (325, 1, "a"), "consumer_information": (326, 2, "a"),
    "country": (328, 2, "a"), "address": (330, 32, "a"), "address_2": (362, 32, "a"), "city": (394, 20, "a"),
    "state": (414, 2, "a"), "zip": (416, 9, "a"), "address_indicator": (425, 1, "a"), "residence": (426, 1, "a"),
}  # fmt: skip
HEADER: Fields = {
    "record_descriptor": (1, 4, "n"), "identifier": (5, 6, "a"), "cycle": (11, 2, "a"), "innovis": (13, 10, "a"),
    "equifax": (23, 10, "a"), "experian": (33, 5, "a"), "transunion": (38, 10, "a"), "activity": (48, 8, "d"),
    "created": (56, 8, "d"), "program": (64, 8, "d"), "revision": (72, 8, "d"), "reporter": (80, 40, "a"),
    "reporter_address": (120, 96, "a"), "reporter_telephone": (216, 10, "n"), "software": (226, 40, "a"),
    "software_version": (266, 5, "a"), "prbc": (271, 10, "a"), "reserved": (281, 146, "a"),
}  # fmt: skip
_COUNTED = ("05", "11", "13", "61", "62", "63", "64", "65", "71", "78", "80", "82", "83", "84", "88", "89", "93", "94",
            "95", "96", "97")  # fmt: skip
TRAILER: Fields = {
    "record_descriptor": (1, 4, "n"), "identifier": (5, 7, "a"), "records": (12, 9, "n"), "reserved": (21, 9, "a"),
    "status_DF": (30, 9, "n"), "j1": (39, 9, "n"), "j2": (48, 9, "n"), "blocks": (57, 9, "n"),
    "status_DA": (66, 9, "n"),
    **{f"status_{code}": (75 + 9 * place, 9, "n") for place, code in enumerate(_COUNTED)},
    "ecoa_z": (264, 9, "n"), "others": (273, 54, "n"), "ssn_all": (327, 9, "n"), "ssn_base": (336, 9, "n"),
    "ssn_others": (345, 18, "n"), "born_all": (363, 9, "n"), "born_base": (372, 9, "n"), "born_others": (381, 18, "n"),
    "telephones": (399, 9, "n"), "reserved_2": (408, 19, "a"),
}  # fmt: skip

#: Account status by days past due (US-M2-01), the highest first.
_STATUS = ((180, "84"), (150, "83"), (120, "82"), (90, "80"), (60, "78"), (30, "71"), (0, "11"))
#: A month in the payment history profile.
_RATED = ((180, "6"), (150, "5"), (120, "4"), (90, "3"), (60, "2"), (30, "1"), (0, "0"))
_LARGEST = 999_999_999
_DELINQUENT = {"71", "78", "80", "82", "83", "84", "93", "97", "64", "62"}


@dataclass(frozen=True, slots=True)
class Consumer:
    """Whose account it is, as far as the lender knows; what isn't known stays blank."""

    surname: str = ""
    first_name: str = ""
    born_on: date | None = None
    telephone: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports."""

    name: str
    address: str
    telephone: str = ""


def base_segment(
    told: Told, whose: Consumer, reporter: str, unit: int, at: datetime, correction: bool = False
) -> str:
    """The record of one loan; `unit` is how many minor units a whole one has."""
    status = _status(told)
    late = status in _DELINQUENT
    rating = _rated(told.days_past_due) if status == "13" else ""
    return _written(
        BASE,
        {
            "record_descriptor": LENGTH,
            "processing": 1,
            "time_stamp": at.strftime("%m%d%Y%H%M%S"),
            "correction": int(correction),
            "identification": reporter,
            "account": told.loan_id,
            "portfolio": "I",
            "account_type": "01",
            "opened": told.opened_on,
            "highest_credit": told.principal // unit,
            "terms": f"{min(told.instalments, 999):03d}",
            "frequency": "M",
            "scheduled": told.scheduled // unit,
            "paid": told.paid // unit,
            "status": status,
            "rating": rating,
            "history": "".join(_letter(month.days_past_due) for month in told.history),
            "compliance": "XB" if told.disputed else "",
            "balance": 0 if told.closed_on else told.outstanding // unit,
            "past_due": 0 if told.closed_on else told.past_due // unit,
            "charge_off": told.charged_off // unit,
            "account_on": told.closed_on or told.on,
            "first_delinquent": told.first_late_on if late else None,
            "closed": told.closed_on,
            "last_paid": told.last_paid_on,
            "interest_type": "F",
            "surname": whose.surname,
            "first_name": whose.first_name,
            "born": whose.born_on,
            "telephone": whose.telephone,
            "ecoa": "1",
            "country": whose.country,
            "address": whose.address,
            "city": whose.city,
            "state": whose.state,
            "zip": whose.zip,
        },
    )


def _status(told: Told) -> str:
    if told.status == "written_off":
        return "64" if told.closed_on else "97"
    if told.closed_on:
        return "13"
    return next(code for days, code in _STATUS if told.days_past_due >= days)


def _rated(days: int) -> str:
    return next(code for least, code in _RATED if days >= least)


def _letter(days: int | None) -> str:
    """A month of the history: B before the account was opened."""
    return "B" if days is None else _rated(days)


def whole_file(segments: Sequence[str], reporter: Reporter, on: date, created: date) -> str:
    """Header, records and trailer, each on a line."""
    header = _written(
        HEADER,
        {
            "record_descriptor": LENGTH, "identifier": "HEADER", "activity": on, "created": created,
            "reporter": reporter.name, "reporter_address": reporter.address,
            "reporter_telephone": reporter.telephone, "software": "FORBEAR",
        },
    )  # fmt: skip
    read = [read_segment(segment) for segment in segments]
    counts: dict[str, object] = {f"status_{code}": 0 for code in ("DF", "DA", *_COUNTED)}
    for one in read:
        counts[f"status_{one['status']}"] = counts.get(f"status_{one['status']}", 0) + 1
    born = sum(one["born"] != "00000000" for one in read)
    telephones = sum(one["telephone"] != "0000000000" for one in read)
    trailer = _written(
        TRAILER,
        counts
        | {"record_descriptor": LENGTH, "identifier": "TRAILER", "records": len(segments), "blocks": len(segments) + 2,
           "born_all": born, "born_base": born, "telephones": telephones},
    )  # fmt: skip
    return "".join(f"{line}\n" for line in (header, *segments, trailer))


def _written(fields: Fields, values: Mapping[str, object]) -> str:
    assert values.keys() <= fields.keys(), values.keys() - fields.keys()
    parts = [_part(values.get(name), length, kind) for name, (_, length, kind) in fields.items()]
    line = "".join(parts)
    assert len(line) == LENGTH, len(line)
    return line


def _part(value: object, length: int, kind: str) -> str:
    if kind == "d":
        return value.strftime("%m%d%Y") if isinstance(value, date) else "0" * length
    if kind == "n":
        if isinstance(value, int):
            return str(min(value, 10**length - 1)).rjust(length, "0")
        digits = "".join(sign for sign in str(value or "") if sign.isascii() and sign.isdigit())
        return digits[-length:].rjust(length, "0")
    return plain(str(value or ""))[:length].ljust(length)


def plain(text: str) -> str:
    """Capitals without accents; what has no Latin letter becomes blank."""
    flat = unicodedata.normalize("NFKD", text).upper()
    kept = "".join(sign for sign in flat if not unicodedata.combining(sign))
    return "".join(sign if " " <= sign <= "~" else " " for sign in kept)


def read_segment(line: str, fields: Fields = BASE) -> dict[str, str]:
    """A record's fields as they stand, blanks cut off."""
    return {name: line[at - 1 : at - 1 + length].rstrip() for name, (at, length, _) in fields.items()}


def flaws(text: str) -> list[str]:
    """What a bureau would send a file back for; nothing when it holds."""
    lines = text.split("\n")
    if len(lines) < 3 or lines[-1] != "":
        return ["a file has a header, records and a trailer, each ended by a line feed"]
    found = [
        f"line {number}: has {len(line)} signs, not {LENGTH}"
        for number, line in enumerate(lines[:-1], 1)
        if len(line) != LENGTH or not line.isascii()
    ]
    if found:
        return found
    header, *records, trailer = lines[:-1]
    if read_segment(header, HEADER)["identifier"] != "HEADER":
        found.append("line 1: is no header")
    end = read_segment(trailer, TRAILER)
    if end["identifier"] != "TRAILER" or int(end["records"] or 0) != len(records):
        found.append("the trailer's number of records is not what the file holds")
    statuses: dict[str, int] = {}
    for number, line in enumerate(records, 2):
        one = read_segment(line)
        statuses[one["status"]] = statuses.get(one["status"], 0) + 1
        found += [f"line {number}: {wrong}" for wrong in _wrong(one)]
    for code in _COUNTED:
        if int(end[f"status_{code}"] or 0) != statuses.get(code, 0):
            found.append(f"the trailer's count of status {code} is not what the file holds")
    return found


def _wrong(one: Mapping[str, str]) -> list[str]:
    """What is wrong with one record by itself."""
    found = [
        f"{name} is not a number"
        for name, (_, _, kind) in BASE.items()
        if kind != "a" and not one[name].isdigit()
    ]
    if found:
        return found
    for name, (_, _, kind) in BASE.items():
        if kind == "d" and one[name] != "00000000" and not _is_date(one[name]):
            found.append(f"{name} {one[name]} is no date")
    status, late = one["status"], one["status"] in _DELINQUENT
    if status not in _COUNTED:
        found.append(f"status {status!r} is not known")
    if late and one["first_delinquent"] == "00000000":
        found.append("a late account needs its date of first delinquency (FCRA § 623(a)(5))")
    if status == "11" and one["first_delinquent"] != "00000000":
        found.append("a current account has no date of first delinquency")
    if status == "11" and int(one["past_due"]) > int(one["balance"]):
        found.append("more is past due than is owed")
    if status in ("13", "62", "64") and (
        int(one["balance"]) or int(one["past_due"]) or one["closed"] == "00000000"
    ):
        found.append("a paid account owes nothing and has its closing date")
    if status == "13" and not one["rating"]:
        found.append("a paid account has its payment rating")
    if status == "97" and not int(one["charge_off"]):
        found.append("a charged-off account has the amount charged off")
    if set(one["history"]) - set("0123456BDEGHJKL") or len(one["history"]) != 24:
        found.append("the payment history has 24 months of known letters")
    for name in ("account", "portfolio", "account_type", "terms", "ecoa"):
        if not one[name]:
            found.append(f"{name} is missing")
    return found


def _is_date(text: str) -> bool:
    try:
        date(int(text[4:]), int(text[:2]), int(text[2:4]))
    except ValueError:
        return False
    return True
