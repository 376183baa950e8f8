"""The world's lender sends its feed: whole on the first day, then what is new."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from forbear.sim.people import Owing, Person
from forbear.sim.place import Place

_PRODUCTS = "default: {grace_days: 0}\nproducts:\n  sim-loan: {name: {zh: 模拟贷, en: Sim loan}}\n"
_HEADS = {
    "loans": "loan_id,borrower_id,product,currency,principal,disbursed_on,status",
    "instalments": "loan_id,number,due_on,principal,interest,fee,penalty",
    "payments": "payment_id,loan_id,paid_on,amount,reverses",
    "borrowers": "borrower_id,name,phone,email,language,region,timezone,born_on,consent_sms,consent_voice,"
    "address,area,latitude,longitude",
}
New = tuple[str, Owing]  # a payment's id and its loan


def money(minor: int) -> str:
    """Minor units as the feed writes them."""
    return f"{minor // 100}.{minor % 100:02d}"


def whole_feed(folder: Path, persons: Sequence[Person], place: Place) -> None:
    """Everything up to the day before the first."""
    loans = [loan for person in persons for loan in person.loans]
    _write(folder, "loans", (_loan(loan, place) for loan in loans))
    _write(
        folder,
        "instalments",
        (
            (loan.loan_id, number, due_on, money(principal), money(interest), "0.00", "0.00")
            for loan in loans
            for number, (due_on, principal, interest) in enumerate(loan.instalments, 1)
        ),
    )
    _write(folder, "payments", (_payment(name, loan) for loan in loans for name in loan.paid))
    _write(folder, "borrowers", (_person(person, place) for person in persons))
    (folder / "products.yaml").write_text(_PRODUCTS, encoding="utf-8")


def delta_feed(folder: Path, new: Iterable[New], changed: Iterable[Person], place: Place) -> None:
    """What was booked since, and of whom the lender's records changed; the other files have their header alone."""
    for name in ("loans", "instalments"):
        _write(folder, name, ())
    _write(folder, "borrowers", (_person(person, place) for person in changed))
    _write(folder, "payments", (_payment(name, loan) for name, loan in new))


def _loan(loan: Owing, place: Place) -> tuple:
    return (
        loan.loan_id,
        loan.borrower_id,
        "sim-loan",
        place.currency,
        money(loan.principal),
        loan.disbursed_on,
        "active",
    )


def _payment(name: str, loan: Owing) -> tuple:
    paid_on, amount, reverses = loan.paid[name]
    return (name, loan.loan_id, paid_on, money(amount), reverses)


def _person(person: Person, place: Place) -> tuple:
    address, *degrees = person.address or ("", "", "")
    agrees = "true" if person.silent_since is None else "false"
    return (
        person.borrower_id, place.name, person.phone, person.email, place.language, person.region, person.zone,
        "1990-01-31", agrees, agrees, address, "A" if address else "", *degrees,
    )  # fmt: skip


def _write(folder: Path, name: str, rows: Iterable[tuple]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as handle:
        handle.write(_HEADS[name] + "\n")
        csv.writer(handle, lineterminator="\n").writerows(rows)


def write_payments(folder: Path, paid: Iterable[tuple[str, str, date, int]]) -> None:
    """A delta feed of payments alone: (payment_id, loan_id, paid_on, amount in minor units)."""
    for name in ("loans", "instalments", "borrowers"):
        _write(folder, name, ())
    _write(folder, "payments", ((name, loan, on, money(amount), "") for name, loan, on, amount in paid))
