"""Tell a credit bureau how loans stood at a month's end, or what happened to them: from the ledger, adverse records
through the permit gate.

A record that says something bad leaves only with a permit: the rules ask whether the person was notified before,
whether the figures are fresh, whether the debt is in order. What is refused is withheld, with the rules, and tried
again the next month. Whatever was reported of any month before and turns out wrong is corrected in the next file,
month by month, once.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.selectors import bureau_history as bureau_history
from forbear.actions.selectors.bureau_history import Line
from forbear.actions.selectors.bureau_inputs import Facts, People, read_facts, read_people
from forbear.actions.selectors.ledger import with_unbooked_payments
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import Problem
from forbear.core.base.reason import NO_REASON, Reason, of_problem, refused_by
from forbear.core.bureaus import cn as bureau_cn
from forbear.core.bureaus import metro2, metro2_check
from forbear.core.bureaus.events import ADVERSE, Occurrence, fingerprint, occurred
from forbear.core.bureaus.file_checks import LoanStanding, month_end, reported_of, said
from forbear.core.bureaus.metro2_form import read_segment
from forbear.core.facts.contact import PlannedContact
from forbear.core.loans.allocation import counted_payments
from forbear.core.loans.loan import Loan, Product
from forbear.core.loans.products import Products
from forbear.engine.columnar import Connection, connected
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.read import read_borrowers
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, CreditRecord, CreditReport, Instruction, Payment
from forbear.store.models.bureau import FORMS
from forbear.store.models.instruction import IN_FORCE

Progress = Callable[[str, int, int], None]
_BATCH = 1_000
#: The form whose rules a file of events follows.
_KIND = {"cn": "cn", "cn_events": "cn", "metro2": "metro2"}


@dataclass(frozen=True, slots=True)
class _Record:
    """Something to be reported of one loan; `was` is what was said before it, in a correction."""

    standing: LoanStanding
    kind: str
    on: date
    event: Occurrence | None = None
    was: list | None = None

    def adverse(self, form: str) -> bool:
        """Whether it says something bad, by the form it is reported in."""
        return self.event.kind in ADVERSE if self.event else self.standing.adverse(form)


@dataclass(slots=True)
class _Work:
    """A report in the making: of the days from `first` to `on`."""

    form: str
    first: date
    on: date
    now: datetime
    actor: str
    products: Products
    facts: Facts
    with_unbooked: set[str]
    lines: list[str] = field(default_factory=list)
    rows: list[CreditRecord] = field(default_factory=list)
    kept: list[Line] = field(default_factory=list)
    sums: Counter = field(default_factory=Counter)
    left_out: Counter = field(default_factory=Counter)
    accounts: dict[str, str] = field(default_factory=dict)


def make_report(
    form: str, on: date, now: datetime, *, actor: str, progress: Progress = lambda step, done, of: None
) -> CreditReport | Problem:
    """Make the file of the month that ends `on`, or of the events up to it; Problem when it is there already or the
    days aren't over.
    """
    if settings.HOME.in_shadow:
        return Problem("report_in_shadow", "in a shadow run nothing is reported to a credit bureau")
    if form not in FORMS:
        return Problem(
            "report_form_unknown",
            "`%(form)s` is no form; it is one of %(forms)s",
            form=form,
            forms=tuple(FORMS),
        )
    if on >= business_date(now) or (form != "cn_events" and on != month_end(on)):
        return Problem("report_month_open", "a report is of a month that is over; give its last day")
    newest = CreditReport.objects.filter(form=form, on__gte=on).order_by("-on").first()
    if newest is not None:
        return Problem(
            "report_exists",
            "the %(form)s reports go to %(day)s already; what changed before comes as a correction in the next",
            form=form,
            day=newest.on,
        )
    book = open_book(settings.HOME.book)
    payments = set(Payment.objects.values_list("loan_id", flat=True).distinct())
    payments |= set(Instruction.objects.filter(state__in=IN_FORCE).values_list("loan_id", flat=True))
    work = _Work(form, _first(form, on), on, now, actor, book.products(), read_facts(now), payments)
    with connected(1) as engine:
        bureau_history.open_reported(engine, form)
        for part in range(book.partitions):
            progress("reporting", part, book.partitions)
            _part(work, engine, book, part)
    return _finish(work, book)


def _first(form: str, on: date) -> date:
    """The first day a report is about: of events the day after the last file of them, else that day alone."""
    if form != "cn_events":
        return on.replace(day=1)
    last = (
        CreditReport.objects.filter(form=form, on__lt=on).order_by("-on").values_list("on", flat=True).first()
    )
    return last + timedelta(days=1) if last else on


def _part(work: _Work, engine: Connection, book: Book, part: int) -> None:
    """All loans of one partition: what is to be reported, then what the permit gate lets through."""
    people = read_people(engine, book, part) if work.form == "metro2" else People({}, {})
    loans = [loan for record in read_borrowers(engine, book, part) for loan in record.loans]
    fresh = {
        loan.loan_id: loan
        for loan in with_unbooked_payments([one for one in loans if one.loan_id in work.with_unbooked])
    }
    loans = [fresh.get(loan.loan_id, loan) for loan in loans]
    last = bureau_history.last_reported(engine, [loan.loan_id for loan in loans])
    changed = [
        loan.loan_id
        for loan in loans
        if loan.loan_id in last and last[loan.loan_id][2] != _digest(work, loan, last[loan.loan_id][0])
    ]
    months = bureau_history.months_reported(engine, changed)
    loan_records = [
        (loan, _records(work, loan, months.get(loan.loan_id, []), last.get(loan.loan_id))) for loan in loans
    ]
    if work.form == "metro2":
        loan_records = [
            (loan, records)
            for loan, records in loan_records
            if not _left_out(work, loan, records, people, new=loan.loan_id not in last)
        ]
    adverse = {
        loan.borrower_id
        for loan, records in loan_records
        if any(r.adverse(_KIND[work.form]) for r in records)
    }
    known = _with_case(adverse)
    for loan, records in loan_records:
        before = last.get(loan.loan_id)
        _log_event(work, loan, records, people, before[1] if before else None, known)


def _digest(work: _Work, loan: Loan, on: date) -> str:
    return fingerprint(loan, work.products.get(loan.product), on)


def _with_case(borrowers: set[str]) -> set[str]:
    """Which of these borrowers the desk knows."""
    names = sorted(borrowers)
    with_case: set[str] = set()
    for start in range(0, len(names), _BATCH):
        with_case.update(
            Borrower.objects.filter(pk__in=names[start : start + _BATCH]).values_list("pk", flat=True)
        )
    return with_case


def _left_out(work: _Work, loan: Loan, records: list[_Record], people: People, *, new: bool) -> bool:
    """Whether a loan is left out of the file, which is counted with its reason; one loan never stops the others."""
    if not records:
        return False
    whose = people.borrowers.get(loan.borrower_id, metro2.Consumer())
    details = people.details.get(loan.loan_id, metro2.ALONE)
    unit = 10 ** minor_digits(loan.currency)
    found = (metro2.why_left_out(record.standing, whose, unit, details) for record in records)
    why = next((code for code in found if code), "")
    if (
        not why
        and work.accounts.setdefault(metro2.account_number(loan.loan_id), loan.loan_id) != loan.loan_id
    ):
        why = "account_used"
    if not why:
        lines = (_metro2_line(work, loan, record, people, new=new) for record in records)
        why = "record_flawed" if any(metro2_check.record_flaws(line) for line in lines) else ""
    if why:
        work.left_out[why] += 1
    return bool(why)


def _records(
    work: _Work, loan: Loan, months: list[tuple[date, list, str]], last: tuple[date, list, str] | None
) -> list[_Record]:
    """What is to be reported of a loan: corrections of earlier months in their order, then the month or its events."""
    product = work.products.get(loan.product)
    records = []
    # said[4] is the status; the lender's feed says that a loan is closed, but not since when
    was_closed = last is not None and last[1][4] == "closed"
    open_until = max((day for day, _, status in months if status != "closed"), default=None)
    if open_until is None and last is not None and not was_closed:
        open_until = last[0]
    if work.form != "cn_events":
        for day, was, status in months:
            then = _stood(work, loan, product, day, status, again=True, open_until=open_until)
            if then is not None and said(then) != was:
                records.append(_Record(then, "correction", day, was=was))
    unknown = last is None and loan.status == "closed" and work.form != "cn_events"
    corrected = any(record.standing.status == "closed" for record in records)
    closing = (last is not None and not was_closed and not corrected) or (unknown and not _is_paid_off(loan))
    now = _stood(work, loan, product, work.on, open_until=open_until, closing=closing)
    if now is None or (now.status == "closed" and was_closed and loan.status == "closed"):
        return records
    if work.form != "cn_events":
        return [*records, _Record(now, "monthly", work.on)]
    before = _stood(work, loan, product, work.first - timedelta(days=1), again=True)
    happened = occurred(before, now, work.first, work.facts.of(loan.borrower_id, loan.loan_id))
    return [_Record(now, event.kind, event.on, event=event) for event in happened]


def _is_paid_off(loan: Loan) -> bool:
    """Whether all that was ever asked for has been paid, and nothing waived."""
    asked = sum(instalment.amounts.total for instalment in loan.instalments)
    return sum(payment.amount for payment in counted_payments(loan.payments, date.max)) >= asked


def _stood(
    work: _Work,
    loan: Loan,
    product: Product,
    on: date,
    status: str = "",
    *,
    again: bool = False,
    open_until: date | None = None,
    closing: bool = False,
) -> LoanStanding | None:
    """The loan at the end of a day, as it is known now. It was written off from the day of the second signature on, or
    where the feed alone says so, from the first month on of which that was reported (`status`).
    """
    off = work.facts.written_off.get(loan.loan_id)
    if off is not None:
        loan = replace(loan, status="written_off" if off <= on else "active")
    elif loan.status == "written_off" and status not in ("", "written_off"):
        loan = replace(loan, status="active")
    sold = work.facts.sold.get(loan.loan_id)
    return reported_of(
        loan,
        product,
        on,
        disputed=work.facts.in_dispute(loan.borrower_id, loan.loan_id),
        sold_on=sold[0] if sold else None,
        again=again,
        open_until=open_until,
        closing=closing,
    )


def _log_event(
    work: _Work, loan: Loan, records: list[_Record], people: People, before: list | None, known: set[str]
) -> None:
    """Put a loan's records into the file; of those that say something bad the permit gate is asked once."""
    form = _KIND[work.form]
    bad = [event for event in records if event.adverse(form)]
    reason = _why_withheld(work, bad[-1].standing, known) if bad else NO_REASON
    for record in records:
        if record in bad and reason:
            work.rows.append(_row(record, "withheld", True, reason))
            continue
        _write_line(work, loan, record, people, new=before is None)
        work.kept.append(
            Line(
                loan.loan_id,
                record.on,
                said(record.standing),
                record.standing.status,
                _digest(work, loan, work.on),
            )
        )
        # every loan that is or was late, or was corrected, is remembered one by one; of the others the file tells
        was_late = before is not None and (before[2] > 0 or before[4] != "active")
        if (
            record.kind != "monthly"
            or record.standing.days_past_due
            or record.standing.status != "active"
            or was_late
        ):
            work.rows.append(_row(record, record.kind, record in bad, NO_REASON))


def _write_line(work: _Work, loan: Loan, record: _Record, people: People, *, new: bool) -> None:
    standing = record.standing
    gone = bool(standing.closed_on or standing.sold_on)
    cut = 10 ** minor_digits(standing.currency) if work.form == "metro2" else 1
    work.sums[standing.currency, "balance"] += 0 if gone else standing.outstanding // cut
    work.sums[standing.currency, "past_due"] += (
        0 if gone and work.form == "metro2" else standing.past_due // cut
    )
    if work.form != "metro2":
        work.lines.append(bureau_cn.line(standing, record.kind == "correction", record.event))
        return
    work.lines.append(_metro2_line(work, loan, record, people, new=new))


def _metro2_line(work: _Work, loan: Loan, record: _Record, people: People, *, new: bool) -> str:
    standing, details = record.standing, people.details.get(loan.loan_id, metro2.ALONE)
    if standing.sold_on:
        details = replace(details, sold_to=work.facts.sold[loan.loan_id][1])
    if not new:
        # the bureau knows the account by its new number since the first report of it
        details = replace(details, former_number="")
    return metro2.record(
        standing,
        people.borrowers.get(loan.borrower_id, metro2.Consumer()),
        settings.HOME.name[1],
        10 ** minor_digits(standing.currency),
        work.now,
        correction=record.kind == "correction",
        extras=details,
    )


def _row(record: _Record, kind: str, adverse: bool, reason: Reason) -> CreditRecord:
    standing = record.standing
    return CreditRecord(
        borrower_id=standing.borrower_id,
        loan_id=standing.loan_id,
        on=record.on,
        kind=kind,
        adverse=adverse,
        days_past_due=standing.days_past_due,
        currency=standing.currency,
        said=said(standing),
        was=record.was or [],
        **reason.columns(),
    )


def _why_withheld(work: _Work, standing: LoanStanding, known: set[str]) -> Reason:
    """Why the permit gate refuses to have this reported; no reason when it may be."""
    if standing.borrower_id not in known:
        return Reason.of("no_case")
    planned = PlannedContact("bureau", "report", loans=(standing.loan_id,))
    attempt = make_contact(ContactDraft(standing.borrower_id, planned), work.now, actor=work.actor)
    if isinstance(attempt, Problem):
        return of_problem(attempt)
    if attempt.answer.permit is None:
        assert attempt.answer.decision is not None
        return refused_by(attempt.answer.decision.refusals)
    attempt.contact.outcome, attempt.contact.ended_at = "delivered", work.now
    attempt.contact.save(update_fields=["outcome", "ended_at"])
    return NO_REASON


def _finish(work: _Work, book: Book) -> CreditReport:
    """Write the file aside, prove it, and write down what was reported, all at once."""
    text, name = _file(work)
    content = text.encode("utf-8")
    kinds = Counter(row.kind for row in work.rows)
    counts = {
        "records": len(work.lines),
        "adverse": sum(row.adverse and not row.reason_code for row in work.rows),
        "corrections": kinds["correction"],
        "withheld": kinds["withheld"],
    }
    if work.left_out:
        counts["left_out"] = sum(work.left_out.values())
    totals: dict[str, dict[str, int]] = {}
    for (currency, what), amount in sorted(work.sums.items()):
        totals.setdefault(currency, {})[what] = amount
    gaps: dict[str, object] = dict(metro2_check.gaps(text)) if work.form == "metro2" else {}
    if work.left_out:
        gaps["left_out"] = dict(sorted(work.left_out.items()))
    with transaction.atomic():
        report = CreditReport.objects.create(
            form=work.form,
            on=work.on,
            made_at=work.now,
            book_version=book.version,
            file=name,
            sha256=hashlib.sha256(content).hexdigest(),
            counts=counts,
            totals=totals,
            gaps=gaps,
        )
        for row in work.rows:
            row.report = report
        CreditRecord.objects.bulk_create(work.rows, batch_size=_BATCH)
        reported_rows = [
            row for row in work.rows if (row.adverse or row.kind != "monthly") and not row.reason_code
        ]
        evidence.append_many(
            evidence.Entry(
                "credit_report",
                work.now,
                work.actor,
                {"report": report.pk, "form": work.form, "loan": row.loan_id, "on": str(row.on), "kind": row.kind,
                 "days": row.days_past_due},
                row.borrower_id,
            )
            for row in sorted(reported_rows, key=lambda row: row.borrower_id)
        )  # fmt: skip
        bureau_history.keep(work.form, work.on, work.kept)
        bureau_history.write_aside(report_path(report), content)
        log_report(report, "credit report", work.now, actor=work.actor, **counts)
        return report


def _file(work: _Work) -> tuple[str, str]:
    """The file's text and name, held against its form and its control totals as they are read out of it again."""
    read: Counter = Counter()
    if work.form == "metro2":
        contacts = dict(settings.HOME.contact)
        reporter = metro2.Reporter(
            settings.HOME.name[1], contacts.get("address", ""), contacts.get("phone", "")
        )
        text, ending = metro2.whole_file(work.lines, reporter, work.on, business_date(work.now)), "txt"
        flaws = metro2_check.flaws(text)
        for one in map(read_segment, work.lines):
            read["balance"] += int(one["balance"])
            read["past_due"] += int(one["past_due"])
    else:
        text, ending = "".join(f"{line}\n" for line in work.lines), "jsonl"
        flaws = bureau_cn.flaws(text)
        for one in map(json.loads, work.lines):
            unit = 10 ** minor_digits(one["cy"])
            read["balance"] += round(Decimal(one["acct_bal"]) * unit)
            read["past_due"] += round(Decimal(one["tot_overd"]) * unit)
    assert flaws == [], flaws[:3]
    for what, amount in read.items():
        meant = sum(total for (_, name), total in work.sums.items() if name == what)
        assert amount == meant, f"{what}: {amount} in the file, {meant} meant"
    return text, f"{work.form}-{work.on}.{ending}"


def report_path(report: CreditReport) -> Path:
    """Where a report's file lies in the home."""
    return bureau_history.folder() / report.file


def hand_out_report(report: CreditReport, now: datetime, *, actor: str) -> bool:
    """Whether the file is there and is the one that was made; that it is handed out is then in the evidence."""
    path = report_path(report)
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != report.sha256:
        return False
    with transaction.atomic():
        log_report(report, "credit report handed out", now, actor=actor)
    return True


def log_report(report: CreditReport, what: str, now: datetime, *, actor: str, **more: int) -> None:
    """What was done with a report's file, as evidence; written last in its transaction."""
    body = {"what": what, "form": report.form, "on": str(report.on), "sha256": report.sha256, **more}
    evidence.append("change", at=now, actor=actor, body=body)
