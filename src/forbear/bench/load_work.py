"""What the measurement under load does with tables: fills a desk, and signs its people in."""

from datetime import UTC, datetime

from django.contrib.auth import BACKEND_SESSION_KEY
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.bench.desk_work import PAGES, fill_desk
from forbear.store.models import Borrower, Contact, Staff

#: What each role looks at, as often as it stands here; {n} is a case's number.
STAFF_PAGES = {
    "collector": ("/desk/", "/desk/case/B{n}/", "/desk/case/B{n}/", "/desk/case/B{n}/"),
    "lead": tuple(address for role, address in PAGES.values() if role == "lead"),
    "manager": tuple(address for role, address in PAGES.values() if role == "manager"),
    "compliance": tuple(address for role, address in PAGES.values() if role == "compliance"),
}
#: Of ten people at the desk.
ROLES = ("collector",) * 7 + ("lead", "manager", "compliance")
BORROWER_PAGES = (
    *("/my/home", "/my/home", "/my/owe", "/my/who", "/my/pay", "/my/plan", "/my/rights", "/my/evidence"),
    *("/my/credit", "/my/due", "/my/ask/hardship", "/verify"),
)
_BORN = "1990-01-31"


def fill(cases: int, staff: int, borrowers: int) -> list[dict]:
    """A desk with texts that wait, and people who are signed in: who each is, their cookie and pages."""
    fill_desk(cases, max(1, cases // 100_000))
    desk = [_at_desk(number, cases) for number in range(staff)]
    now = datetime.now(UTC)
    waiting = Contact.objects.filter(state="waiting").select_related("borrower").order_by("pk")
    return desk + [
        _borrower(number, contact, now, cases) for number, contact in enumerate(waiting[:borrowers])
    ]


def _at_desk(number: int, cases: int) -> dict:
    role = ROLES[number % len(ROLES)]
    name = f"load-{number}"
    person = Staff.objects.create(username=name, role=role, number=name[:16], password="!")
    client = Client(SERVER_NAME="localhost")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    assert client.session[BACKEND_SESSION_KEY], "signed in"
    return {"who": "staff", "cookie": _cookies(client), "pages": STAFF_PAGES[role], "cases": cases}


def _borrower(number: int, contact: Contact, now: datetime, cases: int) -> dict:
    """Somebody who opened the link in their text."""
    borrower = Borrower.objects.get(pk=contact.borrower_id)
    borrower.born_on = datetime.fromisoformat(_BORN).date()
    borrower.save(update_fields=["born_on"])
    address = f"10.0.{number // 250}.{number % 250 + 1}"  # one address alone would be slowed down
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=address)
    year, month, day = _BORN.split("-")
    token = link_for(contact, now).rsplit("/", 1)[1]
    answer = client.post("/my/", {"token": token, "year": year, "month": month, "day": day})
    assert answer.status_code == 302, f"the way in: {answer.status_code}"
    return {"who": "borrower", "cookie": _cookies(client), "pages": BORROWER_PAGES, "cases": cases}


def _cookies(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
