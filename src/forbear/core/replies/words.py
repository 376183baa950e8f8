"""How each intent is said, as patterns over `reply_normal.normal`'s spelling, one language a file.

A pattern stays within a clause: a comma is never crossed. What looks like an intent and is not ("don't stop",
"没有还") is in a language's NOT and is blotted out before the intent is looked for.
"""

import re

from forbear.core.replies import chinese as reply_chinese
from forbear.core.replies import english as reply_english
from forbear.core.replies import other_languages

#: Commands: the whole message, besides politeness.
COMMANDS = {
    "stop": (
        *(
            "stop",
            "stop all",
            "stopall",
            "quit",
            "end",
            "revoke",
            "opt out",
            "opt me out",
            "opt-out",
            "cancel",
        ),
        *(
            "unsubscribe",
            "unsub",
            "unsubscribe me",
            "remove",
            "remove me",
            "arret",
            "halt",
            "cease",
            "no more",
            "not interested",
            "enough",
            "enough already",
            "mute",
            "do not disturb",
            "dnd",
            "t-d",
            "停发",
            "别催",
            "打住",
            "够了",
            "退了",
            "消停",
        ),
        *(
            "t",
            "td",
            "t d",
            "tt",
            "n",
            "r",
            "退",
            "退订",
            "停",
            "停止",
            "停了",
            "停吧",
            "取消",
            "取消订阅",
            "结束",
            "拒收",
        ),
        *("拒绝", "免打扰", "勿扰", "不需要", "不要了", "屏蔽", "拉黑", "退出", "撤回同意", "别发", "别打"),
    ),
    "start": (
        *(
            "start",
            "unstop",
            "resume",
            "opt in",
            "opt me in",
            "opt back in",
            "subscribe",
            "resubscribe",
            "restart",
        ),
        *("订阅", "恢复", "恢复订阅", "重新订阅", "开通", "继续", "恢复接收", "恢复联系"),
    ),
    "paid": (
        *("paid", "done", "paid it", "payment made", "settled", "sorted", "cleared"),
        *(
            "已还",
            "已还款",
            "还了",
            "还完了",
            "还清",
            "还清了",
            "已付",
            "付了",
            "已缴",
            "已结清",
            "结清了",
            "已处理",
        ),
        *("交了", "已转"),
    ),
}
for _intent, _words in other_languages.COMMANDS.items():
    COMMANDS[_intent] = (*COMMANDS[_intent], *_words)
#: What may stand before or after a command without changing it.
POLITE = re.compile(
    r"\b(?:please|thanks|thank you|ok|okay|now|hi|hello|hey|sir|madam|it|reply|all|immediately|just|yes|"
    r"i said|"
    r"kindly|dear|asap)\b|请问?|谢谢|麻烦|你好|您好|好的|好吧|回复|[了吧啊呀啦哦嗯呢]$|^[我]?要|^回|"
    r"\b(?:por favor|gracias|merci|danke|bitte|s'il vous plait)\b"
)

#: Patterns of each intent; one of them is enough.
SAID = {
    intent: (*reply_english.SAID[intent], *reply_chinese.SAID[intent], *other_languages.SAID.get(intent, ()))
    for intent in reply_english.SAID
}
#: What only looks like it.
NOT = {
    intent: (
        *reply_english.NOT.get(intent, ()),
        *reply_chinese.NOT.get(intent, ()),
        *other_languages.NOT.get(intent, ()),
    )
    for intent in reply_english.SAID
}
