"""What a contact says: its template filled with the newest figures, or a person's own words."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from forbear.actions.access.portal_access import link_for
from forbear.actions.contacts.feedback_links import feedback_link
from forbear.actions.contacts.notice_account import NoticeAccount, notice_account
from forbear.actions.contacts.opt_outs import opt_out_url
from forbear.actions.contacts.senders import agency_name, sender_of, standing
from forbear.actions.contacts.spoken_words import machine_words
from forbear.actions.selectors.creditors import (
    contact_details,
    creditor_of,
    lender,
    not_declared,
    of_one_creditor,
    writer,
)
from forbear.actions.selectors.reported_payments import unconfirmed_on
from forbear.channels.transport import Attachment, Message
from forbear.core.agreements.loan_state import may, refusal
from forbear.core.agreements.notice import answer_until, form_of, remedy_until
from forbear.core.base.problem import Problem, noop
from forbear.core.content.template import Money, Template, render
from forbear.core.facts.purpose import NOTICE_OF
from forbear.interchange.documents.enclosures import read_enclosure, with_enclosure
from forbear.interchange.documents.letters import TABLES_HERE, Letter, letter_pdf
from forbear.interchange.home.country import ombudsman_of
from forbear.interchange.home.texts import templates
from forbear.store.assignments import BOUGHT_DEBT_NOTICE
from forbear.store.loan_states import loan_states, loans_that_may
from forbear.store.models import Borrower, Contact, Loan, Settlement, WriteOff
from forbear.store.problem_text import sentence_in

#: How one stops messages, by channel: the words of {opt_out}.
OPT_OUT = {
    "sms": noop("Reply STOP to stop these texts."),
    "email": noop("To stop these e-mails, use the unsubscribe link."),
    "letter": noop("You can stop letters that the law doesn't require, on your page or by phone."),
}


#: Purposes by which somebody is asked to pay.
_ASKS = ("remind", "collect", "place", "sue")
#: How long somebody has to answer a notice that names a last day and was given none of its own.
_TIME_TO_ANSWER = timedelta(days=15)


def compose(contact: Contact, borrower: Borrower, now: datetime) -> Message | Problem:
    """The message of a contact as it would leave now; Problem when its template can't be filled."""
    home = settings.HOME
    language = "zh" if contact.language.startswith("zh") else "en"
    subject, body, account, encloses = contact.subject, contact.body, NoticeAccount(()), ""
    if wrong := _not_owed(contact, now):
        return wrong
    if contact.template and contact.channel not in ("call", "visit"):
        template = templates(home).find(contact.template, contact.channel)
        if template is None:
            return Problem(
                "no_such_template",
                "there is no template `%(template)s` for %(channel)s in %(file)s",
                template=contact.template,
                channel=contact.channel,
                file=home.templates.name,
            )
        if wrong := _itemized_in_doubt(template, contact, language):
            return wrong
        values = _with_own(values_for(contact, borrower, now, language), template, contact, now, language)
        if "account" in template.placeholders(language):
            loans = stated_loans(contact, now, payable=False)
            stated = notice_account(template.name, borrower, loans, now, language, contact.agency)
            if isinstance(stated, Problem):
                return stated
            account = stated
            values = {**values, "account": TABLES_HERE if contact.channel == "letter" else account.lines}
        rendered = render(template, language, values)
        if isinstance(rendered, Problem):
            return rendered
        subject, body, encloses = rendered.subject, rendered.body, template.encloses
        contact.template_version = template.version
    point = contact.point
    attachments: tuple[Attachment, ...] = ()
    if contact.channel == "letter":
        pdf = enclosed(_letter(contact, borrower, now, subject, body, account), encloses)
        if isinstance(pdf, Problem):
            return pdf
        attachments = (Attachment("letter.pdf", "application/pdf", pdf),)
    return Message(
        contact_id=contact.contact_id,
        channel=contact.channel,
        to=point.value if point else "",
        sender=home.name[0 if language == "zh" else 1],
        language=language,
        subject=subject,
        body=body,
        agent=contact.staff.line if contact.staff else "",
        unsubscribe_url=opt_out_url(contact) if contact.channel == "email" else "",
        attachments=attachments,
        on_machine=machine_words(contact, language) if contact.channel == "voice" else "",
    )


def enclosed(letter: bytes | Problem, name: str) -> bytes | Problem:
    """The letter with the paper that it encloses behind it; Problem where that paper isn't there."""
    if isinstance(letter, Problem) or not name:
        return letter
    enclosure = read_enclosure(settings.HOME, name)
    return enclosure if isinstance(enclosure, Problem) else with_enclosure(letter, enclosure)


def _with_own(
    values: Mapping[str, object], template: Template, contact: Contact, now: datetime, language: str
) -> Mapping[str, object]:
    """With what only this text says: the day of a charge-off, the sum of an offer, a link that works long enough."""
    if template.name == "charge_off_notice" and (charged_off := _charged_off_on(contact)):
        values = {"on": charged_off, **values}
    if template.name == BOUGHT_DEBT_NOTICE:
        values = {**values, **_bought(contact)}
    if template.name == "settlement_offer":
        values = {**values, **_offer(contact)}
    asked = template.placeholders(language)
    if "link" not in asked:
        return values
    until = values.get("until") if "until" in asked else None
    answer_by = until if isinstance(until, date) else None
    survey = contact.purpose == "survey"
    return {**values, "link": feedback_link(contact) if survey else link_for(contact, now, answer_by)}


def _letter(
    contact: Contact, borrower: Borrower, now: datetime, subject: str, body: str, account: NoticeAccount
) -> bytes | Problem:
    """The sheet of paper: who sends it, what it says, and by which code the reader can check it."""
    home = settings.HOME
    language = "zh" if contact.language.startswith("zh") else "en"
    if contact.point is None:
        return Problem("letter_address_missing", "a letter needs a postal address")
    name = [borrower.name] if borrower.name and contact.party == "debtor" else []
    lines = [row.strip() for row in contact.point.value.splitlines() if row.strip()]
    sender, sender_rows = sender_of(contact.agency, language, creditor_of(stated_loans(contact, now)))
    return letter_pdf(
        Letter(
            language=language,
            sender=sender,
            sender_rows=sender_rows,
            to=(*name, *lines),
            on=now.astimezone(ZoneInfo(home.timezone)).date(),
            reference=contact.contact_id[:8].upper(),
            subject=subject,
            body=body,
            code=shown_code(contact.code),
            verify_url=f"{home.url}/verify",
            tables=account.tables,
            slip=account.slip,
        )
    )


def _charged_off_on(contact: Contact) -> date | None:
    """The day the loans it is about were charged off; None where that was not signed, so that no letter says so."""
    decided = WriteOff.objects.filter(loan__in=contact.loans, state="signed").order_by("decided_at").last()
    zone = ZoneInfo(settings.HOME.timezone)
    return decided.decided_at.astimezone(zone).date() if decided and decided.decided_at else None


def _bought(contact: Contact) -> dict[str, object]:
    """From whom which of the loans it is about were bought; nothing where none was, so that no text says so."""
    bought = (
        Loan.objects.filter(pk__in=contact.loans, sold_at=None).exclude(bought_from="").order_by("loan_id")
    )
    if not bought:
        return {}
    between = "、" if contact.language.startswith("zh") else ", "
    return {
        "seller": between.join(dict.fromkeys(loan.bought_from for loan in bought)),
        "loan": between.join(loan.loan_id[-4:] for loan in bought),
    }


def _offer(contact: Contact) -> dict[str, object]:
    """The offer that this letter makes, or one that stands already; nothing where there is none, so none is told."""
    mine = Settlement.objects.filter(contact=contact, state__in=("planned", "offered")).last()
    offer = mine or Settlement.objects.filter(borrower_id=contact.borrower_id, state="offered").last()
    if offer is None or not set(offer.loans) & set(contact.loans):
        return {}
    return {"offer": Money(offer.amount - offer.paid, offer.currency), "until": offer.by}


def _not_owed(contact: Contact, now: datetime) -> Problem | None:
    """Why nobody may be asked to pay any of the loans it is about; None where one of them is owed, or nothing is asked.

    A loan may be sold or settled between the queue and the wire.
    """
    loans = list(Loan.objects.filter(pk__in=contact.loans)) if contact.purpose in _ASKS else []
    if lost := not_declared(creditor_of(loans)):
        return lost
    found = loan_states(loans, now)
    if not loans or any(may(found[loan.pk], "pay") for loan in loans):
        return None
    return refusal(found[loans[0].pk], "pay")


def _itemized_in_doubt(template: Template, contact: Contact, language: str) -> Problem | None:
    """Why a text can't say line by line what is asked for: of which lines a reported payment is, nobody knows yet."""
    if contact.purpose not in _ASKS or not {"principal", "interest"} & set(template.placeholders(language)):
        return None
    if not unconfirmed_on(contact.loans):
        return None
    return Problem(
        "reported_payment_pending",
        "the borrower reported a payment that is not booked yet; a text with each part of the debt waits for it",
    )


def shown_code(code: str) -> str:
    """A contact's code as people read it."""
    return f"{code[:4]}-{code[4:]}"


def values_for(contact: Contact, borrower: Borrower, now: datetime, language: str) -> Mapping[str, object]:
    """What a template may ask for and is known: from the loans it is about, the lender's own words, the contact."""
    home = settings.HOME
    today = now.astimezone(ZoneInfo(home.timezone)).date()
    loans = stated_loans(contact, now)
    creditor = creditor_of(loans)
    agency = contact.agency
    collector = lender().name(language) if agency is None else agency_name(agency, language)
    values: dict[str, object] = {
        "name": borrower.name or sentence_in(language, noop("you")),
        "lender": creditor.name(language),
        "creditor": creditor.name(language),
        "writer": writer(creditor, language, collector),
        "collector": collector,
        "standing": standing(agency, None, language, creditor),
        "agent": contact.staff.number if contact.staff else collector,
        "code": shown_code(contact.code),
        "check": f"{home.url}/verify",
        "opt_out": sentence_in(language, OPT_OUT.get(contact.channel, OPT_OUT["email"])),
        "link": f"{home.url}/my",
        "ombudsman": sentence_in(language, ombudsman_of(home)) if ombudsman_of(home) else "",
        "as_of": today,
        "until": _last_day(contact, today),
        "reference": contact.contact_id[:8].upper() if contact.channel == "letter" else "",
        "pay_in": creditor.said(creditor.pay_in, language),
        "complaints": creditor.said(creditor.complaints, language),
        **contact_details(creditor),
    }
    if agency is not None:
        values["agency"] = collector
        if contact.channel == "letter":
            values |= {"phone": agency.telephone, "address": agency.address}
    values |= _asked(_of_loans(loans), loans) if contact.purpose in _ASKS else _of_loans(loans)
    return {name: value for name, value in values.items() if value != ""} | {
        name: _read(value) for name, value in contact.values.items()
    }


def stated_loans(contact: Contact, now: datetime, *, payable: bool = True) -> list[Loan]:
    """The loans whose figures and creditor a text states: those it is about, of the latest-paid one's creditor.

    Of a text that asks for money, unless `payable` is False, only those on which it may be asked for.
    """
    rows = Loan.objects.filter(borrower_id=contact.borrower_id, pk__in=contact.loans).order_by("loan_id")
    loans = list(rows)
    asked = loans_that_may("pay", loans, now) if payable and contact.purpose in _ASKS else loans
    return of_one_creditor(asked)


def _last_day(contact: Contact, today: date) -> date:
    """Until when somebody may answer a text that was given no day of its own."""
    pack, _ = form_of([path.stem for path in settings.HOME.packs])
    gives = NOTICE_OF.get(contact.template, "")
    if gives == "validation_notice":
        return answer_until(pack, today)
    if gives == "default_notice":
        return max(remedy_until(pack, today), today + _TIME_TO_ANSWER)
    return today + _TIME_TO_ANSWER


def _read(value: object) -> object:
    """A kept value as the template wants it; see `actions.queue_contact.stored`."""
    if isinstance(value, dict):
        if "day" in value:
            return date.fromisoformat(value["day"])
        return Money(value["minor"], value["currency"])
    return value


def _asked(amounts: dict[str, object], loans: list[Loan]) -> dict[str, object]:
    """What is asked for: the ledger's figures less what the borrower reported as paid and the book hasn't got yet."""
    reported = unconfirmed_on([loan.pk for loan in loans])
    if not reported:
        return amounts
    lowered = dict(amounts)
    for name in ("amount", "outstanding"):
        total = amounts.get(name)
        if isinstance(total, Money):
            less = sum(reported.get(loan.pk, 0) for loan in loans if loan.currency == total.currency)
            lowered[name] = Money(max(0, total.minor - less), total.currency)
    return lowered


def _of_loans(loans: list[Loan]) -> dict[str, object]:
    """The figures of the loans a contact is about, of those of the latest-paid one's currency and creditor."""
    if not loans:
        return {}
    worst = max(loans, key=lambda loan: (loan.days_past_due, loan.past_due_amount))
    same = [loan for loan in loans if loan.one_debt == worst.one_debt]

    def total(name: str) -> Money:
        return Money(sum(getattr(loan, name) for loan in same), worst.currency)

    amounts: dict[str, object] = {
        "amount": total("past_due_amount"),
        "outstanding": total("payoff"),
        "principal": total("past_due_principal"),
        "interest": total("past_due_interest"),
        "fees": Money(total("past_due_fee").minor + total("past_due_penalty").minor, worst.currency),
        "days": worst.days_past_due,
        "loan": worst.loan_id[-4:],
    }
    if worst.oldest_unpaid_due_on is not None:
        amounts["due_on"] = worst.oldest_unpaid_due_on
    return amounts
