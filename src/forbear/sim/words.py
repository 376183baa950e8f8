"""What borrowers write back, in their own words, and what nobody should be able to break a program with."""

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "zh": {
        "stops": ("TD", "退订", "别再发短信了"),
        "disputes": ("这不是我的贷款", "金额不对，我从来没借过这么多"),
        "trouble": ("我失业了还不上", "我住院了，这个月没有收入"),
        "wrong": ("打错了，我不认识这个人", "你发错人了"),
    },
    "en": {
        "stops": ("STOP", "please stop texting me"),
        "disputes": ("This is not my loan", "The amount is wrong, I never borrowed that much"),
        "trouble": ("I lost my job and can't pay", "I am in hospital and have no income"),
        "wrong": ("Wrong number, I don't know this person", "you have the wrong person"),
    },
}
HOSTILE = (
    "'; drop table store_contact; --",
    "=cmd|' /C calc'!A0",
    "{lender} {{ 7*7 }} {% raise %} %s %(now)s",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\x00\x01\x02\x1b[2J\x7f",
    "\ud800 half a pair, \udfff the other",
    "\u202e\u2066\u200b\ufeff退\u200b订",
    "T\u0335\u0336\u0321D" * 40,
    "😀" * 3000,
    "A" * 200_000,
    "B" * 2_000_000,
    "",
    " \n\r\t ",
    "退" * 70_000 + "TD",
    "(" * 5_000 + "还" * 5_000,
    "999999999999999999999999999999 元 2026-99-99 我还",
)
