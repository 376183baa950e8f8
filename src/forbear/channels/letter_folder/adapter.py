"""Letters as files that a printing house fetches: `ID.pdf`, and `ID.json` with the address and the sheet's digest.

The PDF is whole on disk before the JSON has its name, so anyone who fetches by the JSON never takes half a letter. A
second sending of the same contact finds the names taken and changes nothing.
"""

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

from forbear.channels.adapter_context import AdapterContext, Folder, provider_settings, setting
from forbear.channels.transport import Message, Receipt, check_permit
from forbear.core.base.problem import noop
from forbear.core.base.reason import Reason
from forbear.core.permits.permit import Permit, moment_text

CHANNELS = ("letter",)
_CONTACT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@provider_settings
class LetterSettings:
    """`folder`: where the letters wait to be fetched, inside the lender's home."""

    folder: Folder = setting(noop("Where the letters lie, inside the lender folder"), "letters/out")


class LetterFolder:
    """Writes each letter to the folder and answers that it lies there."""

    def __init__(self, settings: LetterSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self.folder = around.folder / settings.folder
        self._clock = around.clock

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Lay the letter down. Refused without a PDF; busy when the disk can't be written: then nothing lies there."""
        check_permit(permit, message)
        assert _CONTACT_ID.fullmatch(message.contact_id), "a contact's id is fit for a file name"
        sheets = [
            attachment for attachment in message.attachments if attachment.media_type == "application/pdf"
        ]
        if len(sheets) != 1:
            return Receipt("refused", self.provider, reason=Reason.of("not_one_pdf"))
        fields = {
            "contact_id": message.contact_id,
            "at": moment_text(self._clock()),
            "to": message.to.splitlines(),
            "sender": message.sender,
            "language": message.language,
            "subject": message.subject,
            "file": f"{message.contact_id}.pdf",
            "sha256": hashlib.sha256(sheets[0].content).hexdigest(),
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _keep(self.folder / f"{message.contact_id}.pdf", sheets[0].content)
            text = json.dumps(fields, ensure_ascii=False, indent=1)
            _keep(self.folder / f"{message.contact_id}.json", text.encode())
        except OSError as error:
            return Receipt(
                "busy", self.provider, reason=Reason.of("folder_not_writable", error=error.strerror or "")
            )
        return Receipt("accepted", self.provider, message.contact_id)

    def close(self) -> None:
        """Nothing is held open."""


def _keep(path: Path, content: bytes) -> None:
    """The whole file or none; one that is there stays as it is."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        os.unlink(aside)
