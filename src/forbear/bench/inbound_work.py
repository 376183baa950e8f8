"""What the measurement of what comes in does with tables: fills them, takes replies, visits the inbox."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test import Client
from django.urls import resolve

from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.replies.process_reply import process_reply
from forbear.bench.desk_work import measured
from forbear.bench.permit_work import prepare
from forbear.channels.transport import Reply
from forbear.store.models import ContactPoint, Inbound, Staff

#: What people write, as often as they do: what is clear, what is not, and what has the weightiest consequences.
TEXTS = (
    *("TD", "STOP", "退订", "别再给我发短信了", "stop texting me", "嗯", "好的", "收到", "谁啊", "ok"),
    *(
        "我昨天已经还了",
        "already paid",
        "明天还500",
        "I'll pay $200 on Friday",
        "还款日是哪天",
        "how much do I owe?",
    ),
    *("我没有借过这笔钱", "I dispute this debt", "我失业了,实在还不起", "I lost my job", "我要投诉你们"),
    *("talk to my lawyer", "打错了", "wrong number", "the link doesn't work", "请给我回电话", "我不想活了"),
    *("someone opened this in my name and I have said it again and again and am tired of it. " * 8,),
)
#: The pages of the inbox that are visited; {n} is a message's number.
PAGES = {
    "inbox": "/desk/inbox",
    "inbox, page 1000": "/desk/inbox?page=1000",
    "inbox, all": "/desk/inbox?state=all",
    "inbox, filtered": "/desk/inbox?channel=sms&intent=dispute",
    "message": "/desk/inbox/{n}",
}


def number_of(borrower: int) -> str:
    """The telephone number of a made-up borrower."""
    return f"+86138{borrower:08d}"


def prepare_people(borrowers: int) -> None:
    """Borrowers with a late loan, an open case and a telephone number each."""
    prepare(borrowers)
    points = list(ContactPoint.objects.all())
    for point in points:
        point.value = number_of(int(point.borrower_id[1:]))
        point.digest = digest_of("phone", point.value)
    ContactPoint.objects.bulk_update(points, ["value", "digest"], batch_size=500)


def take(borrower: int) -> None:
    """One reply of one borrower, with all that follows."""
    now = datetime.now(UTC)
    text = TEXTS[borrower % len(TEXTS)]
    taken = process_reply(Reply("bench", str(borrower), "sms", number_of(borrower), "1069", text, now), now)
    assert isinstance(taken, Inbound), taken


def fill_inbox(messages: int) -> None:
    """An inbox in which nothing was read for weeks, a hundredth of it danger."""
    people = min(messages, 5000)
    prepare_people(people)
    now = datetime.now(UTC)
    digests = dict(ContactPoint.objects.values_list("borrower_id", "digest"))
    intents = ("unclear", "dispute", "paid", "promise", "question", "hardship", "complaint")
    Inbound.objects.bulk_create(
        (
            Inbound(
                provider="bench", provider_ref=str(number), kind="reply", channel="sms", party="debtor",
                borrower_id=f"B{number % people}", point_digest=digests[f"B{number % people}"],
                text=TEXTS[number % len(TEXTS)], intent=intents[number % len(intents)],
                at=now - timedelta(minutes=number), needs_person=True, urgent=number % 100 == 0,
                held=number % 3 == 0,
            )
            for number in range(messages)
        ),
        batch_size=2000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if connection.vendor == "postgresql" else "analyze")


def visit_inbox(visits: int) -> dict[str, dict]:
    """Milliseconds and queries of each page of the inbox, as a lead sees it."""
    resolve("/desk/")
    lead = Staff.objects.create(username="lead", role="lead", number="F1", password="!")
    client = Client(SERVER_NAME="localhost")
    client.force_login(lead, "django.contrib.auth.backends.ModelBackend")
    numbers = list(Inbound.objects.order_by("pk").values_list("pk", flat=True)[:1000])

    def visitor(address: str) -> Callable[[int], None]:
        def visit(turn: int) -> None:
            response = client.get(address.format(n=numbers[turn % len(numbers)]))
            assert response.status_code == 200, f"{address}: {response.status_code}"

        return visit

    return {name: measured(visitor(address), visits) for name, address in PAGES.items()}
