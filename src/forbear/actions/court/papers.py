"""The bundle of a lawsuit: the application, the account line by line, every contact, agreements, proofs and papers."""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from forbear.actions.court.claim_amount import owed, renew, states_of, way_to
from forbear.actions.court.court_facts import CourtFacts, court_facts
from forbear.actions.court.lawsuits import said_against
from forbear.actions.court.limitation_dates import pack_of
from forbear.actions.selectors import court_words as words
from forbear.actions.selectors.creditors import creditor_of_ids, not_declared
from forbear.actions.selectors.ledger import Ledger, ledger_of
from forbear.core.base.problem import Problem
from forbear.core.content.template import Money, day_text, money_text
from forbear.core.court.lawsuit import UNFILED
from forbear.core.loans.allocation import allocate, counted_payments
from forbear.core.loans.delinquency import past_due_of
from forbear.core.loans.loan import Amounts, Product
from forbear.core.loans.loan import Loan as BookLoan
from forbear.interchange.documents.court_bundle import Bundle, Paper, Part, bundle_pdf
from forbear.interchange.documents.letters import Table
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.evidence import attachment_path
from forbear.store.models import Borrower, Contact, DailySeal, Event, EventAttachment, EvidenceChain, Lawsuit
from forbear.store.problem_text import sentence_in
from forbear.store.situation import lock_borrower

_MOST_CONTACTS = 2_000
_PRINTED = ("application/pdf", "image/jpeg", "image/png")


class _Words:
    """Everything said in one language."""

    def __init__(self, language: str, currency: str, named: dict[str, dict[str, tuple[str, str]]]) -> None:
        self.language, self.currency, self._named = language, currency, named
        self.place = 0 if language == "zh" else 1

    def of(self, words: tuple[str, str] | str) -> str:
        """The language's half of a pair, or a text of a table in this language."""
        if isinstance(words, tuple):
            return words[self.place]
        return sentence_in(self.language, words)

    def named(self, table: str, code: str) -> str:
        """The word for a code; the code itself where there is none."""
        return self.of(self._named.get(table, {}).get(code, code))

    def day(self, day: date) -> str:
        """A day as the court's language writes it."""
        return day_text(day, self.language)

    def money(self, minor: int) -> str:
        """An amount in the lawsuit's currency."""
        return money_text(Money(minor, self.currency), self.language)


def make_bundle(
    lawsuit_id: int, now: datetime, *, actor: str, named: dict[str, dict[str, tuple[str, str]]]
) -> Lawsuit | Problem:
    """Make the bundle on the newest figures, in the court's language, and keep it as evidence.

    `named` has the words for codes, by table: channel, outcome, agreement, notice. Problem when a fact that it would
    state is missing or in doubt.
    """
    language = words.LANGUAGE[pack_of()]
    with transaction.atomic():
        owner = Lawsuit.objects.filter(pk=lawsuit_id).values_list("borrower_id", flat=True).first()
        if owner is None or lock_borrower(owner) is None:
            return Problem("no_such_lawsuit", "there is no such lawsuit")
        lawsuit = Lawsuit.objects.select_related("borrower").get(pk=lawsuit_id)
        ledger = ledger_of(owner)
        if ledger is None:
            return Problem(
                "borrower_not_in_book", "the loan book doesn't know this borrower; import the feed first"
            )
        _, late = owed(lawsuit, now)
        renew(lawsuit, late, bundling=True)
        if lawsuit.state in UNFILED and late <= 0:
            return said_against(("current",))
        facts = court_facts(lawsuit, ledger, now)
        if isinstance(facts, Problem):
            return Problem("court_facts_in_doubt", "no papers for a court yet: %(doubts)s", doubts=facts)
        if lost := not_declared(creditor_of_ids(lawsuit.loans)):
            return lost
        say = _Words(language, lawsuit.currency, named)
        pdf = bundle_pdf(_bundle(lawsuit, ledger, facts, say, now))
        if isinstance(pdf, Problem):
            return pdf
        lawsuit.bundle, lawsuit.bundled_at = evidence.store_attachment(pdf, "application/pdf"), now
        lawsuit.save(update_fields=["bundle", "bundled_at"])
        body = {"lawsuit": lawsuit.pk, "state": lawsuit.state, "what": "bundle", "language": language}
        evidence.append("legal", at=now, actor=actor, borrower=owner, body=body, attachments=[lawsuit.bundle])
        return lawsuit


def _bundle(lawsuit: Lawsuit, ledger: Ledger, facts: CourtFacts, say: _Words, now: datetime) -> Bundle:
    borrower, today = lawsuit.borrower, business_date(now)
    papers = _papers(lawsuit, say)
    record, products = ledger
    loans = [loan for loan in record.loans if loan.loan_id in lawsuit.loans]
    creditor = creditor_of_ids(lawsuit.loans)
    contact = dict(creditor.contact)
    details = {
        "claimant": creditor.name(say.language),
        "address": " · ".join(contact[key] for key in ("address", "phone") if contact.get(key)),
        "defendant": borrower.name,
        "defendant_address": _address(borrower),
        "born": _born(borrower, say),
        "court": lawsuit.court,
        "docket": lawsuit.docket,
        "amount": say.money(lawsuit.claimed),
        "as_of": say.day(today),
        "number": f"S{lawsuit.pk}",
        "papers": str(len(papers)) if papers else say.of(words.UNKNOWN["papers"]),
    }
    details = {
        name: value or say.of(words.UNKNOWN.get(name, words.UNKNOWN["address"]))
        for name, value in details.items()
    }
    way = way_to(lawsuit)
    accounts = [_account(loan, products.get(loan.product), say, now) for loan in loans]
    called = words.CALLED.get(pack_of()) or say.of(words.APPLICATIONS[way])
    first = ("一、" if say.place == 0 else "1. ") + called
    parts = (
        Part(first, _application(lawsuit, facts, say, now)),
        Part(say.of(words.PARTS["account"]), tables=tuple(table for tables in accounts for table in tables)),
        Part(say.of(words.PARTS["contacts"]), tables=_contacts(lawsuit, say)),
        Part(say.of(words.PARTS["agreed"]), tables=_agreed(lawsuit, say)),
        _proof(lawsuit, say),
    )
    return Bundle(
        language=say.language,
        title=say.of(words.TITLES[way]),
        sender=creditor.name(say.language),
        on=today,
        reference=f"S{lawsuit.pk}",
        details=tuple((say.of(words.DETAILS[key]), value) for key, value in details.items()),
        parts=parts,
        papers=papers,
    )


def _address(borrower: Borrower) -> str:
    """The newest postal address that may be used; "" where none is on record."""
    point = borrower.points.filter(kind="address", lawful=True).order_by("-pk").first()
    return " ".join(point.value.split()) if point else ""


def _born(borrower: Borrower, say: _Words) -> str:
    """The birthday; courts of the United States take the year alone (Fed. R. Civ. P. 5.2)."""
    if borrower.born_on is None:
        return ""
    return str(borrower.born_on.year) if pack_of() == "us" else say.day(borrower.born_on)


def _application(lawsuit: Lawsuit, facts: CourtFacts, say: _Words, now: datetime) -> tuple[str, ...]:
    """The application on the figures of the day; what was filed already is stated as it was filed."""
    states = states_of(lawsuit, now)
    assert states, "a lawsuit is about loans of the book"
    due = sum((state.past_due for state in states), start=Amounts.ZERO)
    unfiled = lawsuit.state in UNFILED
    assert not unfiled or due.total == lawsuit.claimed, "what is asked for is what is due"
    heads = words.HEADS["instalments"][say.place][3:]
    amounts = (due.principal, due.interest, due.penalty, due.fee)
    parts = ("，" if say.place == 0 else ", ").join(
        f"{head} {say.money(amount)}" for head, amount in zip(heads, amounts, strict=True)
    )
    since = min((state.oldest_unpaid_due_on for state in states if state.oldest_unpaid_due_on), default=None)
    asked, procedure = words.ASKED[way_to(lawsuit)]
    values = {
        "amount": say.money(lawsuit.claimed),
        "parts": say.of(words.IN_PARTS).format(parts) if unfiled else "",
        "due": say.money(due.total),
        "since": say.day(since) if since else "—",
        "as_of": say.day(business_date(now)),
        "fee": say.money(lawsuit.fee),
        "court": lawsuit.court or say.of(words.UNKNOWN["court"]),
        "asked": asked,
        "procedure": procedure,
        **_sentences(facts, due.penalty, say),
    }
    agreed, missed, listed = words.CLAIMED[pack_of()][not all(one.has_schedule for one in facts.accounts)]
    count = sum(state.instalments_past_due for state in states)
    values |= {
        "agreed_on": agreed.format(lent=values["lent"]),
        "missed": missed.format(count=count),
        "listed": listed,
    }
    return tuple(text.format(**values) for text in words.CLAIM[pack_of()])


def _sentences(facts: CourtFacts, penalty: int, say: _Words) -> dict[str, str]:
    """What the application says of the record: what is there, or that nothing is."""

    def said(name: str, **values: object) -> str:
        return say.of(words.FACTS[name]).format(**values)

    lent = [
        said(
            "lent" if one.has_schedule else "owed",
            loan=one.loan_id,
            on=say.day(one.on),
            amount=say.money(one.amount),
        )
        for one in facts.accounts
    ]
    contacts = said("no_contacts")
    if facts.first_on and facts.last_on:
        days = {"first": say.day(facts.first_on), "last": say.day(facts.last_on)}
        contacts = said("contacts", **days, made=facts.contacts, reached=facts.reached)
    listed = ("、" if say.place == 0 else "; ").join(
        f"{say.named('notice', kind)} ({say.day(on)})" for kind, on in facts.notices
    )
    charged = "no_penalty" if not penalty else "unpriced" if facts.unpriced else "penalty"
    return {
        "lent": ("；" if say.place == 0 else "; ").join(lent),
        "contacts": contacts,
        "notices": said("notices", listed=listed) if facts.notices else said("no_notices"),
        "agreed": said("agreed", count=facts.agreed) if facts.agreed else said("none_agreed"),
        "penalty": said(charged, loans=", ".join(facts.unpriced)),
    }


def _account(loan: BookLoan, product: Product, say: _Words, now: datetime) -> tuple[Table, Table]:
    """One loan: each instalment that is due with what is left of it, then those the lawsuit is not about; each payment,
    those that bounced marked.
    """
    today = business_date(now)
    counted = counted_payments(loan.payments, today)
    rule = {"due_date_rule": product.due_date_rule, "calendar": product.calendar}
    spread = allocate(
        loan.instalments, sum(payment.amount for payment in counted), product.allocation_order, **rule
    )
    rows = [words.HEADS["instalments"][say.place]]
    claimed = {due.instalment.number for due in past_due_of(spread.spreads, product, loan.currency, today)}
    sums, aside = [0] * 6, []
    for allocation in spread.spreads:
        left = allocation.unpaid
        amounts = (
            allocation.instalment.amounts.total,
            allocation.paid.total,
            left.principal,
            left.interest,
            left.penalty,
            left.fee,
        )
        label = f"{allocation.instalment.number} · {say.day(allocation.falls_due_on)}"
        if allocation.instalment.kind == "rest":
            label = say.of(words.REST)
        row = (label, *(say.money(amount) for amount in amounts))
        if allocation.unpaid.total and allocation.instalment.number not in claimed:
            aside.append((label + say.of(words.ACCOUNT["aside"]), *row[1:]))
            continue
        sums = [total + amount for total, amount in zip(sums, amounts, strict=True)]
        rows.append(row)
    rows += [(say.of(words.ACCOUNT["total"]), *(say.money(amount) for amount in sums)), *aside]
    paid = [words.HEADS["payments"][say.place]]
    counted = counted_payments(loan.all_payments, today)
    good = {payment.payment_id for payment in counted}
    for payment in sorted(loan.all_payments, key=lambda one: (one.paid_on, one.payment_id)):
        if payment.reverses or payment.paid_on > today:
            continue
        mark = "" if payment.payment_id in good else say.of(words.ACCOUNT["bounced"])
        paid.append((say.day(payment.paid_on), payment.payment_id, say.money(payment.amount) + mark))
    total = sum(payment.amount for payment in counted)
    if len(paid) > 1:
        paid.append((say.of(words.ACCOUNT["total"]), "", say.money(total)))
    assert sums[1] <= total, "no more is spread than was paid"
    title = f"{loan.loan_id} · {say.of(words.ACCOUNT['lines'])}"
    return Table(title, rows), Table(f"{loan.loan_id} · {say.of(words.ACCOUNT['payments'])}", paid)


def _moment_of(contact: Contact, zone: ZoneInfo) -> str:
    assert contact.at is not None, "a contact that was made, or recorded, has its moment"
    return f"{contact.at.astimezone(zone):%Y-%m-%d %H:%M}"


def _contacts(lawsuit: Lawsuit, say: _Words) -> tuple[Table, Table]:
    zone = ZoneInfo(settings.HOME.timezone)
    contacts = Contact.objects.filter(borrower=lawsuit.borrower).exclude(at=None).select_related("agency")
    rows = [words.HEADS["contacts"][say.place]]
    for contact in contacts.order_by("at")[:_MOST_CONTACTS]:
        who = (
            say.of((contact.agency.name_zh, contact.agency.name_en))
            if contact.agency
            else say.of(words.CONTACTS["own"])
        )
        rows.append(
            (
                _moment_of(contact, zone),
                say.named("channel", contact.channel),
                who,
                say.named("outcome", contact.outcome),
                contact.code,
            )
        )
    given = [words.HEADS["notices"][say.place]]
    for notice in lawsuit.borrower.notices.filter(recalled_at=None).order_by("given_at"):
        day = say.day(notice.given_at.astimezone(zone).date())
        given.append((say.named("notice", notice.kind), notice.loan_id, day))
    more = (
        say.of(words.CONTACTS["more"]).format(count=_MOST_CONTACTS)
        if contacts.count() > _MOST_CONTACTS
        else ""
    )
    return Table(more, rows), Table(say.of(words.CONTACTS["notices"]), given)


def _agreed(lawsuit: Lawsuit, say: _Words) -> tuple[Table, ...]:
    borrower, rows = lawsuit.borrower, [words.HEADS["agreements"][say.place]]
    for promise in borrower.promises.order_by("pk"):
        rows.append(
            _agreement("promise", promise.made_on, promise.amount, promise.due_on, promise.state, say)
        )
    for plan in borrower.plans.exclude(agreed_on=None).order_by("pk"):
        rows.append(_agreement("plan", plan.agreed_on, plan.amount, plan.lines[-1][1], plan.state, say))
    for settlement in borrower.settlements.exclude(offered_on=None).order_by("pk"):
        rows.append(
            _agreement(
                "settlement", settlement.offered_on, settlement.amount, settlement.by, settlement.state, say
            )
        )
    return (Table("", rows),)


def _agreement(
    kind: str, agreed_on: date | None, amount: int, until: date | str, state: str, say: _Words
) -> tuple[str, ...]:
    return (
        say.of(words.AGREED[kind]),
        say.day(agreed_on) if agreed_on else "—",
        say.money(amount),
        say.day(until if isinstance(until, date) else date.fromisoformat(until)),
        say.named("agreement", state),
    )


def _proof(lawsuit: Lawsuit, say: _Words) -> Part:
    head = EvidenceChain.objects.filter(borrower=lawsuit.borrower_id).first()
    seal = DailySeal.objects.order_by("-number").first()
    sealed = (
        words.SEALED[say.language].format(day=say.day(seal.day)) if seal else words.NOT_SEALED[say.language]
    )
    number, last = (head.number, head.hash) if head else (0, "—")
    first, second, third = words.PROOF[say.language]
    zone, rows = ZoneInfo(settings.HOME.timezone), [words.HEADS["recordings"][say.place]]
    for contact in Contact.objects.filter(borrower=lawsuit.borrower).exclude(recording="").order_by("at"):
        rows.append((_moment_of(contact, zone), contact.recording))
    texts = (first, second.format(number=number, hash=last, sealed=sealed), third)
    return Part(say.of(words.PARTS["proof"]), texts, (Table("", rows),))


def _papers(lawsuit: Lawsuit, say: _Words) -> tuple[Paper, ...]:
    """Every kept paper of the borrower that can be printed, once, oldest first; earlier bundles are left out."""
    events = Event.objects.filter(borrower=lawsuit.borrower_id, kind__in=words.PAPERS)
    kept = (
        EventAttachment.objects.filter(
            event__in=events, attachment__media_type__in=_PRINTED, attachment__erased_at=None
        )
        .select_related("event", "attachment")
        .order_by("event__number")
    )
    zone = ZoneInfo(settings.HOME.timezone)
    papers: dict[str, Paper] = {}
    for document in kept:
        body = json.loads(document.event.line)["body"]
        if body.get("what") == "bundle" or document.attachment_id in papers:
            continue
        day = document.event.at.astimezone(zone).date()
        papers[document.attachment_id] = Paper(
            f"{say.of(words.PAPERS[document.event.kind])} {len(papers) + 1} · {say.day(day)}",
            attachment_path(document.attachment_id),
            document.attachment.media_type,
            document.attachment_id,
        )
    return tuple(papers.values())
