"""Cases of a pack: contacts with their lawful answer, written from the clauses, that the pack must get right.

    scenarios:
      - id: C02
        pack: cn
        clause: GB/T 45251 5.3
        now: 2026-03-10T22:00
        wish: {channel: call}
        expect: refused
        until: 2026-03-11T08:00

The whole form is in docs/rules/cases.md. What a case doesn't name is as harmless as can be. A file with mistakes
is refused with all of them at once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import yaml

from forbear.core.base.problem import FileMistakes, noop
from forbear.core.facts.contact import PlannedContact
from forbear.core.facts.context import ContactContext
from forbear.core.files.sheet import Sheet
from forbear.core.permits.case_reader import CaseReader

EXPECTED = ("allowed", "refused")
KEYS = (
    *("id", "pack", "clause", "now", "wish", "expect", "until", "zones", "facts", "born", "figures_at"),
    *("points", "past", "holds", "notices", "agreed", "inbound", "debts", "agencies", "seen", "paid"),
    *("certified",),
    *("lawyer_silent", "force", "state", "note", "rule", "unanswered"),
)
_NEEDED = ("id", "pack", "clause", "now", "wish", "expect")
_ANY_MOMENT = datetime(2026, 3, 10, 12, tzinfo=UTC)


class CaseError(FileMistakes):
    """A file of cases that can't be used; ``problems`` has one `origin:line:column: ...` per mistake."""


@dataclass(frozen=True, slots=True)
class PackCase:
    """One case: a planned contact in its context, and the answer that its clause wants.

    `allowed` is that answer. `waits` tells whether the case says until when it is refused: then `until` is the
    moment, None for never. `rule` is the one the case turns on, where it names one.
    """

    id: str
    pack: str
    clause: str
    planned: PlannedContact
    context: ContactContext
    now: datetime
    allowed: bool
    waits: bool
    until: datetime | None
    place: str
    rule: str = ""


def parse_cases(text: str, origin: str) -> tuple[PackCase, ...]:
    """Read a file of cases; ``origin`` is how it is called in messages. Raises CaseError with every mistake."""
    sheet = Sheet(origin, text)
    root = sheet.compose()
    cases: list[PackCase] = []
    if root is not None:
        top = sheet.entries(root, noop("a file of cases"), ("scenarios",), ("scenarios",)) or {}
        nodes = sheet.items(top["scenarios"][1], "`scenarios`") if "scenarios" in top else []
        seen: dict[str, int] = {}
        for node in nodes:
            case = _case(sheet, node, seen)
            if case is not None:
                cases.append(case)
    if sheet.problems:
        raise CaseError(sheet.ordered_problems())
    return tuple(cases)


def _case(sheet: Sheet, node: yaml.Node, seen: dict[str, int]) -> PackCase | None:
    entries = sheet.entries(node, noop("a case"), KEYS, _NEEDED)
    if entries is None:
        return None
    reader = CaseReader(sheet, entries)
    case_id, pack, clause = (reader.text(entries, key) for key in ("id", "pack", "clause"))
    reader.repeated(case_id, seen)
    reader.text(entries, "force")
    reader.flag(entries, "state")
    expect = reader.one_of(entries, "expect", EXPECTED)
    reader.start(pack or "")
    now = reader.moment(entries, "now")
    # where the moment itself is wrong, what else is wrong is found by any other
    planned, context = reader.situation(pack or "", now or _ANY_MOMENT)
    never = "until" in entries and reader.text(entries, "until") == "none"
    until = None if never or "until" not in entries else reader.moment(entries, "until")
    if None in (case_id, pack, clause, expect) or planned is None or now is None:
        return None
    return PackCase(
        case_id or "",
        pack or "",
        clause or "",
        planned,
        context,
        now,
        expect == "allowed",
        "until" in entries,
        until,
        sheet.place(node),
        reader.text(entries, "rule") or "",
    )
