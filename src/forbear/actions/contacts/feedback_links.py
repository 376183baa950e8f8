"""The address by which a borrower says how they were treated."""

import base64
import hashlib
import hmac

from django.conf import settings

from forbear.interchange.home.keys import secret
from forbear.store.models import Contact


def feedback_link(contact: Contact) -> str:
    """The address in the message that asks; made again for the same contact it is the same."""
    return f"{settings.HOME.url}/say/{feedback_token(contact.contact_id)}"


def feedback_token(contact_id: str) -> str:
    """80 bits that only the home's key can make."""
    key = secret(settings.HOME, "portal")
    mac = hmac.new(key, f"say:{contact_id}".encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:10]).decode()
