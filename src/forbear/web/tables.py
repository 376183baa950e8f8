"""Tables as files to take away: CSV, Excel, and a statement on paper."""

from collections.abc import Iterable, Sequence
from itertools import islice

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from forbear.core.base.money import format_amount
from forbear.core.base.problem import Problem
from forbear.core.content.template import day_text
from forbear.interchange.documents.agency_file import FORMS, write_table
from forbear.interchange.documents.letters import Letter, Table, letter_pdf
from forbear.store.models import Statement, StatementLine
from forbear.web.templatetags.forbear import bilingual, chinese

#: More rows than these go into no such file.
MOST_ROWS = 100_000
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_LINES = (
    "payment_id",
    "loan_id",
    "paid_on",
    "currency",
    "amount",
    "rate",
    "commission",
    "disputed",
    "answered",
)
_HEAD = (_("Payment"), _("Loan"), _("Paid on"), _("Amount"), _("Rate"), _("Commission"))


def file_answer(name: str, form: str, content: bytes) -> HttpResponse:
    """A file to be saved, never shown from here."""
    answer = HttpResponse(content, content_type=KINDS[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def table_answer(
    name: str,
    form: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    total: Sequence[object] = (),
    *,
    most: int | None = None,
) -> HttpResponse:
    """A table as CSV or Excel. Of more rows than `most` none is left out silently: then there is no file."""
    if form not in FORMS:
        raise Http404
    listed = list(rows if most is None else islice(rows, most + 1))
    if most is not None and len(listed) > most:
        too_many = gettext(
            "This file would have more than %(most)s rows. Choose fewer days or narrow the list."
        )
        plain = "text/plain; charset=utf-8"
        return HttpResponse(too_many % {"most": f"{most:,}"}, status=413, content_type=plain)
    return file_answer(name, form, write_table(head, listed, form, total))


def statement_file(found: Statement, form: str) -> HttpResponse:
    """A statement as CSV, Excel (amounts in the currency's unit, sums last) or PDF."""
    lines = list(found.lines.order_by("pk"))
    name = f"{found.agency_id}-{found.number}"
    if form == "pdf":
        made = letter_pdf(_letter(found, lines))
        if isinstance(made, Problem):
            raise Http404
        return file_answer(name, form, made)
    rows = [
        (
            line.payment_id, line.loan_id, line.paid_on, line.currency, format_amount(line.amount, line.currency),
            line.rate, format_amount(line.commission, line.currency), line.disputed, line.answered,
        )
        for line in lines
    ]  # fmt: skip
    sums = [
        f"{currency} {format_amount(paid, currency)} / {format_amount(earned, currency)}"
        for currency, (paid, earned) in sorted(found.totals.items())
    ]
    return table_answer(name, form, _LINES, rows, ("#total", len(rows), "; ".join(sums), found.sha256))


def _letter(found: Statement, lines: list[StatementLine]) -> Letter:
    language, home = ("zh" if chinese() else "en"), settings.HOME
    contacts = dict(home.contact)
    agency = found.agency
    sums = [
        f"{currency}: {format_amount(paid, currency)} / {format_amount(earned, currency)}"
        for currency, (paid, earned) in sorted(found.totals.items())
    ]
    counted = ngettext(
        "Commission up to %(until)s, %(number)s line. Paid and earned in all:",
        "Commission up to %(until)s, %(number)s lines. Paid and earned in all:",
        len(lines),
    )
    body = "\n".join([counted % {"until": found.until, "number": len(lines)}, *sums])
    if found.sha256:
        body += f"\n\nSHA-256 {found.sha256}"
    rows = [
        (
            line.payment_id, line.loan_id, day_text(line.paid_on, language),
            f"{line.currency} {format_amount(line.amount, line.currency)}", f"{line.rate / 100:g}%",
            format_amount(line.commission, line.currency),
        )
        for line in lines
    ]  # fmt: skip
    return Letter(
        language=language,
        sender=home.name[0 if language == "zh" else 1],
        sender_rows=tuple(contacts[key] for key in ("address", "phone") if contacts.get(key)),
        to=(bilingual(agency), agency.address),
        on=found.made_at.date(),
        reference=f"{agency.code}-{found.number}",
        subject=gettext("Commission statement %(number)s") % {"number": found.number},
        body=body,
        code="",
        verify_url=f"{home.url}/verify",
        tables=(Table("", [tuple(str(each) for each in _HEAD), *rows]),),
    )
