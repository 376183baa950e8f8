"""The passport of a sale: every loan with its ledger and its borrower's evidence, signed; in `data/sales`."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from pathlib import Path

from django.conf import settings

from forbear.actions.selectors.creditors import creditor_of
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.base.canonical import canonical
from forbear.core.evidence.bundle import Part, part
from forbear.core.loans.loan import Loan as BookLoan
from forbear.core.loans.loan import Snapshot
from forbear.core.permits.permit import moment_text
from forbear.core.sales.sale_file import DOCUMENTS, EVIDENCE, LEDGER, SoldLoan, Title, passport
from forbear.interchange.documents.evidence_file import pack
from forbear.interchange.home.keys import signing_key
from forbear.store.business_date import business_date
from forbear.store.evidence_export import export
from forbear.store.models import Loan, Sale, SaleLoan, WriteOff

_CHUNK = 1 << 20


def sale_file_path(number: str) -> Path:
    """Where the passport of a sale lies."""
    return settings.HOME.folder / "data" / "sales" / f"{number}.zip"


def make_sale_files(now: datetime) -> int:
    """Make the passport of every sale that is sold through and has none; how many. None in a shadow run."""
    if settings.HOME.in_shadow:
        return 0
    done = 0
    for sale in Sale.objects.filter(state="signed").order_by("pk"):
        if not sale.rows.filter(state="in").exists():
            _make(sale, now)
            done += 1
    return done


def _make(sale: Sale, now: datetime) -> None:
    assert sale.decided_at is not None, "a signed sale has its moment"
    rows = list(sale.rows.filter(state="sold").select_related("loan", "borrower").order_by("loan_id"))
    path = sale_file_path(sale.number)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    seller = " / ".join(dict.fromkeys(creditor_of([row.loan for row in rows]).names))
    on = business_date(sale.decided_at).isoformat()
    key = signing_key(settings.HOME)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        documents: dict[str, Part] = {}
        bundles = {row.borrower_id: "" for row in rows}
        for borrower in bundles:
            bundles[borrower] = _bundle(borrower, Path(folder), documents, now)
        off = dict(WriteOff.objects.filter(state="signed").values_list("loan_id", "decided_at"))
        loans = [_loan(row, sale, on, bundles[row.borrower_id], off, documents) for row in rows]
        parts = passport(
            seller, sale.buyer, sale.number, on, moment_text(now), loans, list(documents.values()), key
        )
        path.unlink(missing_ok=True)
        pack(path, parts)
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    Sale.objects.filter(pk=sale.pk).update(state="done", passport=digest.hexdigest())


def _bundle(borrower: str, folder: Path, documents: dict[str, Part], now: datetime) -> str:
    """The borrower's evidence as one file; that it was handed out stands in it."""
    parts = export(borrower, now, signing_key(settings.HOME), actor="sale", reason="sale")
    assert parts is not None, "the sale itself is in the borrower's evidence"
    archive = folder / hashlib.sha256(borrower.encode()).hexdigest()
    pack(archive, parts)
    bundle_hash = hashlib.sha256()
    for chunk in _chunks(archive):
        bundle_hash.update(chunk)
    digest = bundle_hash.hexdigest()
    name = DOCUMENTS + digest
    documents[name] = Part(name, archive.stat().st_size, "application/zip", partial(_chunks, archive))
    return digest


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk


def _loan(row: SaleLoan, sale: Sale, on: str, bundle: str, off: dict, documents: dict[str, Part]) -> SoldLoan:
    loan, ledger = row.loan, ledger_of(row.borrower_id)
    seller = " / ".join(dict.fromkeys(creditor_of([loan]).names))
    book = (
        next((book_loan for book_loan in ledger[0].loans if book_loan.loan_id == loan.pk), None)
        if ledger
        else None
    )
    content = canonical(_ledger(loan, book))
    digest = hashlib.sha256(content).hexdigest()
    documents[DOCUMENTS + digest] = part(DOCUMENTS + digest, content, "application/json")
    lent = book.disbursed_on.isoformat() if book and book.disbursed_on else ""
    undone = {payment.reverses for payment in book.all_payments if payment.reverses} if book else set()
    paid = (
        [p.paid_on for p in book.all_payments if not p.reverses and p.payment_id not in undone]
        if book
        else []
    )
    return SoldLoan(
        loan.pk,
        row.borrower_id,
        loan.product,
        loan.currency,
        loan.principal,
        row.outstanding,
        loan.days_past_due,
        lent,
        loan.oldest_unpaid_due_on.isoformat() if loan.oldest_unpaid_due_on else "",
        max(paid).isoformat() if paid else "",
        business_date(off[loan.pk]).isoformat() if loan.pk in off else _charged_off(book),
        loan.time_barred_on.isoformat() if loan.time_barred_on else "",
        (Title(seller, lent or "", "originated"), Title(sale.buyer, on, "assigned")),
        {LEDGER: digest, EVIDENCE: bundle},
    )


def _charged_off(book: BookLoan | None) -> str:
    """The day on which the lender's own books charged an account off, as ISO text; "" where none is told."""
    day = book.account.charge_off_on if book and book.account else None
    return day.isoformat() if day else ""


def _account(snapshot: Snapshot) -> dict[str, object]:
    """What a buyer must know of an account without a schedule: its newest snapshot, days as ISO texts."""
    return {name: _plain(value) for name, value in asdict(snapshot).items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _ledger(loan: Loan, book: BookLoan | None) -> dict:
    """The loan's lines and payments, as the book has them with what was received since."""
    fields = {
        "loan": loan.pk,
        "currency": loan.currency,
        "as_of": loan.as_of.isoformat(),
        "outstanding": loan.payoff,
    }
    if book is None:
        return fields
    return fields | {
        "instalments": [
            {
                "number": line.number,
                "due_on": "" if line.kind == "rest" else line.due_on.isoformat(),
                **{name: getattr(line.amounts, name) for name in ("principal", "interest", "fee", "penalty")},
            }
            for line in book.instalments
        ],
        **({"account": _account(book.account)} if book.account else {}),
        "payments": [
            {"id": p.payment_id, "paid_on": p.paid_on.isoformat(), "amount": p.amount, "reverses": p.reverses}
            for p in book.all_payments
        ],
    }
