"""Metro 2, the form in which lenders in the United States tell credit bureaus: what a record says of a loan.

Amounts are whole dollars with the cents cut off. Where the fields stand is in `metro2_form`; `metro2_check` holds a
file against the format's rules independently of how it was written here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from forbear.core.base.problem import MessageId, noop
from forbear.core.bureaus.file_checks import LoanStanding
from forbear.core.bureaus.metro2_form import (
    BASE,
    COUNTED,
    HEADER,
    LENGTH,
    SEGMENTS,
    TRAILER,
    plain,
    read_segment,
    segments_of,
    written,
)

#: Account status by days past due (US-M2-01), the highest first.
_STATUS = ((180, "84"), (150, "83"), (120, "82"), (90, "80"), (60, "78"), (30, "71"), (0, "11"))
#: 05 transferred, 13 paid: such a record says in its payment rating how the account stood at the end.
_RATED_STATUS = ("05", "13")
#: What an account is classified as in K1 where its original creditor is named: 12, a finance company.
_FINANCE = 12
#: Whether somebody else owes with the consumer: the codes of the consumer and of the other (Equal Credit Opportunity
#: Act). A co-borrower owes jointly; a guarantor is a co-maker, and the consumer then the maker.
ECOA = {"co_borrower": ("2", "2"), "guarantor": ("7", "5")}
#: A month in the payment history profile.
_RATED = ((180, "6"), (150, "5"), (120, "4"), (90, "3"), (60, "2"), (30, "1"), (0, "0"))
DELINQUENT = {"71", "78", "80", "82", "83", "84", "93", "97", "64", "62"}
#: What stands behind a name and tells a person from a parent of the same name, with its code.
_GENERATIONS = {"JR": "J", "SR": "S"} | {
    name: str(number) for number, name in enumerate(("II", "III", "IV", "V", "VI", "VII", "VIII", "IX"), 2)
}
#: Why a loan is left out of a file: a wrong or an ambiguous record is worse than none, and none stops the others.
LEFT_OUT: dict[str, MessageId] = {
    "other_currency": noop("The loan is not in US dollars"),
    "account_does_not_fit": noop("The loan's id has more than 30 signs, or others than the form has"),
    "account_used": noop("The loan's id is another loan's but for small and large letters"),
    "name_does_not_fit": noop("The borrower's surname is unknown, or the form can't hold it"),
    "amount_does_not_fit": noop("An amount has more digits than the form has"),
    "record_flawed": noop("The record does not hold against its form"),
}


def without_generation(name: str) -> tuple[str, str]:
    """A name without what stands behind it, such as Jr. or III, and the code of that ("" for none)."""
    words = name.replace(",", " ").split()
    code = _GENERATIONS.get(words[-1].rstrip(".").upper(), "") if len(words) > 2 else ""
    return " ".join(words[:-1] if code else words), code


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
    address_2: str = ""
    generation: str = ""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports."""

    name: str
    address: str
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What else is known of an account: who owes with the consumer, as (role of ECOA, person); the original creditor;
    from whom it was bought; to whom it was sold; the number it was reported under before, given once.
    """

    others: tuple[tuple[str, Consumer], ...] = ()
    original_creditor: str = ""
    bought_from: str = ""
    sold_to: str = ""
    former_number: str = ""


ALONE = AccountDetails()


def record(
    standing: LoanStanding,
    whose: Consumer,
    reporter: str,
    unit: int,
    at: datetime,
    *,
    correction: bool = False,
    extras: AccountDetails = ALONE,
) -> str:
    """The record of one loan with its segments; `unit` is how many minor units a whole one has."""
    segments = "".join(_segments(standing, whose, extras))
    status, gone = _status(standing), bool(standing.closed_on or standing.sold_on)
    rating = _rated(standing.days_before_end) if status in _RATED_STATUS else ""
    late = status in DELINQUENT or rating > "0"
    base = written(
        BASE,
        {
            "record_descriptor": LENGTH + len(segments),
            "processing": 1,
            "time_stamp": at.strftime("%m%d%Y%H%M%S"),
            "correction": int(correction),
            "identification": reporter,
            "account": extras.former_number or standing.loan_id,
            # R: a line of credit that may be drawn again, 18: a credit card
            "portfolio": "R" if standing.revolving else "I",
            "account_type": "18" if standing.revolving else "01",
            "opened": standing.opened_on,
            "highest_credit": standing.principal // unit,
            "terms": "REV" if standing.revolving else f"{min(standing.instalments, 999):03d}",
            "frequency": "D" if standing.deferred_until else "M",
            "scheduled": standing.scheduled // unit,
            "paid": standing.paid // unit,
            "status": status,
            "rating": rating,
            "history": "".join(_letter(month.days_past_due) for month in standing.history),
            "special_comment": _comment(standing),
            "compliance": "XB" if standing.disputed else "",
            "balance": 0 if gone else standing.outstanding // unit,
            "past_due": 0 if gone else standing.past_due // unit,
            "charge_off": standing.charged_off // unit,
            "account_on": standing.closed_on or standing.sold_on or standing.on,
            "first_delinquent": standing.first_late_on if late else None,
            "closed": standing.closed_on or standing.sold_on,
            "last_paid": standing.last_paid_on,
            "interest_type": "F",
            **_person(whose),
            "ecoa": ECOA[extras.others[0][0]][0] if extras.others else "1",
            **_place(whose),
        },
    )
    return base + segments


def why_left_out(standing: LoanStanding, whose: Consumer, unit: int, extras: AccountDetails = ALONE) -> str:
    """Why no record can say this of the loan, as a code of LEFT_OUT; "" where one can."""
    if standing.currency != "USD":
        return "other_currency"
    if not all(account_number(name) for name in (standing.loan_id, extras.former_number or standing.loan_id)):
        return "account_does_not_fit"
    if not _fits(whose.surname, "surname") or any(
        not _fits(one.surname, "surname") for _, one in extras.others
    ):
        return "name_does_not_fit"
    amounts = (standing.principal, standing.outstanding, standing.past_due, standing.paid, standing.scheduled)
    if max(*amounts, standing.charged_off) // unit >= 10 ** BASE["balance"][1]:
        return "amount_does_not_fit"
    return ""


def _fits(name: str, field: str) -> bool:
    """Whether a name is one that the form can hold whole: without accents, but with every letter."""
    flat = plain(name)
    return bool(flat.strip()) and len(flat) <= BASE[field][1] and flat.count(" ") == name.count(" ")


def account_number(name: str) -> str:
    """The account number that a loan's id makes; "" where it would be cut or changed, so that it could be another's."""
    written_name = plain(name)
    fits = len(name) <= BASE["account"][1] and name.isascii() and written_name == name.upper()
    return written_name if fits else ""


def _person(who: Consumer) -> dict[str, object]:
    return {
        "surname": who.surname,
        "first_name": who.first_name,
        "generation": who.generation,
        "born": who.born_on,
        "telephone": who.telephone,
    }


def _place(who: Consumer) -> dict[str, object]:
    return {
        "country": who.country,
        "address": who.address,
        "address_2": who.address_2,
        "city": who.city,
        "state": who.state,
        "zip": who.zip,
    }


def _segments(standing: LoanStanding, whose: Consumer, extras: AccountDetails) -> Iterable[str]:
    """What follows the base: J1 before J2, then K1, K2, K4 and L1, each where it applies."""
    placed = [(role, one) for role, one in extras.others if one.address and _place(one) != _place(whose)]
    for role, one in extras.others:
        if (role, one) not in placed:
            yield _segment("J1", {**_person(one), "ecoa": ECOA[role][1]})
    for role, one in placed:
        yield _segment("J2", {**_person(one), "ecoa": ECOA[role][1], **_place(one)})
    if extras.original_creditor:
        yield _segment("K1", {"creditor": extras.original_creditor, "classification": _FINANCE})
    if standing.sold_on or extras.bought_from:
        name = extras.sold_to if standing.sold_on else extras.bought_from
        yield _segment("K2", {"indicator": 2 if standing.sold_on else 1, "name": name})
    if standing.deferred_until:
        yield _segment("K4", {"indicator": 2, "deferred_until": standing.deferred_until})
    if extras.former_number:
        yield _segment("L1", {"indicator": 1, "account": standing.loan_id})


def _segment(name: str, values: dict[str, object]) -> str:
    return written(SEGMENTS[name], {"segment": name, **values})


def _status(standing: LoanStanding) -> str:
    if standing.charged_off or standing.status == "written_off":
        return "64" if standing.closed_on else "97"
    if standing.sold_on:
        return "05"
    if standing.closed_on:
        return "13"
    return next(code for days, code in _STATUS if standing.days_past_due >= days)


def _comment(standing: LoanStanding) -> str:
    """AH: bought by another company. AU: paid in full for less than the full balance."""
    return "AH" if standing.sold_on else "AU" if standing.paid_for_less else ""


def _rated(days: int) -> str:
    return next(code for least, code in _RATED if days >= least)


def _letter(days: int | None) -> str:
    """A month of the history: B before the account was opened."""
    return "B" if days is None else _rated(days)


def whole_file(records: Sequence[str], reporter: Reporter, on: date, created: date) -> str:
    """Header, records and trailer, each on a line."""
    header = written(
        HEADER,
        {
            "record_descriptor": LENGTH, "identifier": "HEADER", "activity": on, "created": created,
            "reporter": reporter.name, "reporter_address": reporter.address,
            "reporter_telephone": reporter.telephone, "software": "FORBEAR",
        },
    )  # fmt: skip
    trailer = written(TRAILER, {"record_descriptor": LENGTH, "identifier": "TRAILER", **_counts(records)})
    return "".join(f"{line}\n" for line in (header, *records, trailer))


def _counts(records: Sequence[str]) -> dict[str, int]:
    """What the trailer tells of the records and their segments."""
    counts = dict.fromkeys(TRAILER.keys() - {"record_descriptor", "identifier", "reserved", "reserved_2"}, 0)
    counts |= {"records": len(records), "blocks": len(records) + 2}

    def person(where: str, one: dict[str, str]) -> None:
        for what, blank in (("ssn", "0" * 9), ("born", "0" * 8)):
            present = int(one[what] != blank)
            counts[f"{what}_{where}"] += present
            counts[f"{what}_all"] += present
        counts["telephones"] += one["telephone"] != "0" * 10
        counts["ecoa_z"] += one["ecoa"] == "Z"

    for line in records:
        base, segments = read_segment(line), segments_of(line)
        assert segments is not None, "what was written here can be read here"
        assert base["status"] in COUNTED, base["status"]
        counts[f"status_{base['status']}"] += 1
        person("base", base)
        for name, one in segments:
            counts[name.lower()] += 1
            if name in ("J1", "J2"):
                person(name.lower(), one)
    return counts
