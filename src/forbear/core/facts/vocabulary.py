"""The whole vocabulary of the rule language: every fact a strategy or a rule pack may name.

A fact has a name, a kind, a unit, a meaning in English and in Chinese, and a default, so that no fact is
ever null. ``known`` says when it can be told: ``night`` (computed from the book), ``desk`` (kept by the
desk's database; the default stands until the desk says otherwise) or ``moment`` (only when a contact is
about to leave). ``level`` says whose it is: the borrower's worst ``loan``, or the ``borrower``.

A *row of facts* is a dict from fact name to value: ``int`` (kind ``int``), ``int`` in minor units of the
row's currency (kind ``money``), ``str`` (``text``) or ``bool``. It also has ``minor_unit``, the number of
minor units in one unit of its currency: 100 for CNY, 1 for JPY, 1000 for KWD.
"""

from forbear.core.facts.contact_facts import MOMENT_FACTS
from forbear.core.facts.fact import (
    INT_LIMIT,
    KINDS,
    KNOWN,
    LEVELS,
    MINOR_UNIT,
    MONEY_LIMIT,
    NEVER_DAYS,
    Fact,
    count,
    days,
    flag,
    money,
    text,
)
from forbear.core.loans.delinquency import FIVE_CLASSES

__all__ = [
    "FACTS",
    "INT_LIMIT",
    "KINDS",
    "KNOWN",
    "LEVELS",
    "MINOR_UNIT",
    "MONEY_LIMIT",
    "NEVER_DAYS",
    "Fact",
    "default_row",
    "facts_known",
]

_LOAN = {"known": "night", "level": "loan"}
_BORROWER = {"known": "night", "level": "borrower"}
_DESK = {"known": "desk", "level": "borrower"}

_NIGHT_LOAN_FACTS = (
    days(
        "days_past_due",
        "Days since the oldest instalment unpaid beyond tolerance fell due; 0 on the due date",
        "逾期天数：自最早未还清（超过容差）的一期到期日起算，到期当日为 0",
        **_LOAN,
    ),
    days(
        "days_delinquent",
        "Days past due less the product's grace days and paused days, never below 0",
        "扣除容时与暂停天数后的逾期天数，不小于 0",
        **_LOAN,
    ),
    days(
        "days_to_due",
        "Days until the next unpaid instalment falls due; 0 on that day; 9999 if none within 31 days",
        "距下一未还期到期的天数；到期当日为 0；31 天内没有则为 9999",
        default=NEVER_DAYS,
        **_LOAN,
    ),
    money(
        "next_due_amount",
        "Unpaid amount of the next instalment to fall due within 31 days",
        "31 天内下一到期期次的未还金额",
        **_LOAN,
    ),
    money("past_due_amount", "Unpaid amount of all past-due instalments", "逾期总金额", **_LOAN),
    money("past_due_principal", "Principal part of the past-due amount", "逾期本金", **_LOAN),
    money("past_due_interest", "Interest part of the past-due amount", "逾期利息", **_LOAN),
    money("past_due_fee", "Fee part of the past-due amount", "逾期费用", **_LOAN),
    money("past_due_penalty", "Penalty part of the past-due amount", "逾期罚息", **_LOAN),
    money("outstanding", "Unpaid amount of all instalments, due or not", "未还总额（含未到期）", **_LOAN),
    money("principal", "Principal the loan was disbursed with", "放款本金", **_LOAN),
    money("credit", "Amount paid beyond all instalments", "溢缴款", **_LOAN),
    count("instalments_past_due", "Number of past-due instalments", "逾期期数", unit="instalments", **_LOAN),
    count(
        "oldest_unpaid_number",
        "Number of the oldest past-due instalment; 0 if none",
        "最早逾期的期次；没有则为 0",
        **_LOAN,
    ),
    days("days_on_book", "Days since the loan was disbursed", "放款至今天数", **_LOAN),
    days(
        "days_since_payment",
        "Days since the last payment that counts; 9999 if there is none",
        "距最近一笔有效还款的天数；没有则为 9999",
        default=NEVER_DAYS,
        **_LOAN,
    ),
    text("bucket", "Arrears bucket, M0 when not delinquent", "账龄档位，未逾期为 M0", default="M0", **_LOAN),
    text(
        "five_class",
        "Five-class asset classification",
        "五级分类",
        default="normal",
        values=FIVE_CLASSES,
        **_LOAN,
    ),
    text("product", "Code of the loan's product", "产品代码", **_LOAN),
    text("currency", "ISO 4217 code of the loan's currency", "币种(ISO 4217)", **_LOAN),
    flag("written_off", "The loan has been written off", "已核销", **_LOAN),
    flag("paused", "The loan is inside an agreed pause of payment", "处于约定的暂停还款期", **_LOAN),
    flag(
        "first_payment_missed",
        "The oldest past-due instalment is the loan's first",
        "首期即逾期",
        **_LOAN,
    ),
)

_NIGHT_BORROWER_FACTS = (
    count(
        "loans_past_due", "Number of the borrower's loans past due", "逾期贷款笔数", unit="loans", **_BORROWER
    ),
    money(
        "total_past_due",
        "Past-due amount over all the borrower's loans in the worst loan's currency",
        "名下逾期总额（仅计与最差一笔同币种的贷款）",
        **_BORROWER,
    ),
    money(
        "total_outstanding",
        "Outstanding amount over all the borrower's loans in the worst loan's currency",
        "名下未还总额（仅计与最差一笔同币种的贷款）",
        **_BORROWER,
    ),
    text("language", "Language the borrower asked for", "借款人选择的语言", **_BORROWER),
    text("region", "Region the borrower lives in", "借款人所在地区", **_BORROWER),
    text("timezone", "Time zone the borrower lives in (IANA name)", "借款人所在时区", **_BORROWER),
    flag("has_phone", "A telephone number is on file", "留有电话", **_BORROWER),
    flag("has_email", "An e-mail address is on file", "留有电子邮箱", **_BORROWER),
    count("age_years", "Age in full years; 0 if unknown", "周岁年龄；不详为 0", unit="years", **_BORROWER),
    flag(
        "feed_doubt",
        "A row of this borrower is in quarantine, so the figures may be wrong",
        "该借款人有数据行被隔离，数字可能有误",
        **_BORROWER,
    ),
    text(
        "previous_stage",
        "Stage of the night before; empty if none",
        "上一晚所处阶段；没有则为空",
        **_BORROWER,
    ),
    days(
        "days_in_stage",
        "Days since the stage was entered; 0 on the first",
        "进入本阶段的天数，首日为 0",
        **_BORROWER,
    ),
)

_DESK_FACTS = (
    flag("promise_open", "A promise to pay is open", "有未到期的还款承诺", **_DESK),
    flag("plan_active", "A repayment plan is being kept", "分期还款协议履行中", **_DESK),
    flag("dispute_open", "A dispute is being looked into", "有异议正在处理", **_DESK),
    flag(
        "hardship_open", "A request for hardship help is being looked into", "有困难帮扶申请正在处理", **_DESK
    ),
    flag("on_hold", "The case is on hold: no contact", "案件冻结，不得联系", **_DESK),
    flag("placed", "The case is placed with an agency", "已委托催收机构", **_DESK),
    days(
        "days_since_contact",
        "Days since the last contact that reached the borrower; 9999 if never",
        "距最近一次成功联系的天数；从未联系为 9999",
        default=NEVER_DAYS,
        **_DESK,
    ),
    count(
        "contacts_last_7_days", "Contacts in the last seven days", "近七日联系次数", unit="contacts", **_DESK
    ),
    count(
        "promises_broken", "Promises to pay not kept so far", "累计未兑现的承诺次数", unit="promises", **_DESK
    ),
)

#: Every fact by name, in the order of the reference page.
FACTS: dict[str, Fact] = {
    fact.name: fact for fact in (*_NIGHT_LOAN_FACTS, *_NIGHT_BORROWER_FACTS, *_DESK_FACTS, *MOMENT_FACTS)
}


def facts_known(known: set[str] | frozenset[str]) -> list[Fact]:
    """The facts that can be told at any of the times in ``known``, in the fixed order."""
    assert known <= set(KNOWN), known
    return [fact for fact in FACTS.values() if fact.known in known]


def default_row(minor_unit: int = 100) -> dict[str, int | str | bool]:
    """A row in which every fact has its default; the caller overwrites what it knows."""
    return {MINOR_UNIT: minor_unit} | {fact.name: fact.default for fact in FACTS.values()}
