"""Facts that are known only when a contact is about to leave; rule packs read them, strategies can't.

A default is what stands when nobody has said anything: no consent, an unnamed hour of the night, a notice never
given. Where a question must be answered before a contact and isn't, the decision refuses by itself (see
`forbear.core.permits.decision`), whatever the default says.
"""

from forbear.core.facts.contact import CHANNELS, PARTIES, PURPOSES
from forbear.core.facts.fact import NEVER_DAYS, Fact, count, days, flag, text

_MOMENT = {"known": "moment", "level": "borrower"}

_TIME = (
    count(
        "local_hour",
        "Hour of day where the borrower is, 0 to 23",
        "借款人当地时间（时），0 至 23",
        unit="hour",
        **_MOMENT,
    ),
    count(
        "local_weekday",
        "Day of the week where the borrower is, 1 Monday to 7 Sunday",
        "借款人当地星期，1 为周一，7 为周日",
        default=7,
        **_MOMENT,
    ),
    count(
        "preferred_from",
        "Hour of day from which the borrower wants to be contacted; 0 where they said nothing",
        "借款人希望开始联系的时刻（时）；未说明为 0",
        unit="hour",
        **_MOMENT,
    ),
    count(
        "preferred_to",
        "Hour of day from which on they don't; 24 where they said nothing",
        "借款人希望停止联系的时刻（时）；未说明为 24",
        unit="hour",
        default=24,
        **_MOMENT,
    ),
    count(
        "figures_age_hours",
        "Hours since the figures of the case were last brought up to date",
        "案件数据距上次更新的小时数",
        unit="hours",
        default=NEVER_DAYS,
        **_MOMENT,
    ),
)

_WISH = (
    text("channel", "Channel of the contact about to leave", "即将使用的渠道", values=CHANNELS, **_MOMENT),
    text("purpose", "Purpose of the contact about to leave", "联系目的", values=PURPOSES, **_MOMENT),
    text("party", "Who would be contacted", "联系对象", values=PARTIES, **_MOMENT),
    text(
        "collector",
        "Who asks: the lender's own team or an outside agency",
        "发起方：本机构或委外机构",
        values=("lender", "agency"),
        default="agency",
        **_MOMENT,
    ),
    flag("automated", "No person speaks or writes it", "自动外呼或自动发送，无人工参与", **_MOMENT),
    flag("ai_voice", "An artificial voice would speak", "使用人工智能语音", **_MOMENT),
    flag("ai_disclosed", "The artificial voice says that it is one", "已表明为人工智能语音", **_MOMENT),
    flag(
        "own_line", "It leaves by a line or account of the institution", "使用机构登记的号码或账号", **_MOMENT
    ),
    flag("at_workplace", "The number or address is at work", "号码或地址属工作单位", **_MOMENT),
    flag("discloses_debt", "It would tell of the debt or its amount", "内容会透露债务情况", **_MOMENT),
    flag("states_identity", "It says who is calling and for whom", "表明身份及所代表机构", **_MOMENT),
    flag("offers_opt_out", "It tells how to stop such messages", "告知退订方式", **_MOMENT),
    count("visitors", "People who would visit together", "上门人数", unit="people", **_MOMENT),
    flag("recorded", "The contact would be recorded from end to end", "全程录音或录像", **_MOMENT),
    count(
        "counted",
        "Contacts that the rule's own `count` selects; 0 where it has none",
        "本规则 count 条件选中的联系次数；没有则为 0",
        unit="contacts",
        **_MOMENT,
    ),
)

_POINT = (
    flag(
        "point_on_file",
        "The number or address is on file for this person",
        "号码或地址登记在此人名下",
        **_MOMENT,
    ),
    flag("point_invalid", "The number or address is known not to work", "号码或地址已知无效", **_MOMENT),
    flag("point_lawful", "The number or address came from a lawful source", "联系信息来源合法", **_MOMENT),
    days(
        "days_since_point_confirmed",
        "Days since the person used or confirmed the number or address; 9999 if never",
        "距本人最近使用或确认该号码的天数；从未确认为 9999",
        default=NEVER_DAYS,
        **_MOMENT,
    ),
    flag(
        "consent_given",
        "Consent for this channel, purpose and number stands",
        "已同意以此渠道、目的及号码联系",
        **_MOMENT,
    ),
    flag(
        "opted_out", "This channel, purpose or number was opted out of", "已退订此渠道、目的或号码", **_MOMENT
    ),
    flag("night_consent", "The borrower agreed to be contacted at night", "借款人同意夜间联系", **_MOMENT),
    flag(
        "workplace_forbidden",
        "Contact at work is unwelcome or forbidden there",
        "不得在工作单位联系",
        **_MOMENT,
    ),
    flag("party_stopped", "This person asked not to be contacted again", "该联系人已要求停止联系", **_MOMENT),
)

_BORROWER = (
    flag(
        "ceased", "The borrower demanded in writing that contact cease", "借款人书面要求停止联系", **_MOMENT
    ),
    flag("has_lawyer", "A lawyer represents the borrower in this", "借款人已委托律师", **_MOMENT),
    flag(
        "lawyer_silent",
        "The lawyer didn't answer in reasonable time or agreed",
        "律师逾期未答复或已同意直接联系",
        **_MOMENT,
    ),
    flag("deceased", "The borrower has died", "借款人已去世", **_MOMENT),
    flag("bankrupt", "Insolvency proceedings protect the borrower", "借款人处于破产程序", **_MOMENT),
    flag("moratorium", "A legal breathing space runs", "处于法定喘息期", **_MOMENT),
    flag(
        "debt_counsellor",
        "A debt counsellor is helping to make a plan",
        "债务顾问正在协助制定还款方案",
        **_MOMENT,
    ),
    flag("vulnerable", "The borrower is known to be vulnerable", "已知借款人处于弱势状态", **_MOMENT),
    flag("no_visits", "The borrower is not to be visited", "不得上门", **_MOMENT),
    flag(
        "debtor_lost",
        "The borrower can't be reached: number invalid, or three failures on three days",
        "失联：号码无效，或三日各有一次联系失败",
        **_MOMENT,
    ),
    flag(
        "first_contact",
        "Nobody of this collector has reached the borrower yet",
        "该催收方尚未联系上借款人",
        **_MOMENT,
    ),
)

_DEBT = (
    flag(
        "time_barred",
        "The period of limitation of a debt it is about has run out",
        "所涉债务已过诉讼时效",
        **_MOMENT,
    ),
    flag(
        "debt_unlawful",
        "A debt it is about is not lawful or not the borrower's",
        "所涉债务不合法或不属于借款人",
        **_MOMENT,
    ),
    flag("debt_sold", "A debt it is about was assigned to a new creditor", "所涉债权已转让", **_MOMENT),
    flag(
        "verification_due",
        "Verification that the borrower asked for was not sent yet",
        "借款人要求的债务核实资料尚未寄出",
        **_MOMENT,
    ),
    count(
        "placements",
        "Agencies that hold a debt it is about",
        "所涉债务的在委机构数",
        unit="agencies",
        **_MOMENT,
    ),
    flag(
        "placed_here",
        "The agency that asks holds every debt it is about",
        "发起机构持有所涉全部委案",
        **_MOMENT,
    ),
    flag(
        "agency_listed", "The agency that asks is on the lender's public list", "机构在公示名单上", **_MOMENT
    ),
    flag("agency_suspended", "The agency that asks is suspended or ended", "机构已暂停或终止合作", **_MOMENT),
    flag(
        "agency_contracted",
        "The lender itself has the contract with the agency",
        "机构由本机构直接签约",
        **_MOMENT,
    ),
    flag(
        "recording_overdue",
        "The agency that asks owes a recording that was demanded, past its time",
        "机构逾期未交应交录音",
        **_MOMENT,
    ),
)


def _notice(name: str, what: str, what_zh: str) -> Fact:
    return days(
        f"days_since_{name}",
        f"Days since {what} was given for every debt it is about; 9999 if never",
        f"距就所涉全部债务发出{what_zh}的天数；未发出为 9999",
        default=NEVER_DAYS,
        **_MOMENT,
    )


#: Kinds of notice that some step needs first, each the fact `days_since_KIND`.
NOTICES = {
    "validation_notice": ("the validation notice", "债务核实通知"),
    "arrears_notice": ("the notice of sums in arrears", "逾期通知"),
    "default_notice": ("the default notice", "违约通知"),
    "assignment_notice": ("the notice of assignment", "债权转让通知"),
    "placement_notice": ("the notice that an agency collects", "委外催收告知"),
    "credit_notice": ("the notice before an adverse credit report", "不良信息报送前告知"),
    "visit_notice": ("the notice of a visit", "上门告知"),
    "letter_of_claim": ("the letter of claim", "起诉前催告函"),
}

# The defaults of the moment are the answers that allow least: midnight on a Sunday, without consent.
MOMENT_FACTS = (
    *_TIME,
    *_WISH,
    *_POINT,
    *_BORROWER,
    *_DEBT,
    *(_notice(name, *words) for name, words in NOTICES.items()),
)
