"""Rules that bind every lender, whatever packs they chose: without them a promise of the program itself would break."""

from dataclasses import replace
from functools import cache

from forbear.core.conditions.parse import Condition, parse
from forbear.core.permits.rules import Rule, Rulebook, bind

#: Until a person has read what could not be understood, it may have been a stop.
UNREAD_REPLY = "forbear.unread_reply"
_SAYS = {
    "zh": "这个号码或地址发来的内容还没有人看过，看过之前只发法定通知",
    "en": "Nobody has read what came from this number or address; until then only notices go there",
}


def with_built_in(book: Rulebook) -> Rulebook:
    """The rulebook with the built-in rules behind those of its packs."""
    return replace(book, bound=(*book.bound, *(bind(rule) for rule in built_in())))


@cache
def built_in() -> tuple[Rule, ...]:
    """The rules. Source: 47 CFR 64.1200(a)(10), a stop by any reasonable means; GB/T 45251-2025 on opting out."""
    condition = parse("unread_reply and purpose <> 'notice'")
    assert isinstance(condition, Condition), condition
    return (
        Rule(
            UNREAD_REPLY,
            _SAYS,
            condition,
            "47 CFR 64.1200(a)(10); GB/T 45251-2025",
            "law",
        ),
    )
