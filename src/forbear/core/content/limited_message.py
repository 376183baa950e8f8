"""The limited-content message: what may be left on an answering machine without speaking of a debt.

Source: 12 CFR 1006.2(j). It has a business name that doesn't say that a debt is collected, a request to reply, the
name of a person to reply to, and a telephone number. More than a greeting, the time and hours to call may not be in it.
Leaving it is an attempt to communicate and no communication (1006.2(b), (d)): it counts as a call, not as a talk. So no
validation notice follows from it, and a third person who hears it learns of no debt.
"""

import re

from forbear.core.base.problem import Problem

#: Names that say what the caller does, in both languages.
_TELLS = re.compile(
    r"(?i)\b(debt|collect(?:s|ed|ing|ion|ions|or|ors)?|recover\w*|arrears|receivables?|credit control)\b"
    "|催收|催债|清收|追债|讨债|债务|欠款"
)
_TEXTS = {
    "en": "Hello. This is {person} from {business}. Please call me back at {phone}. Thank you.",
    "zh": "您好，我是{business}的{person}，请您回电{phone}，谢谢。",
}
_NAMELESS = {
    "en": "Hello. This is {business}. Please call us back at {phone}. Thank you.",
    "zh": "您好，这里是{business}，请您回电{phone}，谢谢。",
}


def limited_message(
    business: str, person: str, phone: str, language: str, *, named: bool = True
) -> str | Problem:
    """The words to leave, in `zh` or `en`; Problem when they would be more than a limited-content message, or less.

    Where the law doesn't ask for somebody to reply to by name (`named` is False), the name may be empty.
    """
    if not business.strip() or (named and not person.strip()) or not phone.strip():
        return Problem(
            "limited_message_incomplete",
            "a message on a machine needs a business name, a person's and a number",
        )
    if found := _TELLS.search(business):
        return Problem(
            "limited_message_tells",
            "leave no message: the name `%(business)s` says `%(word)s`, and so that a debt is collected",
            business=business,
            word=found.group(0),
        )
    words = {"business": business.strip(), "person": person.strip(), "phone": phone.strip()}
    texts = _TEXTS if words["person"] else _NAMELESS
    return texts["zh" if language == "zh" else "en"].format(**words)
