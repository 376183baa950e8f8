"""Every kind of event the evidence log knows, with its meaning in both languages.

A kind not listed here can't be written. Its `body` holds ids, codes, amounts in minor units, moments and
digests; what names or describes a person goes among the event's personal values, which can be erased.
"""

#: kind: (Chinese, English)
KINDS: dict[str, tuple[str, str]] = {
    "wish": ("计划联系", "A contact was planned"),
    "permit": ("准予联系", "A contact was permitted"),
    "refusal": ("不予联系及其依据", "A contact was refused, and by which rules"),
    "sending": ("联系已发出或未能发出", "A contact left, or could not"),
    "report": ("通道回报的结果", "What the provider reported of a contact"),
    "cancelled": ("计划的联系已取消", "Planned contacts were cancelled"),
    "contact": ("已发生的联系及其结果", "A contact that was made, and its outcome"),
    "inbound": ("收到借款人的来信来电", "The borrower wrote or called"),
    "recording": ("录音或录像", "A recording"),
    "letter": ("信函", "A letter"),
    "notice": ("法定或约定的通知", "A notice that the law or the contract asks for"),
    "view": ("查看个人信息", "Personal data was looked at"),
    "export": ("导出证据包", "An evidence bundle was handed out"),
    "erasure": ("删除个人信息", "Personal data was erased"),
    "correction": ("更正先前的记录", "An earlier record was corrected"),
    "consent": ("同意或撤回同意", "Consent was given or taken back"),
    "point": ("联系方式新增、停用或失效", "A number or address was added, stopped or found invalid"),
    "hold": ("案件冻结", "A hold began"),
    "hold_lifted": ("解除冻结", "A hold ended"),
    "case_opened": ("立案", "A case was opened"),
    "case_closed": ("结案", "A case was closed"),
    "stage": ("案件阶段变更", "A case moved to another stage"),
    "assignment": ("案件分派", "A case was given to a worker"),
    "note": ("跟进记录", "A note on the case"),
    "payment": ("还款入账或冲正", "A payment was heard of, or reversed"),
    "promise": ("承诺还款及其结果", "A promise to pay, and what became of it"),
    "plan": ("分期还款协议及其变更", "A repayment plan, and its changes"),
    "settlement": ("减免结清协议", "A settlement"),
    "hardship": ("困难帮扶申请及决定", "A request for hardship help, and the decision"),
    "dispute": ("异议及其处理", "A dispute, and how it was answered"),
    "complaint": ("投诉及其处理", "A complaint, and how it was answered"),
    "placement": ("委托催收", "A case was placed with an agency"),
    "recall": ("撤回委托", "A case was recalled from an agency"),
    "visit": ("上门", "A visit"),
    "legal": ("诉讼或仲裁步骤", "A step at court or in arbitration"),
    "penalty": (
        "罚息复核的差异及处理",
        "The lender's penalty interest differs from ours, and what came of it",
    ),
    "write_off": ("核销", "A write-off"),
    "sale": ("债权转让", "A debt was sold"),
    "credit_report": ("报送征信", "A report to a credit bureau"),
    "agency": ("催收机构的变更", "A change to an outside agency"),
    "change": ("策略、规则或设置的变更", "A change of strategy, rules or settings"),
    "access": ("人员权限的变更", "A change to who may do what"),
}
