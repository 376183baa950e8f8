"""Time stamps on seals (RFC 3161): an authority of the lender's choice says that a seal was there at a moment.

They lie beside the seals as `seal-N.tsr` with the stamped line as `seal-N.line`, in the home's `data/keys/stamps` and
in each of `seal_folders`. With the two and the authority's certificate anybody checks them without us:

    openssl ts -verify -data seal-7.line -in seal-7.tsr -CAfile roots.pem

Nobody can make a stamp for a moment that is past, with all our keys not either.
"""

import logging
import os
import re
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from forbear.interchange.home.lender import Home, HomeError
from forbear.interchange.home.seal_anchor import anchor_folders

QUERY = "application/timestamp-query"
_STAMP = re.compile(r"seal-([0-9]{1,9})\.tsr")
log = logging.getLogger(__name__)


def stamp_folders(home: Home) -> tuple[Path, ...]:
    """Where stamps lie, the home's own folder first."""
    return tuple(folder / "stamps" for folder in anchor_folders(home))


def stamped(home: Home) -> set[int]:
    """The numbers of the seals that have a stamp in the home's own folder."""
    return set(_stamps(stamp_folders(home)[0]))


def _stamps(folder: Path) -> dict[int, Path]:
    """The stamps of a folder by the number of their seal."""
    if not folder.is_dir():
        return {}
    found = {path: _STAMP.fullmatch(path.name) for path in folder.iterdir()}
    return {int(match[1]): path for path, match in sorted(found.items()) if match}


def stamp_request(line: str) -> TimeStampRequest:
    """What the authority is asked: it sees a digest and nothing of the seal."""
    builder = TimestampRequestBuilder().data(line.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return builder.cert_request(cert_request=True).nonce(nonce=True).build()


def keep_stamp(home: Home, number: int, line: str, answer: bytes, request: TimeStampRequest) -> str:
    """Check a stamp and keep it in every folder; "" or what is wrong with it."""
    try:
        response = decode_timestamp_response(answer)
    except ValueError:
        return "it is no time stamp"
    if problem := _problem(response, line, _roots(home), request):
        return problem
    for folder in stamp_folders(home):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(folder / f"seal-{number}.line", line.encode())
            _write(folder / f"seal-{number}.tsr", answer)
        except OSError as error:
            log.error("%s: time stamps can't be written there (%s)", folder, error.strerror)
    return ""


def stamp_flaws(home: Home, lines: dict[int, str]) -> list[tuple[str, str]]:
    """Each stamp that doesn't fit the log, as (place, what); `lines` are the seals of the database by number."""
    flaws: list[tuple[str, str]] = []
    roots = _roots(home) if home.time_stamp_roots is not None else ()
    for folder in stamp_folders(home) if roots else ():
        for number, path in _stamps(folder).items():
            place = f"seal {number}"
            try:
                response = decode_timestamp_response(path.read_bytes())
            except (ValueError, OSError):
                flaws.append((place, f"has a time stamp that can't be read: {path}"))
                continue
            at = f"{response.tst_info.gen_time:%Y-%m-%d %H:%M:%S} UTC"
            if number not in lines:
                flaws.append(
                    (place, f"is not in the database any more, though it was stamped at {at}: {path}")
                )
            elif problem := _problem(response, lines[number], roots, None):
                flaws.append((place, f"is not the one that was stamped at {at} ({problem}): {path}"))
    return flaws


def _problem(
    response: TimeStampResponse, line: str, roots: tuple[Certificate, ...], request: TimeStampRequest | None
) -> str:
    """Why a stamp doesn't stand for this line, "" when it does; with `request` it must answer that very one."""
    builder = VerifierBuilder.from_request(request) if request is not None else VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(response, line.encode())
    except (VerificationError, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def _roots(home: Home) -> tuple[Certificate, ...]:
    """The authority's root certificates; HomeError where the file can't be used."""
    path = home.time_stamp_roots
    if path is None:
        raise HomeError(
            "lender.yaml: time_stamp_url needs time_stamp_roots, the authority's root certificates"
        )
    try:
        return tuple(load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError):
        raise HomeError(f"{path}: holds no certificate in PEM") from None


def _write(path: Path, content: bytes) -> None:
    """A small file, whole or not at all, for its owner."""
    waiting = path.with_name(f".{path.name}.part")
    waiting.unlink(missing_ok=True)
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    waiting.rename(path)
