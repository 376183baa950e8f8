"""Texts, money and moments as people read them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from forbear.actions.selectors.creditors import creditor_of
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import Refusal, Value
from forbear.core.base.reason import Reason
from forbear.core.replies.understanding import INTENTS, understand
from forbear.insight.kpi import Figure
from forbear.insight.scorecard import SHARES, Card
from forbear.interchange.home.second_reader import tables
from forbear.store.models import Inbound, Loan, Staff
from forbear.store.problem_text import sentence
from forbear.web import actors, reasons, tones
from forbear.web import labels as words
from forbear.web.languages import is_chinese, label
from forbear.web.product_names import product_name

register = template.Library()
_ADDRESS = re.compile(r"https?://[A-Za-z0-9./:_?=&%-]+")


chinese = is_chinese
register.filter("label", label)
register.filter("product", product_name)


@register.filter
def said(value: Value) -> str:
    """A problem, or a text of a table, in the reader's language; "" and data stay so."""
    return sentence(value)


@register.filter
def creditor_name(loan: Loan) -> str:
    """Whose a loan is, in the reader's language."""
    return creditor_of([loan]).name("zh" if chinese() else "en")


@register.filter
def thousands(number: int) -> str:
    """A whole number with separators."""
    return f"{number:,}"


@register.filter
def listed(texts: Iterable[str]) -> str:
    """Several texts in one line, as the reader's language lists them."""
    return pgettext("between the parts of a list", ", ").join(str(each) for each in texts)


@register.filter
def bilingual(named: object) -> str:
    """What a lender gave in both languages, an agency's name or a pair as (Chinese, English), in the reader's."""
    if isinstance(named, (list, tuple)):
        return named[0 if chinese() else 1]
    return getattr(named, "name_zh" if chinese() else "name_en")


@register.filter
def rule_text(refusal: Refusal) -> str:
    """What a rule that refuses says, in the reader's language."""
    return sentence(refusal.message)


@register.filter
def word(code: str, table: str) -> str:
    """The reader's word for a code: {{ contact.channel|word:"channel" }}."""
    return words.word(table, code)


@register.filter
def words_of(codes: str | Iterable[str], table: str) -> str:
    """The reader's words for codes, a list or a text with commas between; "" for none."""
    found = codes.replace(",", " ").split() if isinstance(codes, str) else codes
    return listed(words.word(table, code) for code in found)


@register.filter
def reads_like(inbound: Inbound) -> str:
    """What a message reads like besides what was understood, in the reader's words; "" for none, and beside danger."""
    if inbound.intent not in ("unclear", "question", "abuse") or inbound.asked or inbound.urgent:
        return ""
    suggested = understand(inbound.text, readers=tables("replies")).suggested
    return words.word("intent" if suggested in INTENTS else "demanded", suggested) if suggested else ""


@register.filter
def why(reason: Reason | dict) -> str:
    """The sentence of a reason, or of one as evidence and JSON columns hold it, in the reader's language."""
    return reasons.sentence(reason if isinstance(reason, Reason) else Reason.read(reason))


@register.filter
def rule_says(rule: str) -> str:
    """What a rule says, by its id."""
    return reasons.rules_say([rule])


@register.filter
def who(actor: str) -> str:
    """Who acted, as people say it."""
    return actors.actor(actor)


@register.filter
def colleague(staff: Staff | str | None) -> str:
    """A person of the staff, by name and number for colleagues, by number for others; "" for nobody."""
    if not staff:
        return ""
    return actors.person(staff) if isinstance(staff, str) else actors.colleague(staff)


@register.filter
def agency(code: str) -> str:
    """An agency's name in the reader's language, by its code."""
    return actors.agency_name(code)


@register.filter
def under(found: Mapping[str, Any], key: str) -> Any:
    """What stands under a key of a mapping, None for nothing: {{ receipts|under:payment.payment_id }}."""
    return found.get(key)


@register.filter
def of(pair: dict, fallback: str = "") -> str:
    """The reader's language of a pair like {"zh": ..., "en": ...}."""
    return pair.get("zh" if chinese() else "en", fallback) if pair else fallback


@register.simple_tag
def money(minor: int | None, minor_unit: int, currency: str = "") -> str:
    """An amount with separators, its currency before it: CNY 1,234.50, and ¥1,234.50 to who reads Chinese."""
    if minor is None:
        return "—"
    digits = len(str(minor_unit)) - 1
    whole, part = divmod(abs(minor), minor_unit)
    text = f"{whole:,}" + (f".{part:0{digits}d}" if digits else "")
    sign = "−" if minor < 0 else ""
    if currency == "CNY" and chinese():
        return f"{sign}¥{text}"
    return f"{currency} {sign}{text}".strip()


@register.simple_tag
def percent(share: float | None) -> str:
    """A share as percent; a dash where there is nothing to share."""
    return "—" if share is None else f"{share * 100:.1f}%"


@register.simple_tag
def minor(amount: int, currency: str) -> str:
    """An amount whose currency alone is known, as `money` writes it."""
    return money(amount, 10 ** minor_digits(currency), currency)


@register.simple_tag
def basis(rate: int) -> str:
    """Basis points as percent: 1,250 is 12.5%."""
    return f"{rate / 100:g}%"


@register.simple_tag
def score(found: float | None) -> str:
    """A score from 0 to 100, whole; a dash where nothing is known."""
    return "—" if found is None else f"{found:.0f}"


@register.simple_tag
def findings(card: Card) -> int:
    """How many findings a scorecard counts."""
    return sum(card.findings.values())


@register.filter
def parts(card: Card) -> list[dict]:
    """The rows of a scorecard."""
    return [
        {
            "key": key,
            "name": label(name),
            "how": label(how),
            "share": SHARES[key],
            "figure": getattr(card, key),
            "score": card.score(key),
        }
        for key, (name, how) in words.CARD.items()
    ]


@register.simple_tag
def km(metres: int) -> str:
    """A way in kilometres with one decimal."""
    return f"{metres / 1000:.1f} km"


@register.simple_tag
def degrees(place: list[int]) -> str:
    """A place in degrees, with how far off it may be."""
    latitude, longitude, accuracy = place
    return f"{latitude / 1_000_000:.5f}, {longitude / 1_000_000:.5f} ±{accuracy} m"


@register.simple_tag
def figure(found: Figure) -> str:
    """A KPI's value with its unit; a dash where its whole is nothing."""
    if found.value is None:
        return "—"
    return f"{found.value:.1f}%" if found.kpi.per == 100 else f"{found.value:,.1f}"


@register.simple_tag
def part_of_whole(found: Figure) -> str:
    """A KPI's part and whole, as counts or as amounts."""
    if found.currency:
        return f"{minor(found.part, found.currency)} / {minor(found.whole, found.currency)}"
    return f"{found.part:,} / {found.whole:,}"


@register.filter
def at(shares: dict[int, tuple], age: int) -> tuple:
    """The shares of a batch at an age; dashes where it hasn't lived it."""
    return shares.get(age, (None, None, None))


@register.filter
def linked(text: str) -> str:
    """A message as a phone shows it: escaped, with its web addresses to be tapped, also amid Chinese text."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(".")
        parts += [
            escape(text[end : found.start()]),
            format_html('<a href="{}">{}</a>', address, address),
        ]
        end = found.start() + len(address)
    return mark_safe("".join([*parts, escape(text[end:])]).replace("\n", "<br>"))  # noqa: S308


@register.filter
def when(moment: datetime | date | None) -> str:
    """A moment or day in the lender's time zone, short."""
    if moment is None:
        return "—"
    if isinstance(moment, datetime):
        return date_format(timezone.localtime(moment), "Y-m-d H:i")
    return date_format(moment, "Y-m-d")


@register.filter
def day(moment: datetime | date | None) -> str:
    """A day in words, as in 28 September 2026 or 2026年9月28日."""
    if moment is None:
        return "—"
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return date_format(local, "DATE_FORMAT")


@register.filter
def spoken(moment: datetime | date | None) -> str:
    """A moment or day as people say it, as in 28 September 2026 or 2026年9月28日 14:05."""
    if isinstance(moment, datetime):
        return f"{day(moment)} {timezone.localtime(moment):%H:%M}"
    return day(moment)


@register.filter
def local_times(zones: Iterable[str], now: datetime) -> str:
    """The time in each of these zones, with its day where that is another one than the lender's: 16:31 / 18:31."""
    today = timezone.localtime(now).date()
    there = sorted({now.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for zone in zones})
    return " / ".join(f"{each:%H:%M}" if each.date() == today else f"{each:%Y-%m-%d %H:%M}" for each in there)


@register.filter
def demo_time(moment: datetime) -> str:
    """A moment with its weekday, as in Monday 30 November 2026 09:30, for the demo's clock."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'l')} {date_format(local, 'DATE_FORMAT')} {local:%H:%M}"


@register.filter
def after(last: date) -> str:
    """The day after, for stretches of days that begin there."""
    return spoken(last + timedelta(days=1))


@register.filter
def ago(moment: datetime | date | None, now: datetime) -> str:
    """A relative hint beside an absolute time."""
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        days = (moment - timezone.localtime(now).date()).days
        return _days(days)
    seconds = int((moment - now).total_seconds())
    if abs(seconds) >= 86_400:
        return _days(round(seconds / 86_400))
    minutes = abs(seconds) // 60
    if minutes >= 60:
        hours = {"number": minutes // 60}
        return gettext("in %(number)s h") % hours if seconds > 0 else gettext("%(number)s h ago") % hours
    shown = {"number": minutes}
    return gettext("in %(number)s min") % shown if seconds > 0 else gettext("%(number)s min ago") % shown


def _days(days: int) -> str:
    if not days:
        return gettext("today")
    shown = {"number": abs(days)}
    if days > 0:
        return ngettext("in %(number)s day", "in %(number)s days", days) % shown
    return ngettext("%(number)s day ago", "%(number)s days ago", -days) % shown


@register.simple_tag
def tag(state: str, table: str) -> str:
    """A state as a tag: the word of its table, in the colour of `tones`."""
    colour = tones.tone(table, state)
    return format_html(
        '<span class="tag{}">{}</span>', f" {colour}" if colour else "", words.word(table, state)
    )


@register.simple_tag
def current(chosen: object, value: object) -> str:
    """What marks the chosen one of several links; nothing for the others."""
    return mark_safe('aria-current="true"') if str(chosen) == str(value) else ""


register.filter("permit_tone", tones.permit_tone)


@register.filter
def tone(state: str, table: str) -> str:
    """The colour of a state whose tag says more than its word."""
    return tones.tone(table, state)


@register.filter
def loan_count(number: int | None) -> str:
    """A number of loans, in the reader's language; "" for None or none."""
    if not number:
        return ""
    return ngettext("%(number)s loan", "%(number)s loans", number) % {"number": thousands(number)}


@register.filter
def month_count(number: int) -> str:
    """A number of months, in the reader's language."""
    return ngettext("%(number)s month", "%(number)s months", number) % {"number": thousands(number)}


@register.filter
def line_of_difference(sign: str) -> str:
    """The class of a line of two compared texts: added, gone or the same in both ("")."""
    return {"+": "added", "-": "gone"}.get(sign, "")


@register.simple_tag
def icon(name: str) -> str:
    """A picture of the set that `scripts/icons.py` makes; beside a word, so it says nothing to who listens."""
    return _drawn(static("vendor/tabler-icons.svg"), name)


@lru_cache(maxsize=1000)
def _drawn(address: str, name: str) -> str:
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', address, name)


@register.filter
def at_most(number: int, limit: int) -> str:
    """A number for a narrow place: "999+" beyond the limit."""
    return f"{limit}+" if number > limit else str(number)


#: Which kind of box a message of Django's has.
_ALERTS = {"error": "danger", "warning": "warning", "wait": "warning", "success": "success"}


@register.filter
def alert_class(tags: str) -> str:
    """The classes of a message by its tags: "error" is a red box."""
    return f"{tags} alert-{_ALERTS.get(tags, 'info')}"
