"""Outside agencies: what a lender has seen before one may collect, and when it is looked at again.

A lender stays responsible for whoever collects for it (GB/T 45251-2025 §5.4), so an agency is admitted on a file
that two people have read, is on the public list only while it stands, and is looked at every year.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta

from forbear.core.base.problem import Problem

#: What an agency may be contracted to do.
METHODS = ("call", "sms", "email", "letter", "visit")
#: The parts of the admission file, as people read them in Chinese and English.
PARTS = {
    "licence": ("统一社会信用代码", "Registration number"),
    "licence_until": ("营业执照有效期至", "Licence good until"),
    "experience_years": ("催收经验（年）", "Years of experience"),
    "collectors": ("催收员人数", "Collectors"),
    "methods": ("催收方式", "Methods"),
    "security": ("信息安全认证", "Certificate of information security"),
    "security_until": ("认证有效期至", "Certificate good until"),
    "insurance_until": ("责任保险有效期至", "Insurance good until"),
    "undertaking_on": ("不转包承诺书签署日", "Undertaking not to pass work on, signed on"),
    "checked_on": ("诉讼处罚与暴力记录核查日", "Record of cases, penalties and violence looked up on"),
    "contract_from": ("合同起始", "Contract from"),
    "contract_until": ("合同终止", "Contract until"),
    "telephone": ("对外电话（可核实）", "Telephone that borrowers can check"),
    "address": ("地址", "Address"),
}
#: Why an agency's work stops: `misconduct` at once and for good until looked into, `review` until the yearly
#: review is done, `papers` until an expired paper is replaced, `own_plan` at the agency's own asking.
SUSPENSIONS = ("misconduct", "review", "papers", "own_plan")
#: The papers an agency may not work without, in Chinese and English.
PAPERS = {
    "licence": ("营业执照", "the licence"),
    "security": ("信息安全认证", "the certificate of information security"),
    "insurance": ("责任保险", "the insurance"),
    "contract": ("合同", "the contract"),
}
REVIEW_EVERY = timedelta(days=365)
#: A paper that ends within this is told beforehand.
WARNED = timedelta(days=30)
_LONGEST = 300


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


def check_file(told: AdmissionFile, today: date) -> list[Problem]:
    """Everything that stands in the way of admitting this agency today; nothing when it may be admitted."""
    found = []
    for name, words in (
        ("licence", "the registration number"),
        ("security", "the certificate of information security"),
        ("telephone", "the telephone number that borrowers can check"),
        ("address", "the address"),
    ):
        if not getattr(told, name).strip():
            found.append(Problem(f"{words} is missing", f"请填写{PARTS[name][0]}"))
    if told.experience_years < 1:
        found.append(
            Problem(
                "an agency has collected for at least a year before it collects for us",
                "机构须有至少一年的催收经验才能承接",
            )
        )
    if told.collectors < 2:
        found.append(
            Problem(
                "an agency has at least two collectors, so that nobody checks their own work",
                "机构须有至少两名催收员，避免自己检查自己的工作",
            )
        )
    if not told.methods or not set(told.methods) <= set(METHODS):
        found.append(
            Problem(
                f"the methods are some of {', '.join(METHODS)}", f"方式须从以下选择：{'、'.join(METHODS)}"
            )
        )
    found += [
        Problem(f"{PAPERS[paper][1]} ended on {day}", f"{PAPERS[paper][0]}已于 {day} 到期")
        for paper, day in _papers(told)
        if day < today
    ]
    if told.undertaking_on > today:
        found.append(
            Problem("the undertaking not to pass work on is not signed yet", "尚未签署不转委托的承诺书")
        )
    if not today - REVIEW_EVERY <= told.checked_on <= today:
        found.append(
            Problem(
                "the record of court cases and penalties was looked up within the last year",
                "须在一年之内查过诉讼与处罚记录",
            )
        )
    if told.contract_from > told.contract_until:
        found.append(Problem("the contract ends before it begins", "合同的截止日早于开始日"))
    return found


def lapsed(told: AdmissionFile, today: date) -> list[str]:
    """The `PAPERS` that are no longer good: the agency may not work until they are replaced."""
    return [paper for paper, day in _papers(told) if day < today]


def lapsing(told: AdmissionFile, today: date) -> list[tuple[tuple[str, str], date]]:
    """The papers that end within a month, the first to end first."""
    found = [(PAPERS[paper], day) for paper, day in _papers(told) if today <= day <= today + WARNED]
    return sorted(found, key=lambda one: one[1])


def review_due(reviewed_on: date) -> date:
    """The day by which an agency is looked at again (GB/T 45251-2025 §5.4: yearly)."""
    return reviewed_on + REVIEW_EVERY


def _papers(told: AdmissionFile) -> tuple[tuple[str, date], ...]:
    return (
        ("licence", told.licence_until),
        ("security", told.security_until),
        ("insurance", told.insurance_until),
        ("contract", told.contract_until),
    )


def as_written(told: AdmissionFile) -> dict[str, object]:
    """The file as plain values, for a table or an event."""
    found: dict[str, object] = {}
    for field in fields(AdmissionFile):
        value = getattr(told, field.name)
        found[field.name] = value.isoformat() if isinstance(value, date) else value
    found["methods"] = list(told.methods)
    return found


def read_file(told: Mapping[str, object]) -> AdmissionFile | list[Problem]:
    """The file from plain values, as from a form: texts for dates and numbers, methods as a list or with commas.

    Problems name every part that is missing or can't be read.
    """
    values: dict[str, object] = {}
    wrong = []
    for field in fields(AdmissionFile):
        read = _READ.get(field.type, _text)(told.get(field.name, ""))
        if read is None:
            zh, en = _WANTED[field.type]
            wrong.append(
                Problem(
                    f"{field.name.replace('_', ' ')} can't be read; {en}",
                    f"{PARTS[field.name][0]}无法读取，{zh}",
                )
            )
        values[field.name] = read
    return wrong or AdmissionFile(**values)


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
    parts = value if isinstance(value, list | tuple) else str(value).replace("，", ",").split(",")
    return tuple(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))


_READ = {str: _text, date: _day, int: _number, tuple[str, ...]: _names}
_WANTED = {
    str: (f"最多 {_LONGEST} 个字", f"it is at most {_LONGEST} characters"),
    date: ("请写日期，例如 2027-06-30", "it is a date such as 2027-06-30"),
    int: ("请写整数", "it is a whole number"),
    tuple[str, ...]: (f"须从以下选择：{'、'.join(METHODS)}", f"it is some of {', '.join(METHODS)}"),
}
