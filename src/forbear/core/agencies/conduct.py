"""What can be found against an agency's conduct, how much it weighs, and what ends its work at once."""

#: Each kind of finding: its meaning in both languages.
FINDINGS: dict[str, tuple[str, str]] = {
    "threat": ("威胁、恐吓", "A threat"),
    "insult": ("侮辱、辱骂", "An insult"),
    "impersonation": ("冒充公检法或其他机关", "Posing as an authority"),
    "third_party": ("骚扰无关第三人或泄露债务", "Strangers were troubled or told of the debt"),
    "off_record": ("未经许可私下联系", "A contact without a permit"),
    "content": ("用语不当", "Unlawful or improper wording"),
    "no_recording": ("应录未录、逾期未交录音", "A recording is missing or came too late"),
    "visit_proof": ("上门无时间地点证明", "A visit without proof of time and place"),
    "cash": ("私下收款", "Money was taken privately"),
    "subcontract": ("转包", "The work was passed on"),
    "data": ("个人信息处理不当", "Personal data was mishandled"),
    "complaint": ("投诉成立", "A complaint was upheld"),
}

#: How much one finding weighs.
WEIGHTS: dict[str, int] = {
    "threat": 10,
    "insult": 5,
    "impersonation": 10,
    "third_party": 5,
    "off_record": 5,
    "content": 2,
    "no_recording": 1,
    "visit_proof": 1,
    "cash": 10,
    "subcontract": 10,
    "data": 5,
    "complaint": 3,
}

#: What ends an agency's work at once, until it has been looked into (商业银行互联网贷款管理暂行办法: cooperation ends
#: with whoever collects by violence or other unlawful means).
GRAVE = frozenset({"threat", "impersonation", "cash", "subcontract"})
assert WEIGHTS.keys() == FINDINGS.keys()
