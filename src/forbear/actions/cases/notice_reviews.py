"""Recall the notices that a payment shows to have been wrong, and say sorry; its reversal puts them back.

A payment counts from its value date. One that is received late may show that a loan was not late on the day on which
the borrower was notified of it: nothing may follow from that notice, and they hear that it was wrong. If the payment
is taken back before the apology has left, the notice was right after all.

A payment received by day is judged at once. Of those that only a feed brings, a night's publishing finds the notices in
doubt in one pass over the book, and has each borrower's judged by the same rule. A notice keeps what was late when it
was given: a night that is decided again finds that loan in time, and keeps nothing of what it found before.
"""

from collections.abc import Callable, Container
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from operator import eq

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.contacts.notices import recall_notices, restore_notices
from forbear.actions.contacts.notify_borrower import NOTICE, notify_borrower
from forbear.actions.selectors.ledger import book_lines_of, ledger_of
from forbear.core.base.calendar import falls_due_on
from forbear.core.base.reason import Reason
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.products import Products
from forbear.engine.columnar import connected, insert_rows, parquet
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.read import BorrowerRecord, parts_of
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Contact, Notice
from forbear.store.situation import lock_borrower

APOLOGY = "notice_recalled"
#: Says nothing of arrears, so no payment makes it wrong.
_STANDS = "assignment_notice"
_Judge = Callable[[Notice], bool]
#: A notice given longer ago is one for a person: no feed brings payments so old.
_LONGEST = timedelta(days=400)


def review_notices(
    borrower: Borrower,
    record: BorrowerRecord,
    products: Products,
    now: datetime,
    *,
    actor: str,
    reason: Reason,
    only_ids: Container[int] | None = None,
) -> int:
    """Judge the borrower's notices by the payments known now; how many were recalled. The caller holds them.

    With `only_ids`, none but those of these ids is recalled.
    """
    assert transaction.get_connection().in_atomic_block, "a payment and what it undoes commit together"
    loans = {loan.loan_id: loan for loan in record.loans}

    def was_late(notice: Notice) -> bool:
        """Whether the loan was late when the notice was given; where the book has no such loan, it stands.

        What came on that very day may have come after the notice, so it says nothing.
        """
        loan = loans.get(notice.loan_id)
        if loan is None:
            return True
        day = business_date(notice.given_at)
        if loan.account is not None and loan.account.as_of > day:
            return True  # a snapshot doesn't say how its account stood before
        before = tuple(payment for payment in loan.payments if payment.reverses or payment.paid_on < day)
        # paid off since: on that day it was not closed yet
        status = "active" if loan.status == "closed" else loan.status
        state_then = arrears(replace(loan, payments=before, status=status), products.get(loan.product), day)
        return state_then.past_due_amount > 0

    def moved(notice: Notice) -> bool:
        """Whether the schedule was changed since: what it named is due on another day, so no payment speaks of it."""
        loan, named = loans.get(notice.loan_id), notice.oldest_unpaid_due_on
        if loan is None or named is None:
            return False
        terms = products.get(loan.product)
        return all(
            falls_due_on(line.due_on, terms.due_date_rule, terms.calendar) != named
            for line in loan.instalments
        )

    given = list(Notice.objects.filter(borrower=borrower).exclude(kind=_STANDS))
    if not given:
        return 0
    _put_back(borrower, given, was_late, now, actor, reason)
    wrong_notices = [
        notice
        for notice in given
        if notice.recalled_at is None
        and (only_ids is None or notice.pk in only_ids)
        and not was_late(notice)
        and not moved(notice)
    ]
    if wrong_notices:
        recall_notices(wrong_notices, now, actor=actor, reason=reason)
        earliest_day = business_date(max(notice.given_at for notice in wrong_notices))
        about = tuple(sorted({notice.loan_id for notice in wrong_notices}))
        notify_borrower(borrower, APOLOGY, now, loans=about, manner=NOTICE, on=earliest_day)
    return len(wrong_notices)


def _put_back(
    borrower: Borrower, given: list[Notice], was_late: _Judge, now: datetime, actor: str, reason: Reason
) -> None:
    """Let notices stand again that were recalled by a payment which is taken back while the apology waits."""
    for apology in Contact.objects.filter(borrower=borrower, template=APOLOGY, state="waiting"):
        recalled = [notice for notice in given if notice.recalled_at == apology.queued_at]
        if recalled and all(was_late(notice) for notice in recalled):
            restore_notices(recalled, now, actor=actor, reason=reason)
            cancel_contacts(borrower, now, actor=actor, reason=reason, which=partial(eq, apology))


def review_booked(now: datetime, late_before: Callable[[date], str], *, actor: str = "night") -> int:
    """Judge what the book's payments cast doubt on; how many notices were recalled.

    The caller is in the transaction that publishes the night. In doubt is a notice on whose day the book now has
    nothing unpaid, while it still has the instalment that the notice found late, on its date: a schedule that was
    changed since casts no doubt. Of a notice that doesn't say which it was, the last night before its day tells:
    `late_before` gives SQL for the loans which that found late, "" when there was none. In doubt are those too whose
    apology still waits: their payment may have been taken back.
    """
    assert transaction.get_connection().in_atomic_block, "the night and what it undoes commit together"
    standing = Notice.objects.filter(recalled_at=None, given_at__gte=now - _LONGEST).exclude(kind=_STANDS)
    given = [
        (pk, owner, loan, business_date(at), named)
        for pk, owner, loan, at, named in standing.values_list(
            "pk", "borrower", "loan_id", "given_at", "oldest_unpaid_due_on"
        )
    ]
    doubted = _in_doubt(given, late_before)
    waiting = Contact.objects.filter(template=APOLOGY, state="waiting")
    names = {owner for pk, owner, *_ in given if pk in doubted} | set(
        waiting.values_list("borrower", flat=True)
    )
    lines = book_lines_of(names)  # in one pass, before each is held
    recalled = 0
    for name in sorted(names & lines.keys()):
        borrower, ledger = lock_borrower(name), ledger_of(name, lines[name])
        if borrower is not None and ledger is not None:
            recalled += review_notices(
                borrower, *ledger, now, actor=actor, reason=Reason.of("payment_in_book"), only_ids=doubted
            )
    return recalled


_Given = tuple[int, str, str, date, date | None]


def _in_doubt(given: list[_Given], late_before: Callable[[date], str]) -> set[int]:
    """Those in doubt; wider than the judgement, which follows, but for what the night of before says."""
    try:
        book = open_book(settings.HOME.book)
    except FeedError:
        return set()
    if not given:
        return set()
    products, in_doubt = book.products(), set()
    with connected(settings.HOME.threads) as engine:
        engine.execute(
            "create temp table given (id bigint, borrower_id varchar, loan_id varchar, day date, named date)"
        )
        insert_rows(engine, "given", ("bigint", "varchar", "varchar", "date", "date"), given)
        engine.execute(
            "create temp table settled "
            "(id bigint, loan_id varchar, day date, named date, number integer, falls_due_on date)"
        )
        for part in parts_of(engine, book, sorted({owner for _, owner, *_ in given})):
            folder = book.part(part)
            tables = {name: parquet(folder, f"{name}.parquet") for name in _TABLES}
            rows = engine.execute(_UNPAID.format(**tables)).fetchall()
            paid = [
                pk
                for pk, product, currency, unpaid in rows
                if unpaid <= products.get(product).tolerance_minor(currency)
            ]
            engine.execute(_DUE.format(**tables), {"paid": paid})
        in_doubt |= {pk for (pk,) in engine.execute(_NAMED).fetchall()}
        for (day,) in engine.execute("select distinct day from settled where named is null").fetchall():
            if late := late_before(day):
                in_doubt |= {
                    pk for (pk,) in engine.execute(_FOUND_LATE.format(late=late), {"day": day}).fetchall()
                }
    return in_doubt


_TABLES = ("loans", "instalments", "payments")
#: By notice the most that any instalment due before its day had unpaid, by the payments of before that day.
_UNPAID = """
with asked as (
    select g.id, g.day, l.loan_key, l.product, l.currency
    from given g join {loans} l on l.loan_id = g.loan_id and l.borrower_id = g.borrower_id
), paid as (
    select a.id, sum(p.counted) as amount
    from asked a join {payments} p on p.loan_key = a.loan_key and p.paid_on < a.day
    group by all
)
select a.id, a.product, a.currency, coalesce(max(
    i.due_to_date - greatest(
        coalesce(p.amount, 0), i.due_to_date - i.principal - i.interest - i.fee - i.penalty
    )), 0)::bigint
from asked a
left join paid p on p.id = a.id
left join {instalments} i on i.loan_key = a.loan_key and i.falls_due_on < a.day
group by a.id, a.product, a.currency
"""
#: The instalments that were due before the day of notices on whose day nothing was unpaid.
_DUE = """
insert into settled
select g.id, g.loan_id, g.day, g.named, i.number, i.falls_due_on
from given g
join {loans} l on l.loan_id = g.loan_id and l.borrower_id = g.borrower_id
join {instalments} i on i.loan_key = l.loan_key and i.falls_due_on <= g.day
where g.id in (select unnest($paid::bigint[]))
"""
#: Those that named what the book still has where it was.
_NAMED = "select id from settled where named = falls_due_on"
#: Those that named nothing, where a night found unpaid what is still where it was.
_FOUND_LATE = """
select s.id from settled s join {late} a on a.loan_id = s.loan_id and a.oldest_unpaid_number = s.number
    and a.oldest_unpaid_due_on = s.falls_due_on
where s.day = $day and s.named is null
"""
