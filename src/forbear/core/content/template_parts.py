"""The parts that a text to a borrower may have to carry, and how each is known.

A part is known by the placeholder that brings it, or by words that nobody could leave out of it. Nothing is
taken on a declaration's word.
"""

import re

#: Part: (meaning, how it is known).
_KNOWN: dict[str, tuple[str, re.Pattern[str]]] = {
    "identity": ("who is writing or calling", re.compile(r"\{(?:lender|writer|collector|standing)\}")),
    "on_behalf_of": ("for which lender", re.compile(r"\{(?:lender|writer|standing)\}")),
    "code": ("a code by which the reader can check it", re.compile(r"\{code\}")),
    "opt_out": ("how to stop such messages", re.compile(r"\{opt_out\}")),
    "contact": ("a way to answer", re.compile(r"\{(?:phone|link|address)\}")),
    "amount": ("the amount", re.compile(r"\{(?:amount|outstanding|account)\}")),
    "due_date": ("the day it was due", re.compile(r"\{due_on\}")),
    "itemization": (
        "principal, interest and fees apart",
        re.compile(r"(?s)(?=.*\{principal\})(?=.*\{interest\})(?=.*\{fees\})|.*\{account\}"),
    ),
    "legal_basis": (
        "the law or contract it rests on",
        re.compile(r"《[^》]+》|第[^。，]{1,8}条|\bCFR\b|\bU\.S\.C\.|\bAct\b|\barticle \d+"),
    ),
    "dispute": ("how to object", re.compile(r"异议|(?i:\bdisput|\bdisagree|\bobject)")),
    "complaint": ("where to complain", re.compile(r"\{regulator\}|投诉|(?i:\bcomplain)")),
    "debt_collector": (
        "that it comes from a debt collector",
        re.compile(r"(?i)\bdebt collector\b|\bcollect a debt\b|\{standing\}"),
    ),
    "end_date": ("until when the reader has time", re.compile(r"\{until\}")),
    "visit": (
        "when the visit is and that it can be refused",
        re.compile(r"(?s)(?=.*\{on\})(?=.*(?:拒绝|离开|改期|(?i:refuse|leave|decline)))"),
    ),
    "debt_advice": (
        "where free advice is to be had",
        re.compile(
            r"免费.{0,12}咨询|(?i:free (?:and independent )?(?:debt |money )?advice|MoneyHelper|StepChange)"
        ),
    ),
}
PARTS = {name: meaning for name, (meaning, _) in _KNOWN.items()}


def parts_of(text: str) -> frozenset[str]:
    """The parts that a text with placeholders carries."""
    return frozenset(name for name, (_, known) in _KNOWN.items() if known.search(text))
