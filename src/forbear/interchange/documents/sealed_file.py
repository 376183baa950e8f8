"""A file encrypted to a recipient, in the age format (age-encryption.org/v1): who made it can't read it again."""

import os
from pathlib import Path

import pyrage

from forbear.core.base.problem import BackupError

_MARK = b"age-encryption.org/v1"
_SECRET = "AGE-SECRET-KEY-"


def encrypt_file(source: Path, target: Path, recipients: tuple[str, ...]) -> None:
    """Encrypt to `age1...` recipients; BackupError when one of them is none."""
    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    except pyrage.RecipientError:
        raise BackupError("an age recipient begins with age1; `age-keygen` makes one") from None
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as plain, os.fdopen(descriptor, "wb") as hidden:
        pyrage.encrypt_io(plain, hidden, keys)
        hidden.flush()
        os.fsync(hidden.fileno())


def is_encrypted(source: Path) -> bool:
    """Whether a file is in this format."""
    with source.open("rb") as stream:
        return stream.read(len(_MARK)) == _MARK


def decrypt_file(source: Path, target: Path, identity: Path) -> None:
    """Decrypt with the identities of a file that `age-keygen` made; BackupError when none of them fits."""
    lines = identity.read_text("utf-8").split()
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith(_SECRET)]
    except pyrage.IdentityError:
        raise BackupError(f"{identity}: holds no whole age identity") from None
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with source.open("rb") as hidden, os.fdopen(descriptor, "wb") as plain:
            pyrage.decrypt_io(hidden, plain, keys)
    except (pyrage.DecryptError, OSError):
        target.unlink(missing_ok=True)
        raise BackupError(f"{source}: none of the identities in {identity} opens it whole") from None
