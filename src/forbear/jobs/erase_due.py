"""Erase personal data once nothing asks for it any longer: evidence, files for credit bureaus, strangers' messages."""

from datetime import datetime

from django.conf import settings

from forbear.actions.bureaus.erasure import due_credit_files, erase_credit_files
from forbear.actions.replies.strangers import due_strangers, erase_strangers
from forbear.core.evidence.retention import DEFAULT_YEARS
from forbear.interchange.home.packs import rulebook
from forbear.store import retention


def retention_years() -> int:
    """For how many years this home keeps personal data: the longest that its packs ask for."""
    return rulebook(settings.HOME).parameters.get("retention_years", DEFAULT_YEARS)


def due(now: datetime) -> list[str]:
    """The borrowers of whom something is kept longer than need be."""
    return retention.due(now, retention_years())


def due_messages(now: datetime) -> int:
    """How many messages from strangers are kept longer than need be."""
    return due_strangers(now).count()


def erase_messages(now: datetime, actor: str) -> int:
    """Erase those messages; how many. It can't be undone."""
    return erase_strangers(now, actor=actor)


def due_files(now: datetime) -> list[str]:
    """The files for credit bureaus that are kept longer than need be."""
    return [report.file for report in due_credit_files(now)]


def erase_due(now: datetime, actor: str) -> list[str]:
    """Erase what is due; whose it was. It can't be undone."""
    return retention.erase_due(now, retention_years(), actor)


def erase_files(now: datetime, actor: str) -> list[str]:
    """Erase the files for credit bureaus that are due; their names. It can't be undone."""
    return erase_credit_files(now, actor=actor)
