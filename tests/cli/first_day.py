"""A first day's pages in a home of its own: signs somebody in, and prints what each page shows, as JSON."""

import json
import re
import sys
from html import unescape
from pathlib import Path

from django.conf import settings
from django.test import Client
from django.urls import reverse

from forbear.config.start import ready_database, start
from forbear.interchange.home import clock

PAGES = ("desk:cases", "desk:credit", "desk:strategies", "desk:queue", "administration:settings")
ROLES = ("lead", "analyst", "administrator", "legal")


def main(home: Path, language: str) -> None:
    """Every page that one of the roles may see, and the case page of everybody, as visible text."""
    start(home)
    ready_database()
    from forbear.actions.staff.new_staff import make_staff
    from forbear.store.models import Case, Contact, Staff

    settings.ALLOWED_HOSTS = ["*"]
    shown = {}
    addresses = [reverse(name) for name in PAGES]
    addresses += [
        reverse("desk:case", args=[name]) for name in Case.objects.values_list("borrower_id", flat=True)
    ]
    for number, role in enumerate(ROLES):
        make_staff(role, "a-long-pass-2026", role, f"F{number:04}", clock.now(settings.HOME), actor="test")
        client = Client(headers={"accept-language": language})
        client.force_login(Staff.objects.get(username=role))
        for address in addresses:
            answer = client.get(address)
            if answer.status_code == 200:
                body = re.sub(
                    r"<(script|style|head).*?</\1>|<[^>]+>", "\n", answer.content.decode(), flags=re.S
                )
                shown[f"{role} {address}"] = " ".join(unescape(body).split())
    languages = sorted(set(Contact.objects.values_list("language", flat=True)))
    reached = sorted(set(Contact.objects.values_list("borrower", flat=True)))
    sys.stdout.write(json.dumps({"shown": shown, "languages": languages, "reached": reached}))


main(Path(sys.argv[1]), sys.argv[2])
