"""A day's instructions for loan systems that read files: `instructions/instructions-DAY.csv` in the home."""

import io
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from forbear.core.base.money import format_amount
from forbear.core.loans.adjustments import KINDS
from forbear.core.loans.loan import COMPONENTS
from forbear.interchange.home.plain_table import PlainWriter
from forbear.store.business_date import business_date, day_start
from forbear.store.models import Instruction
from forbear.store.models.instruction import IN_FORCE

#: The columns, in their order. Amounts are plain decimals in the loan's currency, days ISO.
COLUMNS = (
    *("instruction", "state", "kind", "loan_id", "borrower_id", "currency", "granted_on", "instalment"),
    *("due_on", "new_due_on", "rests_until"),
    *(f"asks_{part}" for part in COMPONENTS),
    *("plan", "source", "reference"),
)


def folder() -> Path:
    """Where the files lie."""
    return settings.HOME.folder / "instructions"


def instruction_table(now: datetime) -> bytes:
    """All that is in force, and what ended today, as CSV with a line for each; the same rows give the same bytes."""
    rows = Instruction.objects.filter(
        Q(state__in=IN_FORCE) | Q(changed_at__gte=day_start(business_date(now)))
    ).order_by("pk")
    text = io.StringIO(newline="")
    writer = PlainWriter(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        assert row.kind in KINDS, row.kind
        asked = [format_amount(part, row.currency) for part in row.most] if row.kind == "line" else [""] * 4
        plan = " ".join(
            f"{due_on}={format_amount(amount, row.currency)}" for due_on, amount in row.plan_lines
        )
        moved, rests = (row.on if row.kind == kind else None for kind in ("due_date", "pause"))
        writer.writerow(
            [
                *(row.number, row.state, row.kind, row.loan_id, row.borrower_id, row.currency),
                *(row.granted_on, row.instalment or "", row.before_on or "", moved or "", rests or ""),
                *asked,
                *(plan, row.source, row.reference),
            ]
        )
    return text.getvalue().encode()


def write_instruction_file(now: datetime) -> bool:
    """Write today's file if it lacks anything; whether it was written. It is replaced whole. None in a shadow run."""
    if settings.HOME.in_shadow:
        return False
    target = folder() / f"instructions-{business_date(now)}.csv"
    content = instruction_table(now)
    if target.is_file() and target.read_bytes() == content:
        return False
    if not target.exists() and not Instruction.objects.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    waiting = target.with_name(f".{target.name}.part")
    waiting.write_bytes(content)
    waiting.replace(target)
    return True
