"""lender.yaml: who the lender is, where its files are, and how a night and an import run."""

from collections.abc import Mapping
from dataclasses import field
from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

from forbear.core.base.problem import Phrase, noop
from forbear.core.base.setting import WrongValue, group, known, setting, settings_class, several, share, whole
from forbear.core.content.template import ENCLOSURES
from forbear.interchange.home.creditors import CONTACT, NAME, Code, Declared, in_both
from forbear.interchange.home.feed_limits import FeedLimits

#: What a lender may name, and the codec that reads it; GB18030 holds all of GBK and GB2312.
ENCODINGS = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp1252": "cp1252",
}
_PACKS = noop("must list at least one rule pack, as [packs/cn.yaml]")
_ENCODING = Phrase(noop("must be one of %(choices)s"), choices=tuple(ENCODINGS))
_ZONE = noop("must be a name like Asia/Shanghai")
_URL = noop("must be an address like https://collections.example.org")
_NETWORKS = noop("must be networks like 10.20.0.0/16")
_DATABASE = noop("must be empty for SQLite, or postgresql://user:password@host/name")


def _names(given: object) -> object:
    """(zh, en) of a text in one language or both, which may be left empty."""
    both = in_both(given)
    return tuple(text or "Forbear" for text in both) if isinstance(both, tuple) else both


def _listed(given: object) -> object:
    if given == []:
        raise WrongValue(_PACKS)
    return [given] if isinstance(given, str) else given


def _encoding(given: object) -> object:
    if str(given).lower() not in ENCODINGS:
        raise WrongValue(_ENCODING)
    return str(given).lower()


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongValue(_ZONE) from None


def _url(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        raise WrongValue(_URL) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise WrongValue(_URL)
    return address.rstrip("/")


def _database(address: str) -> str:
    if address and not address.startswith(("postgresql://", "postgres://")):
        raise WrongValue(_DATABASE)
    return address


def _networks(given: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(text)) for text in given)
    except ValueError:
        raise WrongValue(_NETWORKS) from None


@settings_class
class LenderFile:
    """The file as it is read; `name` is (zh, en), paths are inside the home, `threads` 0 takes all cores."""

    name: Annotated[
        tuple[str, str],
        BeforeValidator(_names),
        several(noop("The lender's name"), noop("As pages, messages and letters say it"), wanted=NAME),
    ] = ("Forbear", "Forbear")
    strategy: Annotated[
        str,
        setting(
            noop("Strategy file"),
            noop("The end-of-day run uses it where no strategy was approved at the desk"),
            wanted=noop("must be the path of a strategy file"),
        ),
    ] = "strategies/consumer-cn.yaml"
    packs: Annotated[
        tuple[str, ...],
        BeforeValidator(_listed),
        several(
            noop("Rule packs"),
            noop("The rules of contact; several are merged, the strictest wins"),
            wanted=_PACKS,
        ),
    ] = ("packs/cn.yaml",)
    templates: Annotated[
        str,
        setting(
            noop("Approved texts"),
            noop("Only these texts can be sent"),
            wanted=noop("must be the path of a file of templates"),
        ),
    ] = "templates/consumer-cn.yaml"
    contact: Annotated[
        Mapping[Annotated[str, known(CONTACT)], str],
        several(
            noop("Lender contact details"),
            noop("What texts and pages say of the lender"),
            codes="contact_line",
        ),
    ] = field(default_factory=dict)
    creditors: Annotated[
        Mapping[Code, Declared],
        several(
            noop("Creditors"),
            noop(
                "Whose loans are collected here, by the code in the feed; without any all are the lender's own"
            ),
            codes="creditor",
        ),
    ] = field(default_factory=dict)
    timezone: Annotated[
        str,
        AfterValidator(_zone),
        setting(noop("Time zone"), noop("The lender's day begins and ends by it"), wanted=_ZONE),
    ] = "Asia/Shanghai"
    url: Annotated[
        str,
        AfterValidator(_url),
        setting(
            noop("Address of the pages"),
            noop("Links lead there; with https, cookies go over https only"),
            wanted=_URL,
        ),
    ] = "http://localhost:8000"
    database: Annotated[
        str,
        AfterValidator(_database),
        setting(noop("Database"), noop("Where the desk's tables are stored"), wanted=_DATABASE),
    ] = ""
    threads: Annotated[
        int,
        whole(
            noop("Cores used"),
            noop("How many an end-of-day run and an import may use; 0 is all"),
            "cores",
            most=10_000,
        ),
    ] = 0
    largest_quarantine: Annotated[
        float,
        share(
            noop("Quarantine limit"),
            noop("An import with a larger share of bad rows is refused"),
            wanted=noop("must be a share between 0 and 1, such as 0.05"),
        ),
    ] = 0.05
    feed_encoding: Annotated[
        str,
        BeforeValidator(_encoding),
        setting(noop("Encoding of the feed"), noop("How the CSV files are written")),
    ] = "utf-8"
    webhook_networks: Annotated[
        tuple[str, ...],
        AfterValidator(_networks),
        several(
            noop("Networks that webhooks may reach"),
            noop("Private networks of the lender where programs listen; public addresses need https"),
            wanted=_NETWORKS,
        ),
    ] = ()
    seal_folders: Annotated[
        tuple[str, ...],
        several(
            noop("Folders of seals"),
            noop("Seals are kept there too, best on storage that the database's administrators cannot write"),
            wanted=noop("must list folders, as [/srv/seals]"),
        ),
    ] = ()
    time_stamp_url: Annotated[
        str,
        setting(
            noop("Time stamp authority"),
            noop("The address of a server (RFC 3161) that stamps each seal with the time"),
        ),
    ] = ""
    time_stamp_roots: Annotated[
        str,
        setting(
            noop("Certificates of the time stamp authority"),
            noop("A file of root certificates (PEM) by which its stamps are checked"),
        ),
    ] = ""
    enclosures: Annotated[
        Mapping[Annotated[str, known(ENCLOSURES)], str],
        several(
            noop("Enclosures"),
            noop(
                "The PDF files behind letters that enclose a paper, such as a regulator's information sheets"
            ),
            codes="enclosure",
        ),
    ] = field(default_factory=dict)
    feed: Annotated[FeedLimits, group(noop("Limits of the feed"))] = field(default_factory=FeedLimits)
