"""The words of a court bundle in both languages: titles, the application itself, and the heads of its tables.

Drafts for a lawyer's hand: what is asked for and on what it rests. Amounts and dates are put in by `court_papers`.
"""

TITLES = {
    "payment_order": ("支付令申请材料", "Application for an order to pay: bundle"),
    "small_claim": ("小额诉讼材料", "Small claim: bundle"),
    "claim": ("民事起诉材料", "Claim: bundle"),
}
APPLICATIONS = {
    "payment_order": ("支付令申请书", "Application for an order to pay"),
    "small_claim": ("民事起诉状（小额诉讼程序）", "Statement of claim (small claims procedure)"),
    "claim": ("民事起诉状", "Statement of claim"),
}
#: What the application is called where the court's own word is another.
CALLED = {"us": "Complaint", "uk": "Particulars of claim"}
DETAILS = {
    "claimant": ("申请人（原告）", "Claimant"),
    "address": ("地址、电话", "Address, telephone"),
    "defendant": ("被申请人（被告）", "Defendant"),
    "defendant_address": ("被申请人地址", "Defendant's address"),
    "born": ("出生日期", "Born"),
    "court": ("受理法院", "Court"),
    "docket": ("案号", "Docket"),
    "amount": ("标的额", "Amount claimed"),
    "as_of": ("账目截至", "Figures as of"),
    "number": ("编号", "Reference"),
    "papers": ("附件份数", "Papers attached"),
}
#: The parts of the amount, behind it.
IN_PARTS = ("（{}）", " ({})")
#: The court's language, by the country whose courts are asked.
LANGUAGE = {"cn": "zh", "us": "en", "uk": "en"}
#: What stands for what is not known.
UNKNOWN = {
    "court": ("（尚未填写）", "(not entered yet)"),
    "docket": ("（尚未立案）", "(not filed yet)"),
    "address": ("（无记录）", "(not on record)"),
    "born": ("（无记录）", "(not on record)"),
    "papers": ("（无）", "(none on record)"),
}
#: The application by country, in its court's language: {amount}, {parts}, {due}, {loans}, {since}, {as_of}, {fee},
#: {court}, the sentences of CLAIMED ({agreed_on}, {missed}, {listed}) and those of FACTS are put in.
CLAIM = {
    "cn": (
        "请求事项",
        "1. {asked}被申请人偿还到期未还的借款本息合计 {amount}{parts}；\n"
        "2. 案件受理（申请）费由被申请人承担（按《诉讼费用交纳办法》计算为 {fee}，以法院通知为准）。",
        "事实与理由",
        "{agreed_on}自{since}起{missed}，截至{as_of}到期未还合计 {due}。{listed}见第二部分。",
        "{contacts}{notices}{agreed}",
        "{penalty}",
        "依据《中华人民共和国民法典》第六百七十四条、第六百七十五条、第六百七十六条{procedure}，提出上述请求。",
        "此致\n{court}",
        "申请人（盖章）：\n日期：",
    ),
    "us": (
        "Relief requested",
        "1. Judgment for {amount}{parts}, due and unpaid.\n"
        "2. Costs of this action (filing fee by the lender's table: {fee}; the court's own schedule decides).",
        "Facts",
        "{agreed_on}Since {since}, {missed}; on {as_of} {due} is due. {listed} is in part 2.",
        "{contacts}{notices}{agreed}",
        "{penalty}",
        "To {court}",
        "For the plaintiff:\nDate:",
    ),
    "uk": (
        "Relief claimed",
        "1. Payment of {amount}{parts}, which is due.\n2. Costs (issue fee by the fees order: {fee}).",
        "Particulars",
        "{agreed_on}Since {since}, {missed}; on {as_of} {due} is due. Only "
        "sums that have fallen due are claimed. {listed} is in part 2.",
        "{contacts}{notices}{agreed}",
        "{penalty}",
        "To {court}",
        "Statement of truth (to be signed by the claimant):\n"
        "The claimant believes that the facts stated in these particulars are true.\nSigned:\nDate:",
    ),
}
#: What was agreed and missed, by country, of loans with a schedule and of accounts without one.
CLAIMED = {
    "cn": (
        (
            "被申请人与申请人订有借款合同（{lent}），约定分期偿还。",
            "有 {count} 期到期未还",
            "逐期账目与每笔还款",
        ),
        ("被申请人与申请人订有信贷合同（{lent}）。", "有款项到期未还", "账户余额、到期款项与每笔还款"),
    ),
    "us": (
        (
            "Plaintiff and defendant made a loan agreement ({lent}), repayable in instalments. ",
            "{count} instalments have fallen due and are unpaid",
            "Each instalment and each payment",
        ),
        (
            "Plaintiff holds the account of defendant ({lent}). ",
            "sums on it have fallen due and are unpaid",
            "What is due by part and each payment on record",
        ),
    ),
    "uk": (
        (
            "By a credit agreement ({lent}) the claimant lent money repayable by instalments. ",
            "{count} instalments have fallen due and are unpaid",
            "Each instalment and each payment",
        ),
        (
            "By a credit agreement the defendant owes the claimant on an account ({lent}). ",
            "sums on it have fallen due and are unpaid",
            "What is due by part and each payment on record",
        ),
    ),
}
#: What a Chinese court is asked for, by the way, and on which law.
ASKED = {
    "payment_order": ("请求依法发出支付令，督促", "以及《中华人民共和国民事诉讼法》关于督促程序的规定"),
    "small_claim": ("请求判令", "以及《中华人民共和国民事诉讼法》关于小额诉讼程序的规定"),
    "claim": ("请求判令", "以及《中华人民共和国民事诉讼法》的规定"),
}
#: What no due date is known of.
REST = ("账户其余余额", "Rest of the balance")
#: A sentence for what is on record, and one for when nothing is.
FACTS = {
    "lent": ("{loan}，{on}放款 {amount}", "loan {loan}, {amount} lent on {on}"),
    "owed": ("账户 {loan}，{on}余额 {amount}", "account {loan}, balance {amount} on {on}"),
    "contacts": (
        "证据中{first}至{last}有 {made} 次联系的记录，其中 {reached} 次送达或接通，见第三部分。",
        "Contacts on record from {first} to {last}: {made}; those that reached the defendant: {reached}; see part 3. ",
    ),
    "no_contacts": ("证据中没有联系的记录。", "No contact is on record. "),
    "notices": ("已送出的告知：{listed}。", "Notices given: {listed}. "),
    "no_notices": ("证据中没有告知的记录。", "No notice is on record. "),
    "agreed": (
        "双方就还款有过 {count} 项约定，见第四部分。",
        "Agreements between the parties on payment: {count}; see part 4.",
    ),
    "none_agreed": ("证据中没有双方就还款的约定。", "No agreement on payment is on record."),
    "penalty": (
        "其中罚息按合同约定的利率计算，并与本金、利息、费用一并列明。",
        "Penalty interest is at the rate of the agreement and shown apart.",
    ),
    "unpriced": (
        "贷款 {loans} 的罚息取自申请人的账务系统，台账未记载其利率，须另附合同。",
        "The penalty on loan {loans} is as the claimant's system charged it. Its rate is not in the record; the "
        "agreement has to be attached.",
    ),
    "no_penalty": ("本请求不含罚息。", "No penalty interest is claimed."),
}
PARTS = {
    "account": ("二、账目", "2. The account"),
    "contacts": ("三、联系与告知", "3. Contacts and notices"),
    "agreed": ("四、承诺、分期与减免", "4. What was agreed"),
    "proof": ("五、证据来源与核验", "5. Where the evidence comes from, and how to check it"),
}
ACCOUNT = {
    "lines": ("应还各期", "Instalments"),
    "payments": ("还款", "Payments"),
    "total": ("合计", "In all"),
    "aside": ("（未到期或在容差内，未主张）", " (not due yet or below the tolerance, not claimed)"),
    "bounced": ("（已冲正，不计）", " (reversed, not counted)"),
}
CONTACTS = {
    "notices": ("已送出的告知", "Notices given"),
    "own": ("本机构", "The lender"),
    "more": (
        "仅列最早的 {count} 次联系，记录中另有更多。",
        "Only the first {count} contacts are listed; the record has more.",
    ),
}
AGREED = {
    "promise": ("承诺还款", "Promise to pay"),
    "plan": ("分期还款协议", "Repayment plan"),
    "settlement": ("减免结清", "Settlement"),
}
PROOF = {
    "zh": (
        "本材料中的联系、告知与约定均取自申请人的证据日志：每条记录带有上一条的摘要，任何改动都会被发现。",
        "该借款人的记录共 {number} 条，最后一条的摘要为 {hash}。{sealed}"
        "完整记录可由 forbear verify 用申请人的公钥离线核验。",
        "通话录音按 SHA-256 摘要引用，另附光盘或按法院要求提交：",
    ),
    "en": (
        "Contacts, notices and agreements here are taken from the claimant's evidence log: each record carries the "
        "digest of the one before, so that any change is found.",
        "The log has {number} records of this borrower; the last one's digest is {hash}. {sealed}"
        "All of it can be checked offline by forbear verify with the claimant's public key.",
        "Recordings are named by their SHA-256 and handed in separately:",
    ),
}
SEALED = {
    "zh": "日志每日封存并签名，最近一次为{day}。",
    "en": "The log is sealed and signed each day; the newest seal is that of {day}. ",
}
NOT_SEALED = {"zh": "日志尚未封存。", "en": "The log is not sealed yet. "}
#: The heads of the tables, column by column.
HEADS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "instalments": (
        ("期数 · 到期日", "应还", "已还", "未还本金", "未还利息", "未还罚息", "未还费用"),
        ("No. · due", "Due", "Paid", "Principal left", "Interest left", "Penalty left", "Fees left"),
    ),
    "payments": (("日期", "编号", "金额"), ("Date", "Number", "Amount")),
    "contacts": (("时间", "渠道", "由谁", "结果", "核实码"), ("When", "By", "Who", "Outcome", "Code")),
    "notices": (("告知", "贷款", "日期"), ("Notice", "Loan", "Date")),
    "agreements": (
        ("约定", "日期", "金额", "期限", "结果"),
        ("Agreement", "Made", "Amount", "Until", "Outcome"),
    ),
    "recordings": (("录音时间", "SHA-256"), ("Recorded", "SHA-256")),
}
#: The kinds of event whose papers go into the bundle, with what each is called there.
PAPERS = {
    "letter": ("附件：信函", "Paper: letter"),
    "notice": ("附件：告知", "Paper: notice"),
    "legal": ("附件：诉讼材料", "Paper: of the lawsuit"),
    "plan": ("附件：分期协议材料", "Paper: of the plan"),
}
