"""Messages kept as files in the lender's home, one JSON file each, for a page that looks like a phone.

A file is written aside, flushed, and linked to its name, so a reader never sees half of one and a second
sending of the same contact finds the name taken. Every channel can be pointed here.
"""

import json
import os
import re
import tempfile
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from forbear.channels.adapter_context import AdapterContext, Folder, provider_settings, setting
from forbear.channels.transport import Attachment, Message, Receipt, check_permit
from forbear.core.base.problem import noop
from forbear.core.base.reason import Reason
from forbear.core.permits.permit import Permit, moment_text

CHANNELS = ("sms", "email", "voice", "call", "push", "letter")
_CONTACT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@provider_settings
class MailboxSettings:
    """`folder`: where messages are kept, inside the lender's home."""

    folder: Folder = setting(noop("Where the files go, inside the lender folder"), "data/mailbox")


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the mailbox. `at` is UTC as in permits."""

    provider: str
    at: str
    purpose: str
    message: Message

    @property
    def moment(self) -> datetime | None:
        """When it was sent; None where the file says no moment."""
        try:
            moment = datetime.fromisoformat(self.at)
        except ValueError:
            return None
        return moment if moment.tzinfo else None


class Mailbox:
    """Writes each message to the folder and answers that it has it."""

    def __init__(self, settings: MailboxSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self.folder = around.folder / settings.folder
        self._clock = around.clock

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Keep the message. Busy when the disk has no room or can't be written: then there is no file."""
        check_permit(permit, message)
        assert _CONTACT_ID.fullmatch(message.contact_id), "a contact's id is fit for a file name"
        text = json.dumps(
            _as_json(self.provider, self._clock(), permit, message), ensure_ascii=False, indent=1
        )
        try:
            self._write(f"{message.contact_id}.json", text)
        except OSError as error:
            return Receipt(
                "busy", self.provider, reason=Reason.of("folder_not_writable", error=error.strerror or "")
            )
        return Receipt("accepted", self.provider, message.contact_id)

    def _write(self, name: str, text: str) -> None:
        """The whole file or none; one that is there stays as it is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(aside, self.folder / name)
        except FileExistsError:
            return
        finally:
            os.unlink(aside)

    def close(self) -> None:
        """Nothing is held open."""


def _as_json(provider: str, now: datetime, permit: Permit, message: Message) -> dict:
    files = [
        {
            "name": attachment.name,
            "media_type": attachment.media_type,
            "content": b64encode(attachment.content).decode(),
        }
        for attachment in message.attachments
    ]
    return {
        "provider": provider,
        "at": moment_text(now),
        "purpose": permit.purpose,
        "contact_id": message.contact_id,
        "channel": message.channel,
        "to": message.to,
        "sender": message.sender,
        "language": message.language,
        "subject": message.subject,
        "body": message.body,
        "agent": message.agent,
        "on_machine": message.on_machine,
        "unsubscribe_url": message.unsubscribe_url,
        "attachments": files,
    }


def read_messages(folder: Path, to: str = "") -> list[Kept]:
    """What lies in a mailbox, oldest first; with `to` only what went to that address."""
    paths = folder.glob("*.json") if folder.is_dir() else ()
    kept = [kept_message for path in paths if (kept_message := read_message(path)) is not None]
    return sorted(
        (each for each in kept if to in ("", each.message.to)),
        key=lambda each: (each.at, each.message.contact_id),
    )


def read_message(path: Path) -> Kept | None:
    """One message; None when the file is gone or is no message (somebody put it there by hand)."""
    try:
        payload = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(
            Attachment(
                attachment["name"], attachment["media_type"], b64decode(attachment["content"], validate=True)
            )
            for attachment in payload.pop("attachments")
        )
        provider, at, purpose = payload.pop("provider"), payload.pop("at"), payload.pop("purpose")
        return Kept(provider, at, purpose, Message(**payload, attachments=files))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def addresses(folder: Path) -> list[str]:
    """Every address that something was sent to, the one last written to first."""
    newest: dict[str, str] = {}
    for message in read_messages(folder):
        newest[message.message.to] = message.at
    return sorted(newest, key=lambda to: (newest[to], to), reverse=True)
