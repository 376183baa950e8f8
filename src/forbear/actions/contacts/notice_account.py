"""The account that a notice holds, in the form of the lender's country: from the book, line by line, or not at all.

United States: the itemization and the form to answer with of 12 CFR 1006.34(c). United Kingdom: each missed payment
(SI 2007/1167 schedule 3). Mainland China: contract, rate and each instalment that is due with its parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from forbear.actions.selectors.creditors import lender
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.agreements.notice import Account, account_of, form_of
from forbear.core.base.problem import MessageId, Phrase, Problem, Value, noop
from forbear.core.content.template import Money, day_text, money_text
from forbear.core.loans.loan import Product
from forbear.core.loans.penalty import percent_a_day
from forbear.interchange.documents.letters import Slip, Table
from forbear.store.business_date import business_date
from forbear.store.models import Agency, Borrower, Loan
from forbear.store.problem_text import sentence_in

#: The text whose letter ends in a form to answer with.
_WITH_SLIP = "validation_notice"
_INSTALMENTS = (
    noop("Instalment"),
    noop("Due"),
    noop("Principal"),
    noop("Interest"),
    noop("Penalty"),
    noop("Fees"),
    noop("Unpaid"),
)
_MISSED = (noop("Instalment"), noop("Due"), noop("Amount due"), noop("Paid"), noop("Unpaid"))
#: What was owed on the itemization date, by which of the five it is: 12 CFR 1006.34(b)(3).
_ITEMIZED = {
    "transaction": noop("On %(day)s, the day of the loan, you owed"),
    "last_statement": noop("On %(day)s, the date of your last statement, you owed"),
    "charge_off": noop("On %(day)s, the date the account was charged off, you owed"),
    "last_payment": noop("On %(day)s, the date of your last payment, you owed"),
    "judgment": noop("On %(day)s, the date of the judgment, you owed"),
}
_LATE_SINCE = (
    noop("Due"),
    noop("Principal"),
    noop("Interest"),
    noop("Penalty"),
    noop("Fees"),
    noop("Unpaid"),
)


@dataclass(frozen=True, slots=True)
class NoticeAccount:
    """What a notice holds beside its text: tables, and the form to answer with where the country has one."""

    tables: tuple[Table, ...]
    slip: Slip | None = None

    @property
    def lines(self) -> str:
        """The same for a message without tables, one row a line."""
        return "\n".join(
            line
            for table in self.tables
            for line in (table.title, *(" · ".join(cell for cell in row if cell) for row in table.rows))
            if line
        )


@dataclass(frozen=True, slots=True)
class _Say:
    """Words and amounts in the reader's language."""

    language: str

    def __call__(self, text: MessageId, **values: Value) -> str:
        return sentence_in(self.language, Phrase(text, **values) if values else text)

    def day(self, day: date) -> str:
        return day_text(day, self.language)

    def money(self, minor: int, currency: str) -> str:
        return money_text(Money(minor, currency), self.language)


def notice_account(
    template: str,
    borrower: Borrower,
    loans: Sequence[Loan],
    now: datetime,
    language: str,
    agency: Agency | None,
) -> NoticeAccount | Problem:
    """The account of these loans at `now`. Problem when the book can't state one of them; which, it says."""
    pack, _ = form_of([path.stem for path in settings.HOME.packs])
    ledger = ledger_of(borrower.borrower_id)
    say, tables = _Say(language), list[Table]()
    today = business_date(now)
    for loan in loans:
        book = next((one for one in ledger[0].loans if one.loan_id == loan.loan_id), None) if ledger else None
        account = account_of(book, ledger[1].get(book.product), today) if ledger and book else None
        if ledger is None or book is None or account is None:
            return Problem(
                "notice_account_unknown",
                "a notice states loan %(loan)s line by line, and the loan book doesn't have all of its lines",
                loan=loan.loan_id,
            )
        product = ledger[1].get(book.product)
        if pack == "us" and not account.event:
            return Problem(
                "notice_itemization_missing",
                "a notice itemizes loan %(loan)s, and the feed's accounts have no itemization of it",
                loan=loan.loan_id,
            )
        make = (
            _itemized
            if pack == "us"
            else _snapshot
            if book.account
            else _missed
            if pack == "uk"
            else _instalments
        )
        tables += make(account, loan, product, say)
    slip = _slip(loans, say, agency) if template == _WITH_SLIP and pack == "us" else None
    return NoticeAccount(tuple(tables), slip)


def _itemized(account: Account, loan: Loan, product: Product, say: _Say) -> tuple[Table, ...]:
    """The itemization, and which part of it is asked for now."""
    late = account.late

    def money(minor: int) -> str:
        return say.money(minor, loan.currency)

    rows = [
        (say(noop("Loan ending %(loan)s"), loan=loan.loan_id[-4:]), say(noop("Amount"))),
        (say(_ITEMIZED[account.event], day=account.on), money(account.amount)),
        (say(noop("Since then you were charged this amount in interest")), f"+ {money(account.interest)}"),
        (
            say(noop("Since then you were charged this amount in fees and late charges")),
            f"+ {money(account.fees)}",
        ),
        (say(noop("Since then you paid this amount toward the debt")), f"- {money(account.paid)}"),
        (say(noop("Since then you were credited this amount")), f"- {money(account.credited)}"),
        (say(noop("Total amount of the debt now")), money(account.now)),
    ]
    due = [
        (say(noop("Of this, past due now")), say(noop("Amount"))),
        (say(noop("Principal")), money(late.principal)),
        (say(noop("Interest")), money(late.interest)),
        (say(noop("Fees and late charges")), money(late.fee + late.penalty)),
        (say(noop("Past due in all")), money(late.total)),
    ]
    return Table("", rows, sums=True), Table("", due, sums=True)


def _missed(account: Account, loan: Loan, product: Product, say: _Say) -> tuple[Table, ...]:
    """Each payment that was missed, and the sums."""

    def money(minor: int) -> str:
        return say.money(minor, loan.currency)

    rows = [tuple(say(head) for head in _MISSED)]
    rows += [
        (
            str(spread.instalment.number),
            say.day(spread.falls_due_on),
            money(spread.instalment.amounts.total),
            money(spread.paid.total),
            money(spread.unpaid.total),
        )
        for spread in account.past_due
    ]
    asked = sum(spread.instalment.amounts.total for spread in account.past_due)
    rows.append(
        (say(noop("Total")), "", money(asked), money(asked - account.late.total), money(account.late.total))
    )
    about = [
        (say(noop("Your agreement")), loan.loan_id),
        (say(noop("Date of the loan")), say.day(account.on)),
        (say(noop("Amount lent")), money(account.amount)),
        (say(noop("Of the arrears: principal")), money(account.late.principal)),
        (say(noop("Of the arrears: interest")), money(account.late.interest)),
        (
            say(noop("Of the arrears: default interest and charges")),
            money(account.late.fee + account.late.penalty),
        ),
        (say(noop("Sums in arrears")), money(account.late.total)),
        (say(noop("Owed in all, without interest that is not due yet")), money(account.now)),
    ]
    return Table("", about), Table(say(noop("Payments that were missed")), rows, sums=True)


def _instalments(account: Account, loan: Loan, product: Product, say: _Say) -> tuple[Table, ...]:
    """Contract, rate and each instalment that is due, with its parts."""

    def money(minor: int) -> str:
        return say.money(minor, loan.currency)

    unstated = say(noop("not on file here; your contract states it"))
    terms = product.penalty
    rate = f"{terms.contract_rate.normalize():f}%" if terms and terms.contract_rate else unstated
    a_day = f"{percent_a_day(terms):f}%" if terms and terms.a_day else unstated
    about = [
        (say(noop("Contract (loan) number")), loan.loan_id),
        (say(noop("Date of the loan")), say.day(account.on)),
        (say(noop("Amount lent")), money(account.amount)),
        (say(noop("Interest a year")), rate),
        (say(noop("Penalty interest a day on what is late")), a_day),
        (say(noop("Paid so far")), money(account.paid)),
        (say(noop("Past due in all")), money(account.late.total)),
        (say(noop("Owed in all, without interest that is not due yet")), money(account.now)),
    ]
    if account.credited:
        about.insert(6, (say(noop("Taken off by us")), money(account.credited)))
    rows = [tuple(say(head) for head in _INSTALMENTS)]
    for spread in account.past_due:
        left = spread.unpaid
        amounts = (left.principal, left.interest, left.penalty, left.fee, left.total)
        day = say.day(spread.falls_due_on)
        rows.append((str(spread.instalment.number), day, *(money(amount) for amount in amounts)))
    late = account.late
    sums = (late.principal, late.interest, late.penalty, late.fee, late.total)
    rows.append((say(noop("Total")), "", *(money(amount) for amount in sums)))
    return Table("", about), Table(say(noop("Instalments past due")), rows, sums=True)


def _snapshot(account: Account, loan: Loan, product: Product, say: _Say) -> tuple[Table, ...]:
    """An account without a schedule: its balance, what was paid since, and what is past due since when, by part."""

    def money(minor: int) -> str:
        return say.money(minor, loan.currency)

    about = [
        (say(noop("Contract (loan) number")), loan.loan_id),
        (say(noop("Balance on %(day)s"), day=account.on), money(account.amount)),
    ]
    added = (
        (noop("Interest since then"), account.interest),
        (noop("Fees and late charges since then"), account.fees),
    )
    about += [(say(head), f"+ {money(amount)}") for head, amount in added if amount]
    if account.paid:
        about.append((say(noop("Paid since then")), f"- {money(account.paid)}"))
    if account.credited:
        about.append((say(noop("Taken off by us")), f"- {money(account.credited)}"))
    about += [
        (say(noop("Owed in all, without interest that is not due yet")), money(account.now)),
        (say(noop("Past due in all")), money(account.late.total)),
    ]
    rows = [tuple(say(head) for head in _LATE_SINCE)]
    for spread in account.past_due:
        left = spread.unpaid
        amounts = (left.principal, left.interest, left.penalty, left.fee, left.total)
        rows.append((say.day(spread.falls_due_on), *(money(amount) for amount in amounts)))
    late = account.late
    sums = (late.principal, late.interest, late.penalty, late.fee, late.total)
    rows.append((say(noop("Total")), *(money(amount) for amount in sums)))
    head = noop("Minimum payments past due") if product.kind == "revolving" else noop("Past due")
    return Table("", about), Table(say(head), rows, sums=True)


def _slip(loans: Sequence[Loan], say: _Say, agency: Agency | None) -> Slip:
    """The part of model form B-1 to be cut off and sent back."""
    place = 0 if say.language == "zh" else 1
    own = (lender().name(say.language), dict(settings.HOME.contact).get("address", ""))
    to = own if agency is None else ((agency.name_zh, agency.name_en)[place], agency.address)
    return Slip(
        title=say(noop("How do you want to respond?")),
        about=say(noop("Loans ending %(loans)s"), loans=tuple(loan.loan_id[-4:] for loan in loans)),
        hint=say(noop("Check all that apply:")),
        choices=(
            (0, say(noop("I want to dispute the debt because I think:"))),
            (1, say(noop("This is not my debt."))),
            (1, say(noop("The amount is wrong."))),
            (1, say(noop("Other (please describe on the back or attach more information)."))),
            (0, say(noop("I want you to send me the name and address of the original creditor."))),
        ),
        send_to_title=say(noop("Mail this form to:")),
        send_to=tuple(line for line in to if line),
    )
