"""Erase the files made for credit bureaus once they have been kept long enough: they hold names and addresses."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.bureaus.bureau_report import log_report, report_path
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.models import CreditReport


def due_credit_files(now: datetime) -> list[CreditReport]:
    """The reports whose file has been kept long enough, the oldest first."""
    terms, today = policy(settings.HOME).credit_file, business_date(now)
    kept = CreditReport.objects.filter(erased_at=None).order_by("made_at", "pk")
    return [report for report in kept if terms.until(business_date(report.made_at)) < today]


def erase_credit_files(now: datetime, *, actor: str) -> list[str]:
    """Erase what is due; the files' names. The report, its digest and its totals stay, and what it reported of each
    loan.

    The file goes before the transaction ends: where the process dies between the two, it is erased again.
    """
    done = []
    for file in due_credit_files(now):
        with transaction.atomic():
            report = CreditReport.objects.select_for_update().get(pk=file.pk)
            if report.erased_at is not None:
                continue
            report.erased_at = now
            report.save(update_fields=["erased_at"])
            log_report(report, "credit report erased", now, actor=actor)
            report_path(report).unlink(missing_ok=True)
            done.append(report.file)
    return done
