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
DETAILS = {
    "claimant": ("申请人（原告）", "Claimant"),
    "address": ("地址、电话", "Address, telephone"),
    "defendant": ("被申请人（被告）", "Defendant"),
    "born": ("出生日期", "Born"),
    "court": ("受理法院", "Court"),
    "docket": ("案号", "Docket"),
    "amount": ("标的额", "Amount claimed"),
    "as_of": ("账目截至", "Figures as of"),
    "number": ("编号", "Reference"),
}
#: The parts of the amount, behind it.
IN_PARTS = ("（{}）", " ({})")
#: The application: {amount}, {parts}, {due}, {loans}, {since}, {as_of}, {fee}, {court} are put in.
CLAIM = {
    "zh": (
        "请求事项",
        "1. 请求判令（支付令：督促）被申请人偿还借款本息合计 {amount}{parts}；\n2. 本案费用 {fee} 由被申请人承担。",
        "事实与理由",
        "被申请人与申请人订有借款合同（贷款编号 {loans}），约定分期偿还。被申请人自 {since} 起未按期偿还，"
        "经申请人多次告知、催告并提供协商途径，截至 {as_of} 已到期未还 {due}。"
        "逐期账目见第二部分，历次联系与告知见第三部分，双方就还款达成过的约定见第四部分。",
        "依据《中华人民共和国民法典》第六百七十四条、第六百七十五条、第六百七十六条及《中华人民共和国民事诉讼法》的规定，"
        "提出上述请求。利息、罚息与费用合计按不超过适用上限计算，超出部分未主张。",
        "此致\n{court}",
        "申请人（盖章）：\n日期：",
    ),
    "en": (
        "What is asked for",
        "1. That the defendant pays {amount}{parts}.\n2. That the defendant bears the costs of {fee}.",
        "Facts and reasons",
        "The defendant owes under the credit agreement (loan {loans}) repayable by instalments. Since {since} they "
        "were not paid when due. The claimant gave notice, asked for payment and offered ways to agree; on {as_of} "
        "{due} is due and unpaid. "
        "The account is in part 2, every contact and notice in part 3, what was agreed between the parties in part 4.",
        "Interest, penalty interest and fees together are claimed up to the cap that applies and not above.",
        "To {court}",
        "For the claimant:\nDate:",
    ),
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
    "none": ("没有。", "None."),
}
AGREED = {
    "promise": ("承诺还款", "Promise to pay"),
    "plan": ("分期还款协议", "Repayment plan"),
    "settlement": ("减免结清", "Settlement"),
}
PROOF = {
    "zh": (
        "本材料中的联系、告知与约定均取自申请人的证据日志：每条记录带有上一条的摘要，每日封存并签名，任何改动都会被发现。",
        "该借款人的记录共 {number} 条，最后一条的摘要为 {hash}。{sealed}"
        "完整记录可由 forbear verify 用申请人的公钥离线核验。",
        "通话录音按 SHA-256 摘要引用，另附光盘或按法院要求提交：",
    ),
    "en": (
        "Contacts, notices and agreements here are taken from the claimant's evidence log: each record carries the "
        "digest of the one before, each day is sealed and signed, and any change is found.",
        "The log has {number} records of this borrower; the last one's digest is {hash}. {sealed}"
        "All of it can be checked offline by forbear verify with the claimant's public key.",
        "Recordings are named by their SHA-256 and handed in separately:",
    ),
}
SEALED = {
    "zh": "最近一次封存为 {day}。",
    "en": "The newest seal is that of {day}. ",
}
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
