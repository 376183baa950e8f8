"""The words of the pages for what the tables hold as codes, in both languages."""

from forbear.core.agencies.conduct import FINDINGS
from forbear.core.agencies.placement import ENDINGS
from forbear.core.bureaus.events import EVENTS as CREDIT_EVENTS
from forbear.core.court.lawsuit import AGAINST, DEADLINES
from forbear.core.court.lawsuit import ENDINGS as SUIT_ENDINGS
from forbear.core.evidence.kinds import KINDS
from forbear.core.facts.contact_facts import NOTICES as FACT_NOTICES
from forbear.core.sales.charge_off import REASONS as WRITE_OFF_REASONS
from forbear.core.sales.sale import EXCLUDED
from forbear.core.visits.visit import LACKS, TOLD
from forbear.core.visits.visit import OUTCOMES as VISIT_OUTCOMES
from forbear.core.visits.visit import STATES as VISITS

#: Each code as (中文, English).
CHANNELS = {
    "sms": ("短信", "Text message"),
    "email": ("邮件", "E-mail"),
    "voice": ("语音提醒", "Automatic call"),
    "call": ("电话", "Call"),
    "letter": ("信函", "Letter"),
    "push": ("推送", "App message"),
    "visit": ("上门", "Visit"),
    "agency": ("委外", "Agency"),
    "court": ("诉讼", "Court"),
    "bureau": ("征信报送", "Credit bureau"),
}
HANDLERS = {
    "system": ("系统", "System"),
    "internal": ("自催", "Own team"),
    "agency": ("委外", "Agency"),
    "legal": ("法务", "Legal"),
    "": ("—", "—"),
}
STATES = {
    "waiting": ("待发", "Waiting"),
    "claimed": ("处理中", "Claimed"),
    "sending": ("发送中", "Sending"),
    "sent": ("已发出", "Sent"),
    "unknown": ("结果不明", "Unknown"),
    "refused": ("规则不允许", "Refused by rule"),
    "failed": ("失败", "Failed"),
    "cancelled": ("已取消", "Cancelled"),
    "dead": ("需人工处理", "Needs a person"),
}
OUTCOMES = {
    "pending": ("结果未录", "Not yet known"),
    "connected": ("接通", "Answered"),
    "conversation": ("本人接听", "Spoke with the borrower"),
    "unanswered": ("未接", "No answer"),
    "voicemail": ("语音信箱", "Voicemail"),
    "invalid": ("号码无效", "Number invalid"),
    "delivered": ("已送达", "Delivered"),
    "undelivered": ("未送达", "Not delivered"),
    "not_sent": ("未发出", "Not sent"),
}
RESULTS = {
    "promise": ("承诺还款", "Promises to pay"),
    "will_pay": ("表示会还", "Says they will pay"),
    "cannot_pay": ("还款困难", "Can't pay now"),
    "disputes": ("有异议", "Disputes it"),
    "call_back": ("改时间再打", "Call back later"),
    "no_answer": ("未接", "No answer"),
    "voicemail": ("语音信箱", "Voicemail"),
    "wrong_person": ("非本人", "Wrong person"),
    "invalid": ("空号停机", "Number doesn't work"),
    "cease": ("要求停止联系", "Asks us to stop"),
    "lawyer": ("已委托律师", "Has a lawyer"),
    "deceased": ("借款人去世", "Has died"),
}
WILLINGNESS = {
    "willing": ("愿意还", "Willing"),
    "part": ("愿还一部分", "Willing in part"),
    "unable": ("愿意但无力", "Willing, not able"),
    "unwilling": ("不愿还", "Not willing"),
    "denies": ("否认债务", "Denies the debt"),
}
SITUATIONS = {
    "forgot": ("忘记还款", "Forgot"),
    "late_income": ("收入延迟", "Income came late"),
    "lost_job": ("失业", "Lost their job"),
    "illness": ("疾病", "Illness"),
    "family": ("家庭变故", "Family"),
    "disaster": ("灾害", "Disaster"),
    "business": ("经营困难", "Business in trouble"),
    "too_much_debt": ("负债过多", "Too much debt"),
    "dispute": ("对债务有异议", "Disputes the debt"),
    "other": ("其他", "Other"),
}
HOLDS = {
    "dispute": ("异议处理中", "Dispute"),
    "hardship": ("困难帮扶审核", "Hardship review"),
    "promise": ("承诺期内", "Open promise"),
    "plan": ("分期履行中", "Plan being kept"),
    "moratorium": ("法定喘息期", "Breathing space"),
    "counsellor": ("债务顾问介入", "Debt counsellor"),
    "cease": ("要求停止联系", "Asked us to stop"),
    "lawyer": ("律师代理", "Lawyer"),
    "deceased": ("已去世", "Deceased"),
    "bankrupt": ("破产程序", "Insolvency"),
    "vulnerable": ("弱势借款人", "Vulnerable"),
    "no_visits": ("不得上门", "No visits"),
    "verification": ("待寄核实资料", "Verification due"),
    "other": ("冻结", "Held"),
}
REQUESTS = {
    "hardship": ("困难帮扶申请", "Help in hardship"),
    "dispute": ("对欠款有异议", "Dispute"),
    "complaint": ("投诉", "Complaint"),
    "plan": ("分期申请", "A plan"),
    "extension": ("延期申请", "More time"),
    "written_notice": ("索取书面材料", "A written notice"),
    "credit_objection": ("征信异议", "Objection to a credit record"),
    "data_copy": ("索取个人信息副本", "A copy of their data"),
    "correction": ("更正信息", "Correct their data"),
    "wrong_person": ("我不是借款人", "Wrong person"),
    "report_caller": ("举报可疑来电", "A suspicious caller"),
    "lawyer": ("委托律师或代理人", "A lawyer or helper"),
    "payment_check": ("核对付款", "A payment to be checked"),
    "other": ("其他", "Something else"),
}
ANSWERS = {
    "booked": ("已入账", "Booked"),
    "not_received": ("未收到款项", "Not received"),
    "done": ("已办理", "Done"),
    "refused": ("不予支持", "Not accepted"),
    "reduced": ("降低每期金额", "Lower instalments"),
    "deferred": ("暂缓还款", "A pause"),
    "upheld": ("成立", "Upheld"),
    "partly": ("部分成立", "Partly upheld"),
    "corrected": ("已更正", "Corrected"),
    "confirmed": ("确认非本人", "Confirmed: wrong person"),
    "ours": ("属实，为我方人员", "It was us"),
    "not_ours": ("非我方人员", "It was not us"),
    "": ("—", "—"),
}
AGREEMENTS = {
    "open": ("未到期", "Open"),
    "proposed": ("待签字", "Waits for a signature"),
    "active": ("履行中", "Being kept"),
    "offered": ("有效", "Stands"),
    "kept": ("已履行", "Kept"),
    "broken": ("已中断", "Not kept"),
    "lapsed": ("已过期", "Lapsed"),
    "declined": ("未通过", "Declined"),
    "cancelled": ("已取消", "Cancelled"),
    "ended": ("已终止", "Ended"),
    "answered": ("已答复", "Answered"),
}
REASONS = {
    "identify": ("核实身份", "To identify the person"),
    "correct": ("更正资料", "To correct data"),
    "complaint": ("处理投诉", "To answer a complaint"),
    "legal": ("法律程序", "For a legal step"),
    "audit": ("审计", "For an audit"),
}
FORCES = {
    "law": ("法律", "Law"),
    "standard": ("国家标准", "Standard"),
    "self-regulation": ("行业自律", "Self-regulation"),
    "house": ("本机构规定", "House rule"),
}
#: The stages of the ready strategies; a lender's own keep their name.
STAGES = {
    "due_soon": ("临近到期", "Due soon"),
    "reminder": ("提醒", "Reminder"),
    "conversation": ("沟通", "Conversation"),
    "intensive": ("强化", "Intensive"),
    "legal": ("法律程序", "Legal steps"),
    "long_overdue": ("长期逾期", "Long overdue"),
    "": ("—", "—"),
}
ORDERS = {
    "opened": ("待付款", "Not paid yet"),
    "paid": ("已到账", "Arrived"),
    "failed": ("未扣款", "Not paid"),
    "doubtful": ("核对中", "Being checked"),
}
ENDED = ENDINGS | {"": ("委托中", "With the agency")}
AGENCY_STATES = {
    "proposed": ("待准入", "Waits to be admitted"),
    "admitted": ("合作中", "At work"),
    "suspended": ("暂停", "Suspended"),
    "ended": ("已终止", "Ended"),
    "declined": ("未准入", "Declined"),
}
SUSPENDED = {
    "misconduct": ("违规", "Misconduct"),
    "review": ("年度复核到期", "Yearly review due"),
    "papers": ("资质到期", "A paper ran out"),
    "own_plan": ("机构申请", "At its own wish"),
    "": ("—", "—"),
}
LISTED = {
    "proposed": ("待签字", "Waits for a signature"),
    "signed": ("已签，正在交付", "Signed, being placed"),
    "settled": ("已交付", "Placed"),
    "placed": ("已委托", "Placed"),
    "refused": ("规则不允许", "Refused by rule"),
    "dropped": ("不再委托", "Not placed"),
    "declined": ("未通过", "Declined"),
}
#: The parts of an agency's scorecard: name, and how it is reckoned.
CARD = {
    "conduct": (
        ("合规与人道", "Conduct"),
        (
            "每千次联系的加权问题数；0 为满分，50 为 0 分",
            "Weighted findings per 1,000 contacts; none is 100, 50 is 0",
        ),
    ),
    "record": (
        ("经验与业绩", "Record"),
        (
            "回款 ÷ 同类案件同期平均回款；1 为 50 分",
            "Money recovered ÷ what like cases brought in as many days; 1 is 50",
        ),
    ),
    "feedback": (
        ("借款人反馈", "Borrowers' feedback"),
        ("两个问题的平均分，1 到 5", "The mean of two answers, from 1 to 5"),
    ),
}
ROLES = {
    "collector": ("催收员", "Collector"),
    "lead": ("组长", "Lead"),
    "compliance": ("合规专员", "Compliance officer"),
    "analyst": ("策略分析师", "Analyst"),
    "manager": ("经理", "Manager"),
    "legal": ("法务", "Legal"),
    "agency": ("机构人员", "Agency"),
    "visitor": ("外访员", "Visitor"),
    "auditor": ("审计", "Auditor"),
    "administrator": ("系统管理员", "Administrator"),
}
PROOFS = {
    "totp": ("验证器应用", "Authenticator app"),
    "passkey": ("通行密钥", "Passkey"),
    "recovery": ("恢复码", "Recovery code"),
    "": ("—", "—"),
}
ACCOUNTS = {"works": ("正常", "Works"), "locked": ("已锁定", "Locked"), "ended": ("已终止", "Ended")}
#: What an account's history tells besides.
ACCESS_MORE = {
    "team": ("团队", "team"),
    "languages": ("语言", "languages"),
    "skills": ("可办阶段", "stages"),
    "capacity": ("每日容量", "cases a day"),
    "line": ("线路", "line"),
    "factor": ("验证方式", "proof"),
    "codes": ("恢复码", "recovery codes"),
}
LANGUAGES = {
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "es": ("西班牙文", "Spanish"),
}
#: What texts say of a lender, by the key in lender.yaml.
CONTACT_LINES = {
    "phone": ("电话", "telephone"),
    "address": ("地址", "address"),
    "regulator": ("监管投诉渠道", "where to complain to the regulator"),
    "bureau": ("征信机构", "credit bureau"),
    "court": ("管辖法院", "court"),
}
#: What a program's key lets it do.
SCOPES = {
    "permits:ask": ("申请联系许可", "Ask for permits"),
    "contacts:read": ("查看联系", "Read contacts"),
    "contacts:write": ("登记联系及结果", "Write contacts and outcomes"),
    "payments:write": ("报送还款", "Report payments"),
    "placements:read": ("查看委托案件", "Read placements"),
    "placements:write": ("登记委托进展", "Work placements"),
    "webhooks:manage": ("登记回调", "Set up hooks"),
}
HOOKS = {
    "contact.ended": ("联系结束", "A contact ended"),
    "contact.refused": ("联系被拒绝", "A contact was refused"),
    "due_date.moved": ("到期日变更", "A due date moved"),
    "payment.recorded": ("还款到账", "A payment was recorded"),
    "placement.placed": ("案件委出", "A case was placed"),
    "placement.recalled": ("案件收回", "A case was taken back"),
    "visit.alarm": ("外访告警", "A visitor's alarm"),
}
ORIGINS = {
    "file": ("文件", "the file"),
    "default": ("默认", "default"),
    "environment": ("环境变量", "environment"),
}
#: What was done to an account or a key.
ACCESS = {
    "made": ("建立账号", "Account made"),
    "changed": ("更改工作安排", "Work changed"),
    "role_proposed": ("提交任命", "Role proposed"),
    "role_changed": ("更改岗位", "Role changed"),
    "role_declined": ("任命未通过", "Role declined"),
    "locked": ("锁定", "Locked"),
    "unlocked": ("解锁", "Unlocked"),
    "ended": ("终止账号", "Account ended"),
    "sessions_ended": ("退出所有会话", "Signed out everywhere"),
    "password_given": ("生成初始密码", "First password made"),
    "password_changed": ("更改密码", "Password changed"),
    "factor_added": ("添加验证", "Proof added"),
    "factor_removed": ("移除验证", "Proof taken away"),
    "factors_reset": ("重置全部验证", "All proofs reset"),
    "codes_made": ("生成恢复码", "Recovery codes made"),
    "recovery_used": ("使用恢复码", "Recovery code used"),
    "sso_bound": ("绑定公司账号", "Bound to the company account"),
    "key_made": ("生成密钥", "Key made"),
    "key_ended": ("终止密钥", "Key ended"),
    "webhook_ended": ("终止回调", "Hook ended"),
}
VERSIONS = {
    "draft": ("草案", "Draft"),
    "proposed": ("待签字", "Waits for a signature"),
    "signed": ("已签", "Signed"),
    "declined": ("未通过", "Declined"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
TRIALS = {
    "": ("未试算", "Not tried"),
    "waiting": ("等待试算", "Waits to be tried"),
    "running": ("试算中", "Being tried"),
    "done": ("已试算", "Tried"),
    "failed": ("试算失败", "Could not be tried"),
}
#: What came of a dry run that could not be finished; others are told in their own words.
TRIED = {
    "no_night": (
        "还没有发布过日终，试算需要先有一次",
        "There is no night at the desk yet; a dry run needs one",
    ),
    "error": (
        "试算中出现错误，草案没有改变；详情见服务器日志",
        "The dry run broke off with an error; the draft is unchanged, and the server's log has the details",
    ),
}
SALES = {
    "proposed": ("待签字", "Waits for a signature"),
    "signed": ("已签，正在办理", "Signed, under way"),
    "done": ("已转让", "Sold"),
    "declined": ("未通过", "Declined"),
    "in": ("拟转让", "To be sold"),
    "out": ("不转让", "Left out"),
    "sold": ("已转让", "Sold"),
    "dropped": ("已剔除", "Dropped"),
}
VERDICTS = {
    "good": ("良好", "Good"),
    "coach": ("可以更好", "Could be better"),
    "breach": ("不合规", "Should not have been so"),
}
EVENTS = KINDS
WAYS = {
    "payment_order": ("支付令", "Order to pay"),
    "small_claim": ("小额诉讼", "Small claim"),
    "claim": ("起诉", "Claim"),
}
SUITS = {
    "proposed": ("待签字", "To be signed"),
    "signed": ("已签字", "Signed"),
    "declined": ("已退回", "Declined"),
    "demanded": ("已发起诉前告知函", "Letter before claim sent"),
    "mediating": ("调解中", "In mediation"),
    "filed": ("已立案（提交法院）", "Filed with the court"),
    "rejected": ("法院不予受理", "Not taken by the court"),
    "served": ("已送达", "Served"),
    "objected": ("对方提出异议", "Objected to"),
    "judged": ("已判决", "Decided"),
    "appealed": ("已上诉", "Appealed"),
    "in_force": ("已生效", "In force"),
    "enforcing": ("申请执行", "Enforcement applied for"),
    "withdrawing": ("撤回中", "Being withdrawn"),
    "ended": ("已结束", "Ended"),
}
NOTICES = {name: (zh, en) for name, (en, zh) in FACT_NOTICES.items()}
ACTING = {
    "lawyer": ("律师", "A lawyer"),
    "counsellor": ("债务顾问", "A debt adviser"),
    "helper": ("亲友", "A relative or friend"),
}
PARTIES = {
    "debtor": ("本人", "The borrower"),
    "lawyer": ("律师", "Their lawyer"),
    "helper": ("代理人", "Their helper"),
    "guarantor": ("担保人", "Guarantor"),
    "executor": ("遗产管理人", "Executor"),
    "related": ("亲友", "A relative or friend"),
    "unrelated": ("第三人", "Somebody else"),
    "employer": ("单位", "Employer"),
}
FIELDS = {
    "reason": ("原因", "Reason"),
    "role": ("身份", "Role"),
    "name": ("姓名", "Name"),
    "phone": ("电话", "Phone"),
    "email": ("邮箱", "E-mail"),
    "address": ("地址", "Address"),
    "amount": ("金额", "Amount"),
    "ref": ("支付机构流水号", "The provider's reference"),
    "because": ("疑点", "What doesn't fit"),
}
#: Others keep their code of ISO 4217.
CURRENCIES = {"CNY": ("元", "CNY")}
CREDIT_FORMS = {
    "cn": ("二代征信 月报", "China, month"),
    "cn_events": ("二代征信 事件", "China, events"),
    "metro2": ("Metro 2 月报", "Metro 2, month"),
}
CREDIT_KINDS = {
    "monthly": ("月末", "Month's end"),
    "correction": ("更正", "Correction"),
    "withheld": ("未报送", "Withheld"),
    **CREDIT_EVENTS,
}
COUNTED = {
    "any": ("所有联系", "all contacts"),
    "connected": ("接通的", "answered"),
    "conversation": ("本人接听的", "with the borrower"),
    "unanswered": ("未接的", "unanswered"),
}
COUNTED_BY = {
    "debtor": ("每个借款人", "of a borrower"),
    "debt": ("每笔贷款", "of a loan"),
    "number": ("每个号码", "to a number"),
}
TABLES = {
    "counted": COUNTED,
    "provider": {"by_hand": ("人工拨打", "dialled by hand")},
    "counted_by": COUNTED_BY,
    "credit_form": CREDIT_FORMS,
    "credit_kind": CREDIT_KINDS,
    "channel": CHANNELS,
    "against": AGAINST,
    "currency": CURRENCIES,
    "deadline": DEADLINES,
    "lawsuit": SUITS,
    "lawsuit_ended": SUIT_ENDINGS,
    "lawsuit_procedure": WAYS,
    "field": FIELDS,
    "party": PARTIES,
    "acting": ACTING,
    "handler": HANDLERS,
    "stage": STAGES,
    "state": STATES,
    "outcome": OUTCOMES,
    "result": RESULTS,
    "willingness": WILLINGNESS,
    "situation": SITUATIONS,
    "hold": HOLDS,
    "reason": REASONS,
    "force": FORCES,
    "event": EVENTS,
    "request": REQUESTS,
    "answer": ANSWERS,
    "agreement": AGREEMENTS,
    "order": ORDERS,
    "ending": ENDED,
    "finding": FINDINGS,
    "agency": AGENCY_STATES,
    "suspended": SUSPENDED,
    "listed": LISTED,
    "role": ROLES,
    "verdict": VERDICTS,
    "version": VERSIONS,
    "trial": TRIALS,
    "tried": TRIED,
    "account": ACCOUNTS,
    "access": ACCESS,
    "access_more": ACCESS_MORE,
    "contact_line": CONTACT_LINES,
    "hook": HOOKS,
    "language": LANGUAGES,
    "origin": ORIGINS,
    "scope": SCOPES,
    "proof": PROOFS,
    "visit": VISITS,
    "visit_outcome": {code: each.name for code, each in VISIT_OUTCOMES.items()},
    "lack": LACKS,
    "way": TOLD,
    "excluded": EXCLUDED,
    "write_off": WRITE_OFF_REASONS,
    "sale": SALES,
}


def word(table: str, code: str, chinese: bool) -> str:
    """The word for a code; the code itself where a lender has codes of its own."""
    pair = TABLES[table].get(code)
    return code if pair is None else pair[0 if chinese else 1]
