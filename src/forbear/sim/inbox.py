"""Messages in the demo's inbox, by the real code: what people wrote since last evening, and what each led to.

The texts come from one list here; how they are understood, and what stops or opens by them, is the product's own doing.
"""

from datetime import datetime, timedelta

from forbear.actions.replies.process_reply import process_reply
from forbear.channels.transport import Reply
from forbear.store.models import Case, ContactPoint

#: How many minutes before the demo opens, and what was written.
WRITTEN = (
    (760, "我上周已经还了，为什么还发短信？请查一下"),
    (700, "这个月工资还没发，能不能晚几天"),
    (655, "你们怎么知道我单位的电话的，不要打到单位"),
    (95, "我在住院，家里没有收入了，怎么办"),
    (70, "利息是怎么算的，太高了吧"),
    (45, "OK, can I pay half on Friday?"),
    (20, "我要投诉，昨天的人说话很难听"),
    (8, "打错了，我不认识这个人"),
)


def live(now: datetime) -> None:
    """Let borrowers who are a few weeks late have written, each from their own number."""
    late = Case.objects.filter(
        closed_on=None, held=False, facts__days_past_due__gte=5, facts__days_past_due__lte=45
    ).order_by("borrower_id")
    numbers = ContactPoint.objects.filter(kind="phone", borrower__in=late.values("borrower_id")).order_by(
        "borrower_id", "pk"
    )
    senders = numbers.values_list("value", flat=True)[: len(WRITTEN)]
    for number, ((before, text), sender) in enumerate(zip(WRITTEN, senders, strict=False)):
        at = now - timedelta(minutes=before)
        process_reply(Reply("mailbox", f"demo-{number}", "sms", sender, "", text, at), at)
