"""The settings of a lender's home as an administrator reads them: in groups, each with its name and a line of meaning.

A setting is found by its file and key; keys that end in a role, a kind of request or a channel share one entry, whose
name is followed by the word for it. A test holds that every setting there is has its words in both languages.
"""

from dataclasses import dataclass

from forbear.core.agreements.request import KINDS
from forbear.interchange.home.setting_rows import Told
from forbear.web import labels as words

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Meant:
    """What a setting is called and means, in both languages; `unit` says how its value is told, see `_value`."""

    name_zh: str
    name_en: str
    meaning_zh: str
    meaning_en: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A setting with its words in one language, its value with its unit, and where it stands."""

    name: str
    meaning: str
    value: str
    told: Told


#: What follows a number; English has a form for one and one for many.
UNITS: dict[str, tuple[str, str, str]] = {
    "days": ("天", "day", "days"),
    "business": ("个工作日", "business day", "business days"),
    "months": ("个月", "month", "months"),
    "hours": ("小时", "hour", "hours"),
    "minutes": ("分钟", "minute", "minutes"),
    "metres": ("米", "metre", "metres"),
    "kmh": ("公里/小时", "km/h", "km/h"),
    "minor": ("最小货币单位", "smallest unit of the currency", "smallest units of the currency"),
    "times": ("次", "time", "times"),
    "instalments": ("期", "instalment", "instalments"),
    "signs": ("位", "character", "characters"),
    "cores": ("个内核", "core", "cores"),
    "points": ("分", "point", "points"),
    "visits": ("次上门", "visit", "visits"),
    "proxies": ("层", "proxy", "proxies"),
}
_YES_NO = {"True": ("是", "Yes"), "False": ("否", "No"), "1": ("是", "Yes"), "0": ("否", "No")}
#: Where single sign-on leaves something to the provider or does it itself.
_SIDES = {"here": ("本系统", "Forbear"), "provider": ("身份提供方", "the provider")}

_LENDER: dict[str, Meant] = {
    "name": Meant("机构名称", "The lender's name", "页面、信息和信函上的名称",
        "As pages, messages and letters say it"),
    "contact": Meant("联系信息", "Contact", "文本和页面这样介绍本机构",
        "What texts and pages say of the lender"),
    "timezone": Meant("时区", "Time zone", "按它划分营业日",
        "The lender's day begins and ends by it"),
    "url": Meant("访问地址", "Address of the pages", "链接与核验页使用；https 时只经 https 传送 Cookie",
        "Links lead there; with https, cookies go over https only"),
    "strategy": Meant("策略文件", "Strategy", "没有在工作台签字生效的策略时，日终采用它",
        "The night goes by it where none was signed at the desk"),
    "packs": Meant("规则包", "Rule packs", "联系规则；多个合并，从严适用",
        "The rules of contact; several are merged, the strictest wins"),
    "templates": Meant("文本模板", "Approved texts", "只有这些文本可以发出",
        "Only these texts can leave"),
    "database": Meant("数据库", "Database", "工作台的数据存放处",
        "Where the desk keeps its tables"),
    "threads": Meant("使用内核数", "Cores used", "日终和导入最多使用的内核",
        "How many a night and an import may use", "cores"),
    "largest_quarantine": Meant("隔离上限", "Most that is set aside", "被隔离的行超过此比例，则整次导入被拒绝",
        "An import with a larger share of bad rows is refused", "share"),
    "feed_encoding": Meant("数据文件编码", "Encoding of the feed", "CSV 文件的文字编码",
        "How the CSV files are written"),
}  # fmt: skip
_PROMISE: dict[str, Meant] = {
    "longest_days": Meant("最长期限", "Longest promise", "承诺日期距今天最多",
        "From today to the promised day", "days"),
    "least_share": Meant("最低比例", "Least share", "承诺金额至少占逾期金额的",
        "Of what is past due", "percent"),
    "grace_days": Meant("宽限", "Grace", "承诺日之后仍算兑现的时间",
        "After its day a payment still keeps it", "days"),
    "tolerance": Meant("容差", "Tolerance", "差额在此比例内仍算兑现",
        "So much less still keeps it", "percent"),
    "most_broken": Meant("失约上限", "Most broken", "失约达到此次数后，只有组长可再接受承诺",
        "After so many only a lead takes another", "times"),
}  # fmt: skip
_PLAN: dict[str, Meant] = {
    "most_months": Meant("最长期限", "Longest plan", "分期方案最多",
        "A plan has at most", "months"),
    "least_instalment": Meant("每期最低金额", "Least instalment", "低于此金额的方案不能提出",
        "No plan has smaller ones", "minor"),
    "first_within": Meant("首期期限", "First instalment within", "首期距达成最多",
        "From the day it is agreed", "days"),
    "own_limit": Meant("一人可批金额", "One signature up to", "超过此金额须第二人签字",
        "Above this amount a second person signs", "minor"),
    "own_months": Meant("一人可批期限", "One signature up to", "长于此期限须第二人签字",
        "Beyond this length a second person signs", "months"),
    "grace_days": Meant("宽限", "Grace", "到期后仍算按时的时间",
        "After its day an instalment still counts", "days"),
    "missed_to_break": Meant("失约期数", "Missed to break it", "漏付达到此期数，方案终止",
        "So many missed end the plan", "instalments"),
    "tolerance": Meant("容差", "Tolerance", "每期差额在此比例内仍算已付",
        "So much less still counts as paid", "percent"),
}  # fmt: skip
_SETTLEMENT: dict[str, Meant] = {
    "authority": Meant("可自行减免", "May waive alone", "此岗位一人可同意的最大减免比例",
        "The largest discount one person of the role may grant", "basis"),
    "floor": Meant("本金底线", "Floor", "本金至少归还的比例",
        "The share of principal that is always paid", "basis"),
    "longest_days": Meant("有效期", "Longest offer", "减免方案的付款期限最长",
        "How long an offer stands", "days"),
    "from_days_past_due": Meant("起始逾期天数", "Earliest", "逾期满此天数才可提出",
        "None is made before so many days past due", "days"),
}  # fmt: skip
_EXTENSION: dict[str, Meant] = {
    "after_paid": Meant("须已付期数", "After paid", "已按期付过这么多期",
        "So many instalments were paid before", "instalments"),
    "days_before": Meant("提前申请", "Asked before", "至少在到期前提出",
        "So long before the due date at the latest", "days"),
    "longest_days": Meant("最多推后", "Longest move", "到期日最多推后",
        "A due date moves by at most", "days"),
    "a_year": Meant("每年次数", "In a year", "365 天内最多自动同意",
        "Agreed to at once in 365 days at most", "times"),
}  # fmt: skip
_PLACEMENT: dict[str, Meant] = {
    "longest_days": Meant("委托期", "Term", "一次委托最长",
        "A placement lasts at most", "days"),
    "tail_days": Meant("收回后计佣期", "Tail", "收回后仍计入机构回款",
        "After it ends, payments still count as the agency's", "days"),
    "from_days_past_due": Meant("起始逾期天数", "Earliest", "逾期满此天数才可委外",
        "Nothing goes out before so many days past due", "days"),
    "least_amount": Meant("最低金额", "Least amount", "低于此逾期金额不委外",
        "Smaller arrears don't go out", "minor"),
    "chance_share": Meant("随机分配比例", "Dealt by lot", "随机平均分给各机构，用于公平比较",
        "Dealt evenly, so that agencies can be compared fairly", "percent"),
    "most_share": Meant("单家上限", "Most for one", "一份名单中一家机构最多占",
        "Of a list, for one agency", "percent"),
    "least_conduct": Meant("合规分下限", "Least conduct score", "低于此分不再分配新案件",
        "Below it an agency gets nothing new", "points"),
    "harm_price": Meant("违规折价", "Price of a finding", "每项违规在分配测算中计为",
        "What a finding against conduct costs in the reckoning", "minor"),
    "answer_days": Meant("交录音期限", "Recordings within", "逾期未交录音，机构的许可停止",
        "Later an agency's permits stop", "days"),
}  # fmt: skip
_COURT: dict[str, Meant] = {
    "from_days_past_due": Meant("起始逾期天数", "Earliest", "逾期满此天数才可起诉",
        "Nobody is sued before so many days past due", "days"),
    "least_amount": Meant("起诉下限", "Least amount", "剩余欠款低于此不起诉",
        "Less is not sued on", "minor"),
    "share": Meant("预计收回比例", "Share that comes in", "标的额最终收回的比例，据本机构记录",
        "Of a claim, by the lender's own record", "basis"),
    "own_cost": Meant("每件自身费用", "Own cost", "诉讼费以外的费用",
        "What a lawsuit costs besides the court's fee", "minor"),
    "letter_before_claim_days": Meant("告知函答复期", "Time to answer", "起诉前告知函送达后等待",
        "Waited after the letter before claim arrived", "days"),
    "post_days": Meant("视为送达", "Counts as arrived", "邮局没有回报时，寄出后视为送达",
        "After it left, where no post reports", "days"),
    "mediation_days": Meant("调解期限", "Mediation", "给调解的时间",
        "How long a mediation is given", "days"),
    "small_claim_most": Meant("小额诉讼上限", "Largest small claim", "超过此金额走普通程序",
        "Above it an ordinary claim is made", "minor"),
    "hurry_days": Meant("时效提醒", "Urgent before", "距时效届满不足此天数标为紧急",
        "So long before it is out of time", "days"),
    "decision_days": Meant("无逾期后的决定期", "Time to decide", "逾期已还清而其余未到期的案件，到期自动停止",
        "Then a lawsuit without anything late stops by itself", "days"),
}  # fmt: skip
_VISIT: dict[str, Meant] = {
    "first_hour": Meant("最早", "Earliest", "上门不早于",
        "No visit is before", "clock"),
    "last_hour": Meant("最晚", "Latest", "上门不晚于",
        "No visit is after", "clock"),
    "door_minutes": Meant("每次用时", "At the door", "路线按每次上门用时计算",
        "Reckoned for one visit", "minutes"),
    "most_a_day": Meant("每日上限", "Most in a day", "每组每天最多",
        "For a pair of visitors", "visits"),
    "speed_kmh": Meant("行驶速度", "Speed", "路线测算用",
        "For reckoning ways", "kmh"),
    "detour_percent": Meant("绕行系数", "Detour", "实际路程相当于直线距离的",
        "A way, of the straight line", "percent"),
    "same_area_minutes": Meant("同区路程", "Within an area", "没有坐标时，同一区域内",
        "Between two doors without coordinates", "minutes"),
    "other_area_minutes": Meant("跨区路程", "Between areas", "没有坐标时，不同区域之间",
        "Between two doors without coordinates", "minutes"),
    "approval_days": Meant("批准有效期", "Approval good for", "过期须重新审批",
        "Later it needs another", "days"),
    "leave_minutes": Meant("出发许可有效期", "Permit good for", "出发前取得的许可",
        "Taken before setting out", "minutes"),
    "near_metres": Meant("到达判定", "Counts as there", "距地址在此范围内（另加定位误差）",
        "From the address, besides the phone's own error", "metres"),
    "recording_hours": Meant("录音上传期限", "Recording within", "上门结束后须上传全程录音",
        "After the visit, of all of it", "hours"),
    "plan_hour": Meant("路线安排时间", "Routes from", "每天此时起安排次日路线；24 为不安排",
        "Tomorrow's are worked out from then on; 24 is never", "clock"),
}  # fmt: skip
_WRITE_OFF: dict[str, Meant] = {
    "from_days_past_due": Meant("起始逾期天数", "Earliest", "逾期满此天数才建议核销",
        "Recommended from so many days past due", "days"),
    "quiet_days": Meant("无还款天数", "Without a payment", "且在此期间没有还款",
        "And nothing was paid for so long", "days"),
    "deceased_days": Meant("身故后", "After a death", "借款人身故的，逾期满此天数",
        "Days past due, where the borrower died", "days"),
    "bankrupt_days": Meant("破产后", "In insolvency", "借款人破产的，逾期满此天数",
        "Days past due, where the borrower is insolvent", "days"),
}  # fmt: skip
_SIGN_IN: dict[str, Meant] = {
    "second_factor": Meant("须第二验证的岗位", "Second proof for", "只凭密码不能工作的岗位",
        "Roles that may not work with a password alone", "role"),
    "password: least_length": Meant("密码最短", "Least length", "密码至少",
        "A password has at least", "signs"),
    "password: known_bad": Meant("禁用密码表", "Refused passwords", "此文件中的密码不可使用，一行一个",
        "A file of passwords that are refused, one a line"),
    "session: idle_minutes": Meant("无操作退出", "Idle", "无操作达到此时长即退出",
        "A session ends when nothing was asked for so long", "minutes"),
    "session: longest_hours": Meant("最长会话", "Longest session", "登录后最长",
        "In any case so long after it began", "hours"),
}  # fmt: skip
_SSO: dict[str, Meant] = {
    "issuer": Meant("身份提供方", "The provider", "OpenID 提供方的地址",
        "The address of the OpenID provider"),
    "client_id": Meant("客户端标识", "Client", "本系统在提供方的标识",
        "What the provider calls Forbear"),
    "client_secret_env": Meant("密钥所在变量", "Where the secret is", "存放客户端密钥的环境变量名",
        "The variable that holds the client's secret"),
    "name": Meant("按钮文字", "Button", "登录页按钮上的文字",
        "What the button on the way in says"),
    "scopes": Meant("请求范围", "Scopes", "向提供方请求的内容",
        "What the provider is asked for"),
    "name_claim": Meant("账号字段", "Name claim", "哪一项是账号名",
        "The claim that holds the account's name"),
    "role_claim": Meant("岗位字段", "Role claim", "按哪一项确定岗位",
        "The claim that roles go by"),
    "roles": Meant("组与岗位", "Role of a group", "先符合的生效；为空由管理员给岗位",
        "The first that fits; without any an administrator gives roles", "role"),
    "make_accounts": Meant("自动建立账号", "Make accounts", "让没有账号但组内有岗位的人进入",
        "Let in whom nobody made an account for, by their group", "yes"),
    "second_proof": Meant("第二验证由", "Second proof by", "由谁要求第二验证",
        "Who asks for it", "side"),
    "sign_out": Meant("退出到", "Sign out", "退出时是否也退出提供方",
        "Whether signing out goes on at the provider", "side"),
    "only": Meant("仅单点登录", "Only this way", "密码只留给管理员",
        "Passwords are left to administrators", "yes"),
}  # fmt: skip
_ENVIRONMENT: dict[str, Meant] = {
    "FORBEAR_HOME": Meant("机构目录", "The home", "各设置文件和数据所在的目录",
        "The folder of these files and the data"),
    "FORBEAR_DATABASE": Meant("数据库", "Database", "优先于 lender.yaml 中的设置，口令不显示",
        "Goes before lender.yaml; its password is not shown"),
    "FORBEAR_PROXIES": Meant("代理层数", "Proxies", "前面有几层自己的代理",
        "How many of one's own stand in front", "proxies"),
}  # fmt: skip
_SECRET = Meant("单点登录密钥", "Secret of single sign-on", "只显示是否已设置", "Told only as there or not")

#: (key of the group, its title), in the order of the page, with what stands in it: by file, what comes before the
#: setting's own key, and the words.
GROUPS: tuple[tuple[str, Pair, str, str, dict[str, Meant]], ...] = (
    ("lender", ("本机构", "The lender"), "lender.yaml", "", _LENDER),
    ("promise", ("还款承诺", "Promises"), "policy.yaml", "promise: ", _PROMISE),
    ("plan", ("分期方案", "Plans"), "policy.yaml", "plan: ", _PLAN),
    ("settlement", ("减免", "Settlements"), "policy.yaml", "settlement: ", _SETTLEMENT),
    ("extension", ("自助改期", "Moving a due date at once"), "policy.yaml", "extension: ", _EXTENSION),
    ("placement", ("委外", "Agencies"), "policy.yaml", "placement: ", _PLACEMENT),
    ("court", ("诉讼", "Court"), "policy.yaml", "court: ", _COURT),
    ("visit", ("上门", "Visits"), "policy.yaml", "visit: ", _VISIT),
    ("write_off", ("核销", "Writing off"), "policy.yaml", "write_off: ", _WRITE_OFF),
    ("sale", ("债权转让", "Sales"), "policy.yaml", "sale: ", {
        "only_written_off": Meant("仅转让已核销", "Only what is written off", "其他贷款不转让",
            "No other loan is sold", "yes"),
    }),
    ("credit_file", ("征信文件", "Files for credit bureaus"), "policy.yaml", "credit_file: ", {
        "keep_days": Meant("保存期限", "Kept for", "为征信机构生成的文件到期删除",
            "Then a file made for a bureau is erased", "days"),
    }),
    ("clocks", ("申请答复期限", "Answering requests"), "policy.yaml", "", {
        "clocks": Meant("答复", "Answer", "须在此期限内由人答复", "A person answers within", "request"),
        "calendar": Meant("工作日历", "Calendar", "按哪个国家的节假日计算工作日",
            "Whose holidays business days go by"),
    }),
    ("costs", ("联系成本", "Costs of contact"), "policy.yaml", "", {
        "costs": Meant("单价", "Price", "一次联系的成本，用于成本报表",
            "Of one contact, for the figures of cost", "minor"),
    }),
    ("sign_in", ("登录", "Signing in"), "sign_in.yaml", "", _SIGN_IN),
    ("sso", ("单点登录", "Single sign-on"), "sign_in.yaml", "sso: ", _SSO),
    ("environment", ("环境变量", "Environment"), "environment", "", _ENVIRONMENT),
)  # fmt: skip
#: Entries whose keys go on with a code, and the table of its words.
_CODED = {
    "settlement: authority": "role",
    "clocks": "request",
    "costs": "channel",
    "contact": "contact_line",
    "sso: roles": "",
}


def meant(told: Told) -> tuple[str, Meant, str] | None:
    """The group of a setting, its words, and the code that its key goes on with; None where it has no words."""
    coded, code = next(
        ((name, told.name.removeprefix(f"{name}: ")) for name in _CODED if told.name.startswith(f"{name}: ")),
        (told.name, ""),
    )
    for group, _, file, before, entries in GROUPS:
        if file == told.file and coded.startswith(before):
            found = entries.get(coded.removeprefix(before))
            if found is not None:
                return group, found, code
    return ("sso", _SECRET, "") if told.file == "environment" else None


def grouped(rows: list[Told], chinese: bool) -> list[tuple[str, str, str, list[Row]]]:
    """The settings by group, in the page's order: (key, title, file, rows). Groups without a setting are left out."""
    found: dict[str, list[Row]] = {}
    for told in rows:
        known = meant(told)
        assert known is not None, f"{told.file}: {told.name} has no words"
        group, means, code = known
        name = means.name_zh if chinese else means.name_en
        if code:
            table = next(table for key, table in _CODED.items() if told.name.startswith(f"{key}: "))
            name += ("：" if chinese else ": ") + (words.word(table, code, chinese) if table else code)
        unit = means.unit
        if unit == "request":
            unit = "business" if KINDS[code].business else "days"
        found.setdefault(group, []).append(
            Row(
                name,
                means.meaning_zh if chinese else means.meaning_en,
                _value(told.value, unit, chinese),
                told,
            )
        )
    return [
        (key, title[0 if chinese else 1], found[key][0].told.file, found[key])
        for key, title, *_ in GROUPS
        if key in found
    ]


def _value(value: str, unit: str, chinese: bool) -> str:
    """A value as people read it: amounts with separators, shares as percent, codes as words, units behind."""
    language = 0 if chinese else 1
    if value in ("", "—"):
        return "—"
    if unit in ("yes", "side"):
        return (_YES_NO | _SIDES)[value][language]
    if unit == "role":
        return ("、" if chinese else ", ").join(
            words.word("role", each, chinese) for each in value.split(", ")
        )
    if unit == "clock":
        return f"{value}:00"
    if unit in _PERCENT:
        return f"{float(value) * _PERCENT[unit]:g}%"
    if unit not in UNITS:
        return value
    zh, one, many = UNITS[unit]
    number = int(value)
    return f"{number:,} {zh if chinese else one if number == 1 else many}"


#: What makes one percent of a value.
_PERCENT = {"percent": 1, "basis": 0.01, "share": 100}
