"""A sale passport: what was sold to whom, with every document and the chain of title, signed, checked offline.

    sale.json        what the seller states: the parties, the day, totals, and every file's size and SHA-256
    sale.sig         its Ed25519 signature, in hex
    seller.pub.pem   the public key that signed
    loans.jsonl      one loan a line: figures, dates, the chain of title from the first creditor to the buyer, documents
    documents/...    files named by their SHA-256: each loan's ledger, each borrower's evidence bundle
    README.txt       what this is

The buyer keeps it and gives it on. A person asked to pay can be shown where the debt comes from, and anybody can see
whether a line of it was changed.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from forbear.core.base.canonical import canonical, read_line
from forbear.core.evidence.bundle import LONGEST_STATEMENT, FileNote, Part, Source, lines, part
from forbear.core.evidence.log import key_hex, key_name, sign_line, signed_by
from forbear.core.evidence.verify import Flaw, pem_key, printable

SALE = "forbear.sale.1"
STATEMENT, SIGNATURE, LOANS = "sale.json", "sale.sig", "loans.jsonl"
PUBLIC_KEY, README, DOCUMENTS = "seller.pub.pem", "README.txt", "documents/"
FILES = (README, STATEMENT, SIGNATURE, PUBLIC_KEY, LOANS)
#: What a document is: a loan's lines and payments, or a borrower's evidence bundle.
LEDGER, EVIDENCE = "ledger", "evidence"
_MOST_FLAWS = 50
_LONGEST_LOAN = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_README = """\
债权转让护照 · Sale passport

这里是一批转让的个人贷款:每笔的金额、日期、权利来源和全部凭证。任何一处被改动,核验时都会发现。
核验(不需要联网):forbear verify 本文件 --key 转让方公布的公钥
公钥编号 {key},请与转让方网站上公布的编号对照。里面有个人信息,只可交给受让方、借款人本人或法院。

Loans that were sold: amounts, dates, where each debt comes from, and every document. Whatever was changed is found
when it is checked, without a network: forbear verify FILE --key the seller's published key
Compare the key {key} with the one on the seller's own pages. It holds personal data: for the buyer, the borrower or
a court only.
"""


@dataclass(frozen=True, slots=True)
class Title:
    """Who owned the debt from which day on, and how they came to it: `originated` or `assigned`."""

    owner: str
    since: str
    how: str


@dataclass(frozen=True, slots=True)
class SoldLoan:
    """One loan of a sale; amounts in minor units, days as 2026-03-31, "" where there is none.

    `documents` are SHA-256 digests by what each document is.
    """

    loan_id: str
    borrower_id: str
    product: str
    currency: str
    principal: int
    outstanding: int
    days_past_due: int
    disbursed_on: str
    oldest_unpaid_due_on: str
    last_payment_on: str
    written_off_on: str
    time_barred_on: str
    title: tuple[Title, ...]
    documents: dict[str, str]

    def line(self) -> bytes:
        """The loan as it is written."""
        return canonical(asdict(self) | {"title": [asdict(text) for text in self.title]})


@dataclass(frozen=True, slots=True)
class Sale:
    """What the seller states and signs; `totals` are what was outstanding by currency, in minor units."""

    seller: str
    buyer: str
    number: str
    sold_on: str
    made_at: str
    loans: int
    totals: dict[str, int]
    key: str
    files: dict[str, FileNote]

    def line(self) -> bytes:
        """The statement as it is written and signed."""
        return canonical({"format": SALE, **asdict(self)})


def passport(
    seller: str,
    buyer: str,
    number: str,
    sold_on: str,
    made_at: str,
    loans: Sequence[SoldLoan],
    documents: Sequence[Part],
    key: Ed25519PrivateKey,
) -> list[Part]:
    """The files of a passport in the order in which they are packed; `documents` are named `documents/SHA256`."""
    public = key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    rows = b"".join(loan.line() + b"\n" for loan in sorted(loans, key=lambda one: one.loan_id))
    text = "text/plain; charset=utf-8"
    parts = [
        part(README, _README.format(key=key_name(key_hex(public))).encode(), text),
        part(PUBLIC_KEY, pem, "application/x-pem-file"),
        part(LOANS, rows, "application/jsonl"),
        *sorted(documents, key=lambda one: one.name),
    ]
    totals: Counter[str] = Counter()
    for loan in loans:
        totals[loan.currency] += loan.outstanding
    notes = {one.name: FileNote(one.size, _digest(one.chunks()), one.media_type) for one in parts}
    statement = Sale(
        seller,
        buyer,
        number,
        sold_on,
        made_at,
        len(loans),
        dict(sorted(totals.items())),
        key_hex(public),
        notes,
    ).line()
    sale_parts = [
        part(STATEMENT, statement + b"\n", "application/json"),
        part(SIGNATURE, sign_line(statement, key).encode() + b"\n", text),
    ]
    return [parts[0], *sale_parts, *parts[1:]]


def _digest(chunks: Iterator[bytes]) -> str:
    hasher = hashlib.sha256()
    for chunk in chunks:
        hasher.update(chunk)
    return hasher.hexdigest()


def is_sale_file(source: Source) -> bool:
    """Whether these files are those of a passport, sound or not."""
    return STATEMENT in source.names()


@dataclass(slots=True)
class SaleVerdict:
    """What checking a passport found; `bundles` are the evidence bundles in it, by borrower, still to be checked."""

    flaws: list[Flaw] = field(default_factory=list)
    found: int = 0
    seller: str = ""
    buyer: str = ""
    number: str = ""
    sold_on: str = ""
    loans: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    key: str = ""
    pinned: bool = False
    bundles: dict[str, str] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.found == 0

    def add(self, file: str, line: int, what: str) -> None:
        """Note a flaw."""
        self.found += 1
        if len(self.flaws) < _MOST_FLAWS:
            self.flaws.append(Flaw(printable(file), line, printable(what)))


def verify_sale(source: Source, pinned: tuple[str, ...] = ()) -> SaleVerdict:
    """Check a passport: the signature, every file, every loan's figures, its chain of title and its documents."""
    verdict = SaleVerdict(pinned=bool(pinned))
    sale = _statement(source, pinned, verdict)
    present = _files(source, sale, verdict)
    if sale is not None and LOANS in source.names():
        _loans(source, sale, present, verdict)
    return verdict


def _statement(source: Source, pinned: tuple[str, ...], verdict: SaleVerdict) -> Sale | None:
    statement_lines = list(lines(source.chunks(STATEMENT), LONGEST_STATEMENT))
    try:
        sale = read_sale(statement_lines[0] if len(statement_lines) == 1 else b"")
    except ValueError as error:
        verdict.add(STATEMENT, 1, str(error))
        return None
    verdict.seller, verdict.buyer, verdict.number = sale.seller, sale.buyer, sale.number
    verdict.sold_on, verdict.key, verdict.totals = sale.sold_on, sale.key, sale.totals
    content = b"".join(source.chunks(SIGNATURE)) if SIGNATURE in source.names() else b""
    signature = content.decode("ascii", "replace")
    if signature[-1:] != "\n" or not signed_by(statement_lines[0], signature[:-1], sale.key):
        verdict.add(STATEMENT, 1, f"is not what {SIGNATURE} signs with the key it names")
    elif pinned and sale.key not in pinned:
        verdict.add(STATEMENT, 1, f"is signed with the key {key_name(sale.key)}, not with the key given")
    if PUBLIC_KEY in source.names() and pem_key(b"".join(source.chunks(PUBLIC_KEY))) != sale.key:
        verdict.add(PUBLIC_KEY, 0, f"is not the key that {STATEMENT} names")
    return sale


def read_sale(line: bytes) -> Sale:
    """The statement of a line; ValueError, fit to follow its place, when it is none."""
    fields = read_line(line, LONGEST_STATEMENT)
    names = frozenset(Sale.__dataclass_fields__) | {"format"}
    if not isinstance(fields, dict) or fields.keys() != names or fields.pop("format") != SALE:
        raise ValueError(f"is no statement in the form {SALE}")
    texts = [fields[name] for name in ("seller", "buyer", "number", "sold_on", "made_at", "key")]
    if not all(isinstance(text, str) for text in texts) or type(fields["loans"]) is not int:
        raise ValueError("has a value that no statement has")
    totals, files = fields["totals"], fields["files"]
    if not isinstance(totals, dict) or not all(type(total) is int for total in totals.values()):
        raise ValueError("has totals that are no amounts")
    if not isinstance(files, dict) or not all(_is_note(note) for note in files.values()):
        raise ValueError("lists a file without its size, digest and media type")
    return Sale(**(fields | {"files": {name: FileNote(**note) for name, note in files.items()}}))


def _is_note(note: object) -> bool:
    if not isinstance(note, dict) or note.keys() != {"size", "sha256", "media_type"}:
        return False
    return type(note["size"]) is int and all(isinstance(note[name], str) for name in ("sha256", "media_type"))


def _files(source: Source, sale: Sale | None, verdict: SaleVerdict) -> set[str]:
    """Every file against the statement, none more and none less; the documents that are there and whole."""
    names, listed, whole = set(source.names()), sale.files if sale else {}, set()
    for name in sorted((set(listed) | set(FILES)) - names):
        verdict.add(name, 0, "is missing")
    for name in sorted(names - {STATEMENT, SIGNATURE}):
        digest = _digest(source.chunks(name))
        own = name.removeprefix(DOCUMENTS) if name.startswith(DOCUMENTS) else ""
        note = listed.get(name)
        if sale is not None and note is None:
            verdict.add(name, 0, f"was added: {STATEMENT} does not list it")
        elif note is not None and note.sha256 != digest:
            verdict.add(name, 0, "is not the file that was signed")
        elif own and own != digest:
            verdict.add(name, 0, f"was changed: its SHA-256 is {digest}")
        elif own:
            whole.add(own)
    verdict.documents = len(whole)
    return whole


def _loans(source: Source, sale: Sale, present: set[str], verdict: SaleVerdict) -> None:
    seen: set[str] = set()
    used: set[str] = set()
    totals: Counter[str] = Counter()
    for number, line in enumerate(lines(source.chunks(LOANS), _LONGEST_LOAN), 1):
        try:
            loan = read_loan(line)
        except ValueError as error:
            verdict.add(LOANS, number, str(error))
            continue
        if loan.loan_id in seen:
            verdict.add(LOANS, number, f"has the loan {loan.loan_id} twice")
        seen.add(loan.loan_id)
        totals[loan.currency] += loan.outstanding
        for what in title_flaws(loan, sale):
            verdict.add(LOANS, number, what)
        for name in (LEDGER, EVIDENCE):
            if loan.documents.get(name) not in present:
                verdict.add(LOANS, number, f"names a document ({name}) that is not there")
        used |= set(loan.documents.values())
        if EVIDENCE in loan.documents:
            verdict.bundles[loan.borrower_id] = loan.documents[EVIDENCE]
    verdict.loans = len(seen)
    if (len(seen), dict(sorted(totals.items()))) != (sale.loans, sale.totals):
        verdict.add(LOANS, 0, f"has other loans or sums than {STATEMENT} tells")
    for digest in sorted(present - used):
        verdict.add(DOCUMENTS + digest, 0, "belongs to no loan")


def read_loan(line: bytes) -> SoldLoan:
    """The loan of a line; ValueError, fit to follow the line's place, when it is none."""
    fields = read_line(line, _LONGEST_LOAN)
    if not isinstance(fields, dict) or fields.keys() != frozenset(SoldLoan.__dataclass_fields__):
        raise ValueError("is no sold loan")
    numbers = ("principal", "outstanding", "days_past_due")
    rows, documents = fields["title"], fields["documents"]
    sound = (
        all(type(fields[name]) is int for name in numbers)
        and all(
            isinstance(v, str) for name, v in fields.items() if name not in (*numbers, "title", "documents")
        )
        and isinstance(rows, list)
        and all(isinstance(row, dict) and row.keys() == {"owner", "since", "how"} for row in rows)
        and all(isinstance(value, str) for row in rows for value in row.values())
        and isinstance(documents, dict)
        and all(isinstance(document, str) and _SHA256.fullmatch(document) for document in documents.values())
    )
    if not sound:
        raise ValueError("has a value that no sold loan has")
    return SoldLoan(**(fields | {"title": tuple(Title(**row) for row in rows)}))


def title_flaws(loan: SoldLoan, sale: Sale) -> list[str]:
    """What is wrong with a loan's chain of title: from the one who lent the money, day by day, to this sale's buyer."""
    chain = loan.title
    if len(chain) < 2:
        return ["has no chain of title from its first creditor to the buyer"]
    flaws = []
    if chain[0].how != "originated" or any(link.how != "assigned" for link in chain[1:]):
        flaws.append(
            "its chain of title does not begin where the money was lent, or goes on otherwise than by assignment"
        )
    if [link.since for link in chain] != sorted(link.since for link in chain):
        flaws.append("its chain of title goes back in time")
    if (chain[-2].owner, chain[-1].owner, chain[-1].since) != (sale.seller, sale.buyer, sale.sold_on):
        flaws.append("its chain of title does not end with this sale")
    return flaws
