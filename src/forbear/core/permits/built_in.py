"""Rules that bind every lender, whatever packs they chose: without them a promise of the program itself would break."""

from dataclasses import replace
from functools import cache

from forbear.core.conditions.parse import Condition, parse
from forbear.core.permits.rules import Rule, Rulebook, bind

#: Until a person has read what could not be understood, it may have been a stop.
UNREAD_REPLY = "forbear.unread_reply"
#: Nobody is asked to pay what is sold, settled or paid off: `core.agreements.loan_state` says so for every page too.
NOTHING_OWED = "forbear.nothing_owed"
#: In a shadow run nothing leaves, no matter who asks and by what way.
SHADOW = "forbear.shadow"
#: A person asks nothing of the hold-out by hand either: else it would no longer show what comes by itself.
HOLDOUT = "forbear.holdout"
_SHADOW = {
    "zh": "影子运行期间不联系任何人，也不向外发送任何内容；须由两人批准正式上线",
    "en": "In a shadow run nobody is contacted and nothing leaves, until two people go live",
}
_OVER = {
    "zh": "所涉贷款已转让、已结清或已还清，不得再就其要求还款",
    "en": "What it is about was sold, settled or paid off; nobody is asked to pay it here",
}
_LEFT_ALONE = {
    "zh": "该借款人在空白组内：除依法必须的通知和对其来信、来电的答复外，不主动联系",
    "en": "The borrower is in the hold-out: only notices that are due and answers to what they ask reach them",
}
_SAYS = {
    "zh": "这个号码或地址发来的内容还没有人看过，看过之前只发法定通知",
    "en": "Nobody has read what came from this number or address; until then only notices go there",
}

#: Where each rule stands, by the country's pack.
_CLAUSES = {
    UNREAD_REPLY: {"us": "47 CFR 64.1200(a)(10)", "cn": "GB/T 45251-2025"},
    NOTHING_OWED: {"cn": "民法典 第546、557条", "us": "12 CFR 1006.30(b)"},
}


def with_built_in(book: Rulebook) -> Rulebook:
    """The rulebook with the built-in rules behind those of its packs."""
    packs = frozenset(name.partition("@")[0].partition("-")[0] for name in book.names)
    return replace(book, bound=(*book.bound, *(bind(rule) for rule in built_in(packs))))


@cache
def with_shadow(book: Rulebook) -> Rulebook:
    """The rulebook with a rule before all others that refuses everything, for a home in a shadow run."""
    always = parse("local_hour >= 0")
    assert isinstance(always, Condition), always
    return replace(book, bound=(bind(Rule(SHADOW, _SHADOW, always, "shadow run", "house")), *book.bound))


@cache
def built_in(packs: frozenset[str]) -> tuple[Rule, ...]:
    """The rules, each with its sources in the countries of these packs; elsewhere it is Forbear's own.

    Sources: 47 CFR 64.1200(a)(10), a stop by any reasonable means; GB/T 45251-2025 on opting out; 民法典 art. 546 and
    557, a debt that was assigned or has ended; 12 CFR 1006.30(b).
    """
    unread = parse("unread_reply and purpose <> 'notice'")
    over = parse("nothing_owed and purpose in ('remind', 'collect', 'locate', 'relay', 'place', 'sue')")
    # what the strategy keeps for the hold-out is planned and leaves by itself
    alone = parse(
        "in_holdout and not automated and purpose in ('remind', 'collect', 'locate', 'place', 'sue')"
    )
    assert isinstance(unread, Condition), unread
    assert isinstance(over, Condition), over
    assert isinstance(alone, Condition), alone
    return (
        _rule(UNREAD_REPLY, _SAYS, unread, packs),
        _rule(NOTHING_OWED, _OVER, over, packs),
        _rule(HOLDOUT, _LEFT_ALONE, alone, packs),
    )


def _rule(name: str, says: dict[str, str], refuse_when: Condition, packs: frozenset[str]) -> Rule:
    clauses = [clause for pack, clause in _CLAUSES.get(name, {}).items() if pack in packs]
    return Rule(name, says, refuse_when, "; ".join(clauses) or "Forbear", "law" if clauses else "house")
