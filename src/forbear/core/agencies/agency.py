"""Outside agencies: what a lender has seen before one may collect, and when it is looked at again.

A lender stays responsible for everyone who collects for it (GB/T 45251-2025 §5.4), so an agency is admitted on a file
that two people have read, is on the public list only while it stands, and is looked at every year.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import TypeVar

from forbear.core.base.problem import MessageId, Phrase, Problem, noop

#: What an agency may be contracted to do.
METHODS = ("call", "sms", "email", "letter", "visit")
#: The parts of the admission file, as people read them.
PARTS = {
    "licence": noop("Registration number"),
    "licence_until": noop("Licence good until"),
    "experience_years": noop("Years of experience"),
    "collectors": noop("Collectors"),
    "methods": noop("Methods"),
    "security": noop("Certificate of information security"),
    "security_until": noop("Certificate good until"),
    "insurance_until": noop("Insurance good until"),
    "undertaking_on": noop("Undertaking not to pass work on, signed on"),
    "checked_on": noop("Record of cases, penalties and violence looked up on"),
    "contract_from": noop("Contract from"),
    "contract_until": noop("Contract until"),
    "telephone": noop("Telephone that borrowers can check"),
    "address": noop("Address"),
}
#: Why an agency's work stops: `misconduct` at once and for good until looked into, `review` until the yearly
#: review is done, `papers` until an expired paper is replaced, `own_plan` at the agency's own asking.
SUSPENSIONS = ("misconduct", "review", "papers", "own_plan")
#: The papers an agency may not work without, in Chinese and English.
PAPERS = {
    "licence": noop("the licence"),
    "security": noop("the certificate of information security"),
    "insurance": noop("the insurance"),
    "contract": noop("the contract"),
}
REVIEW_EVERY = timedelta(days=365)
#: A warning is given when a paper ends within this.
WARNED = timedelta(days=30)
_LONGEST = 300
_Instead = TypeVar("_Instead")


@dataclass(frozen=True, slots=True)
class AdmissionFile:
    """What an agency has shown. Dates are the last day a paper is good for, or the day something was signed.

    `licence` is the business registration number; `experience_years` and `collectors` how long and with how many
    people it has collected; `security` the certificate of information security; `undertaking_on` when it signed not
    to pass work on (催收业务不得转包); `checked_on` when its record of court cases, penalties and violence was
    looked up and found clean (商业银行互联网贷款管理暂行办法: no agency with a record of violent collection).
    """

    licence: str
    licence_until: date
    experience_years: int
    collectors: int
    methods: tuple[str, ...]
    security: str
    security_until: date
    insurance_until: date
    undertaking_on: date
    checked_on: date
    contract_from: date
    contract_until: date
    telephone: str
    address: str


def check_file(admission_file: AdmissionFile, today: date) -> list[Problem]:
    """Everything that stands in the way of admitting this agency today; nothing when it may be admitted."""
    problems = []
    for name in ("licence", "security", "telephone", "address"):
        if not getattr(admission_file, name).strip():
            problems.append(Problem("agency_part_missing", "“%(part)s” is missing", part=PARTS[name]))
    if admission_file.experience_years < 1:
        problems.append(
            Problem(
                "agency_too_young", "an agency has collected for at least a year before it collects for us"
            )
        )
    if admission_file.collectors < 2:
        problems.append(
            Problem(
                "agency_too_small",
                "an agency has at least two collectors, so that nobody checks their own work",
            )
        )
    if not admission_file.methods or not set(admission_file.methods) <= set(METHODS):
        problems.append(
            Problem("agency_methods_invalid", "the methods are some of %(methods)s", methods=tuple(METHODS))
        )
    problems += [
        Problem("agency_paper_expired", "%(paper)s ended on %(day)s", paper=PAPERS[paper], day=day)
        for paper, day in _papers(admission_file)
        if day < today
    ]
    if admission_file.undertaking_on > today:
        problems.append(
            Problem("agency_undertaking_missing", "the undertaking not to pass work on is not signed yet")
        )
    if not today - REVIEW_EVERY <= admission_file.checked_on <= today:
        problems.append(
            Problem(
                "agency_record_check_old",
                "the record of court cases and penalties was looked up within the last year",
            )
        )
    if admission_file.contract_from > admission_file.contract_until:
        problems.append(Problem("agency_contract_dates", "the contract ends before it begins"))
    return problems


def lapsed(admission_file: AdmissionFile, today: date) -> list[str]:
    """The `PAPERS` that are no longer good: the agency may not work until they are replaced."""
    return [paper for paper, day in _papers(admission_file) if day < today]


def lapsing(admission_file: AdmissionFile, today: date) -> list[tuple[MessageId, date]]:
    """The papers that end within a month, the first to end first."""
    ending = [
        (PAPERS[paper], day) for paper, day in _papers(admission_file) if today <= day <= today + WARNED
    ]
    return sorted(ending, key=lambda one: one[1])


def review_due(reviewed_on: date) -> date:
    """The day by which an agency is looked at again (GB/T 45251-2025 §5.4: yearly)."""
    return reviewed_on + REVIEW_EVERY


def _papers(admission_file: AdmissionFile) -> tuple[tuple[str, date], ...]:
    return (
        ("licence", admission_file.licence_until),
        ("security", admission_file.security_until),
        ("insurance", admission_file.insurance_until),
        ("contract", admission_file.contract_until),
    )


def as_written(admission_file: AdmissionFile) -> dict[str, object]:
    """The file as plain values, for a table or an event."""
    written: dict[str, object] = {}
    for field in fields(AdmissionFile):
        value = getattr(admission_file, field.name)
        written[field.name] = value.isoformat() if isinstance(value, date) else value
    written["methods"] = list(admission_file.methods)
    return written


def read_file(data: Mapping[str, object]) -> AdmissionFile | list[Problem]:
    """The file from plain values, as from a form: texts for dates and numbers, methods as a list or with commas.

    Problems name every part that is missing or can't be read.
    """
    form = _Form(data)
    file = AdmissionFile(
        licence=form.text("licence"),
        licence_until=form.day("licence_until"),
        experience_years=form.number("experience_years"),
        collectors=form.number("collectors"),
        methods=form.methods("methods"),
        security=form.text("security"),
        security_until=form.day("security_until"),
        insurance_until=form.day("insurance_until"),
        undertaking_on=form.day("undertaking_on"),
        checked_on=form.day("checked_on"),
        contract_from=form.day("contract_from"),
        contract_until=form.day("contract_until"),
        telephone=form.text("telephone"),
        address=form.text("address"),
    )
    return form.errors or file


class _Form:
    """Reads the parts of a form; what can't be read is noted in `errors`, and something harmless stands for it."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self.data = data
        self.errors: list[Problem] = []

    def text(self, name: str) -> str:
        read = _text(self.data.get(name, ""))
        wanted = Phrase(noop("it is at most %(most)s characters"), most=_LONGEST)
        return self._unreadable(name, wanted, "") if read is None else read

    def day(self, name: str) -> date:
        read = _day(self.data.get(name, ""))
        wanted = noop("it is a date such as 2027-06-30")
        return self._unreadable(name, wanted, date.min) if read is None else read

    def number(self, name: str) -> int:
        read = _number(self.data.get(name, ""))
        return self._unreadable(name, noop("it is a whole number"), 0) if read is None else read

    def methods(self, name: str) -> tuple[str, ...]:
        read = _names(self.data.get(name, ""))
        wanted = Phrase(noop("it is some of %(methods)s"), methods=METHODS)
        return self._unreadable(name, wanted, ()) if read is None else read

    def _unreadable(self, name: str, wanted: MessageId | Phrase, instead: _Instead) -> _Instead:
        self.errors.append(
            Problem(
                "agency_part_unreadable",
                "“%(part)s” can't be read; %(wanted)s",
                part=PARTS[name],
                wanted=wanted,
            )
        )
        return instead


def _text(value: object) -> str | None:
    text = str(value).strip()
    return text if len(text) <= _LONGEST else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        return None


def _number(value: object) -> int | None:
    text = str(value).strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 6 else None


def _names(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, str | list | tuple):
        return None
    parts = value if isinstance(value, list | tuple) else value.replace("，", ",").split(",")
    return tuple(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))
