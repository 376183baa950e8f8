"""Tell a credit bureau how loans stood at a month's end: from the ledger, adverse records through the door.

A record that says something bad leaves only with a permit: the rules ask whether the person was told before, whether
the figures are fresh, whether the debt is in order. What is refused is withheld, with the rules, and tried again the
next month. What was told before and turns out wrong is corrected in the next file, with the month it was wrong about.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from forbear.actions.ledger import with_heard
from forbear.actions.make_contact import make_contact
from forbear.actions.take_promise import today_of
from forbear.actions.wish_contact import Wanted
from forbear.core import bureau_cn, metro2
from forbear.core.bureau import Told, month_end, months_before, said, told_of
from forbear.core.contact import Wish
from forbear.core.loan import Loan
from forbear.core.money import minor_digits
from forbear.core.problem import Problem
from forbear.core.products import Products
from forbear.engine.columnar import Connection, connected, parquet
from forbear.interchange.book import Book, open_book
from forbear.interchange.book_read import read_borrowers
from forbear.store import evidence
from forbear.store.models import Borrower, CreditRecord, CreditReport, Hold, Payment, Request
from forbear.store.models.bureau import FORMS

Progress = Callable[[str, int, int], None]
_BATCH = 1_000


@dataclass(slots=True)
class _Work:
    """A report in the making."""

    form: str
    on: date
    now: datetime
    actor: str
    products: Products
    disputed: dict[str, set[str]]
    told_before: dict[str, CreditRecord]
    heard: set[str]
    lines: list[str]
    rows: list[CreditRecord]
    records: int = 0


def make_report(
    form: str, on: date, now: datetime, *, actor: str, progress: Progress = lambda step, done, of: None
) -> CreditReport | Problem:
    """Make the file of the month that ends `on`; Problem when it is there already or the month isn't over."""
    if form not in FORMS:
        return Problem(f"`{form}` is no form; it is one of {', '.join(FORMS)}")
    if on != month_end(on) or on >= today_of(now):
        return Problem("a report is of a month that is over; give its last day")
    if CreditReport.objects.filter(form=form, on=on).exists():
        return Problem(f"the {form} report of {on} is made already; what changed since comes as a correction")
    book = open_book(settings.HOME.book)
    (before,) = months_before(on, 1)
    told_before = {
        row.loan_id: row
        for row in CreditRecord.objects.filter(report__form=form, on=before, because="").order_by("pk")
    }
    heard = set(Payment.objects.values_list("loan_id", flat=True).distinct())
    work = _Work(form, on, now, actor, book.products(), _disputed(now), told_before, heard, [], [])
    with connected(1) as engine:
        for part in range(book.partitions):
            progress("reporting", part, book.partitions)
            people = _people(engine, book, part) if form == "metro2" else {}
            for loan in _loans(engine, book, part):
                _one(work, loan, people.get(loan.borrower_id, metro2.Consumer()))
    return _finish(work, book)


def _loans(engine: Connection, book: Book, part: int) -> Iterator[Loan]:
    for record in read_borrowers(engine, book, part):
        yield from record.loans


def _one(work: _Work, loan: Loan, whose: metro2.Consumer) -> None:
    """One loan's record, after the correction of last month's where it was wrong."""
    if loan.loan_id in work.heard:
        loan = with_heard(loan)
    product = work.products.get(loan.product)
    disputed = loan.loan_id in work.disputed.get(loan.borrower_id, ()) or "" in work.disputed.get(
        loan.borrower_id, ()
    )
    known = work.told_before.get(loan.loan_id)
    if known is not None:
        then = told_of(loan, product, known.on, disputed=disputed)
        if then is not None and said(then) != known.said:
            _add(work, then, whose, "correction")
    now = told_of(loan, product, work.on, disputed=disputed)
    if now is None:
        return
    because = _asked(work, now) if now.adverse(work.form) else ""
    if because:
        work.rows.append(_row(now, "withheld", True, because))
        return
    _add(work, now, whose, "monthly")


def _add(work: _Work, told: Told, whose: metro2.Consumer, kind: str) -> None:
    correction = kind == "correction"
    if work.form == "cn":
        work.lines.append(bureau_cn.line(told, correction))
    else:
        unit = 10 ** minor_digits(told.currency)
        reporter = settings.HOME.name[1]
        work.lines.append(metro2.base_segment(told, whose, reporter, unit, work.now, correction))
    work.records += 1
    # every loan that is late or was corrected is remembered one by one; of the others the file tells
    if correction or told.days_past_due or told.status != "active" or told.loan_id in work.told_before:
        work.rows.append(_row(told, kind, told.adverse(work.form), ""))


def _row(told: Told, kind: str, adverse: bool, because: str) -> CreditRecord:
    return CreditRecord(
        borrower_id=told.borrower_id,
        loan_id=told.loan_id,
        on=told.on,
        kind=kind,
        adverse=adverse,
        days_past_due=told.days_past_due,
        said=said(told),
        because=because,
    )


def _asked(work: _Work, told: Told) -> str:
    """Why the door refuses to have this reported; "" when it may be."""
    if not Borrower.objects.filter(pk=told.borrower_id).exists():
        return "no case: the person was not told"
    wish = Wish("bureau", "report", loans=(told.loan_id,))
    made = make_contact(Wanted(told.borrower_id, wish), work.now, actor=work.actor)
    if isinstance(made, Problem):
        return str(made)
    if made.answer.permit is None:
        assert made.answer.decision is not None
        return ", ".join(each.rule for each in made.answer.decision.refusals)
    made.contact.outcome, made.contact.ended_at = "delivered", work.now
    made.contact.save(update_fields=["outcome", "ended_at"])
    return ""


def _finish(work: _Work, book: Book) -> CreditReport | Problem:
    """Write the file aside, prove it, and write down what was told, all at once."""
    if work.form == "cn":
        text = "".join(f"{line}\n" for line in work.lines)
        wrong = bureau_cn.flaws(text)
    else:
        contacts = dict(settings.HOME.contact)
        reporter = metro2.Reporter(
            settings.HOME.name[1], contacts.get("address", ""), contacts.get("phone", "")
        )
        text = metro2.whole_file(work.lines, reporter, work.on, today_of(work.now))
        wrong = metro2.flaws(text)
    assert wrong == [], wrong[:3]
    name = f"{work.form}-{work.on}.{'jsonl' if work.form == 'cn' else 'txt'}"
    content = text.encode("utf-8")
    with transaction.atomic():
        kinds = [row.kind for row in work.rows]
        made = CreditReport.objects.create(
            form=work.form,
            on=work.on,
            made_at=work.now,
            book_version=book.version,
            file=name,
            sha256=hashlib.sha256(content).hexdigest(),
            counts={
                "records": work.records,
                "adverse": sum(row.adverse and not row.because for row in work.rows),
                "corrections": kinds.count("correction"),
                "withheld": kinds.count("withheld"),
            },
        )
        for row in work.rows:
            row.report = made
        CreditRecord.objects.bulk_create(work.rows, batch_size=_BATCH)
        told = [row for row in work.rows if (row.adverse or row.kind == "correction") and not row.because]
        evidence.append_many(
            evidence.Entry(
                "credit_report",
                work.now,
                work.actor,
                {"report": made.pk, "form": work.form, "loan": row.loan_id, "on": str(row.on), "kind": row.kind,
                 "days": row.days_past_due},
                row.borrower_id,
            )
            for row in sorted(told, key=lambda row: row.borrower_id)
        )  # fmt: skip
        _write(report_path(made), content)
        body = {
            "what": "credit report",
            "form": work.form,
            "on": str(work.on),
            "sha256": made.sha256,
            **made.counts,
        }
        evidence.append("change", at=work.now, actor=work.actor, body=body)
        return made


def report_path(report: CreditReport) -> Path:
    """Where a report's file lies in the home."""
    return settings.HOME.folder / "data" / "credit" / report.file


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.part")
    waiting.write_bytes(content)
    waiting.chmod(0o600)
    waiting.replace(path)


def _disputed(now: datetime) -> dict[str, set[str]]:
    """By borrower the loans in dispute; "" stands for all of them."""
    found: dict[str, set[str]] = {}
    holds = Hold.objects.filter(kind="dispute", lifted_at=None).filter(Q(ends_at=None) | Q(ends_at__gt=now))
    objections = Request.objects.filter(kind__in=("credit_objection", "dispute"), state="open")
    for borrower, loans in (
        *holds.values_list("borrower_id", "loans"),
        *objections.values_list("borrower_id", "loans"),
    ):
        found.setdefault(borrower, set()).update(loans or [""])
    return found


def _people(engine: Connection, book: Book, part: int) -> dict[str, metro2.Consumer]:
    rows = engine.execute(
        f"""select borrower_id, coalesce(name, ''), coalesce(phone, ''), coalesce(region, ''), born_on
        from {parquet(book.part(part), "borrowers.parquet")}"""
    ).fetchall()
    found = {}
    for borrower, name, phone, region, born in rows:
        first, _, last = name.strip().rpartition(" ")
        found[borrower] = metro2.Consumer(last, first, born, phone, state=region if len(region) == 2 else "")
    return found
