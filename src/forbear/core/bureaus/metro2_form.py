"""The places of the fields in Metro 2: header, base record, the segments that follow it, and trailer.

They are facts of the format (CDIA Metro 2, character format). Text stands left and in capitals, numbers right with
zeros, dates as MMDDYYYY. A record is a base of 426 bytes with its segments behind it; its first field is the length of
them all.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date

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
COUNTED = ("05", "11", "13", "61", "62", "63", "64", "65", "71", "78", "80", "82", "83", "84", "88", "89", "93", "94",
            "95", "96", "97")  # fmt: skip
TRAILER: Fields = {
    "record_descriptor": (1, 4, "n"), "identifier": (5, 7, "a"), "records": (12, 9, "n"), "reserved": (21, 9, "a"),
    "status_DF": (30, 9, "n"), "j1": (39, 9, "n"), "j2": (48, 9, "n"), "blocks": (57, 9, "n"),
    "status_DA": (66, 9, "n"),
    **{f"status_{code}": (75 + 9 * place, 9, "n") for place, code in enumerate(COUNTED)},
    "ecoa_z": (264, 9, "n"), "n1": (273, 9, "n"), "k1": (282, 9, "n"), "k2": (291, 9, "n"), "k3": (300, 9, "n"),
    "k4": (309, 9, "n"), "l1": (318, 9, "n"), "ssn_all": (327, 9, "n"), "ssn_base": (336, 9, "n"),
    "ssn_j1": (345, 9, "n"), "ssn_j2": (354, 9, "n"), "born_all": (363, 9, "n"), "born_base": (372, 9, "n"),
    "born_j1": (381, 9, "n"), "born_j2": (390, 9, "n"), "telephones": (399, 9, "n"), "reserved_2": (408, 19, "a"),
}  # fmt: skip

_PERSON: Fields = {
    "segment": (1, 2, "a"), "reserved": (3, 1, "a"), "surname": (4, 25, "a"), "first_name": (29, 20, "a"),
    "middle_name": (49, 20, "a"), "generation": (69, 1, "a"), "ssn": (70, 9, "n"), "born": (79, 8, "d"),
    "telephone": (87, 10, "n"), "ecoa": (97, 1, "a"), "consumer_information": (98, 2, "a"),
}  # fmt: skip
#: What may follow a base record, by its first two letters: somebody who owes with the consumer at the same address (J1)
#: or at another (J2), the original creditor (K1), from whom it was bought or to whom sold (K2), a mortgage's agency
#: (K3), payments put off (K4), a new account number (L1), the employer (N1).
SEGMENTS: Mapping[str, Fields] = {
    "J1": {**_PERSON, "reserved_2": (100, 1, "a")},
    "J2": {
        **_PERSON, "country": (100, 2, "a"), "address": (102, 32, "a"), "address_2": (134, 32, "a"),
        "city": (166, 20, "a"), "state": (186, 2, "a"), "zip": (188, 9, "a"), "address_indicator": (197, 1, "a"),
        "residence": (198, 1, "a"), "reserved_2": (199, 2, "a"),
    },
    "K1": {"segment": (1, 2, "a"), "creditor": (3, 30, "a"), "classification": (33, 2, "n")},
    "K2": {"segment": (1, 2, "a"), "indicator": (3, 1, "n"), "name": (4, 30, "a"), "reserved": (34, 1, "a")},
    "K3": {
        "segment": (1, 2, "a"), "agency": (3, 2, "n"), "account": (5, 18, "a"), "mortgage": (23, 18, "a"),
    },
    "K4": {
        "segment": (1, 2, "a"), "indicator": (3, 2, "n"), "deferred_until": (5, 8, "d"), "balloon_on": (13, 8, "d"),
        "balloon": (21, 9, "n"), "reserved": (30, 1, "a"),
    },
    "L1": {
        "segment": (1, 2, "a"), "indicator": (3, 1, "n"), "account": (4, 30, "a"), "identification": (34, 20, "a"),
        "reserved": (54, 1, "a"),
    },
    "N1": {
        "segment": (1, 2, "a"), "employer": (3, 30, "a"), "address": (33, 32, "a"), "address_2": (65, 32, "a"),
        "city": (97, 20, "a"), "state": (117, 2, "a"), "zip": (119, 9, "a"), "occupation": (128, 18, "a"),
        "reserved": (146, 1, "a"),
    },
}  # fmt: skip


def length_of(fields: Fields) -> int:
    """How many bytes these fields take."""
    first, length, _ = list(fields.values())[-1]
    return first + length - 1


def written(fields: Fields, values: Mapping[str, object]) -> str:
    """A record or segment of these values; what isn't given is blank or zero."""
    assert values.keys() <= fields.keys(), values.keys() - fields.keys()
    parts = [_part(values.get(name), length, kind) for name, (_, length, kind) in fields.items()]
    line = "".join(parts)
    assert len(line) == length_of(fields), len(line)
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


def segments_of(line: str) -> list[tuple[str, dict[str, str]]] | None:
    """What follows the base in a record, in its order; None where the bytes are no such segments."""
    parsed, at = [], LENGTH
    while at < len(line):
        name = line[at : at + 2]
        fields = SEGMENTS.get(name)
        if fields is None or len(line) - at < length_of(fields):
            return None
        parsed.append((name, read_segment(line[at : at + length_of(fields)], fields)))
        at += length_of(fields)
    return parsed
