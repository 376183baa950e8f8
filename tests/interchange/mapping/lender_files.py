"""A lender's own files, a mapping for them, and what came of their import."""

import csv
from pathlib import Path

from forbear.interchange.book.book import Book, open_book, sources_before
from forbear.interchange.book.import_feed import ImportReport, import_feed
from forbear.interchange.mapping.mapped_feed import map_feed

CONTRACTS = """\
合同编号;客户号;客户姓名;手机号;放款日期;合同金额;状态
HT001;K1;张三;13800000001;2026/1/5;10.000,00;正常
HT002;K2;李四;13800000002;2026/1/6;2.500,50;结清
HT003;K3;王五;13800000003;2026/1/7;1.683,00;正常
"""
PLAN = """\
ht,due,principal,interest
HT001,05/02/2026,500000,1000
HT001,05/03/2026,500000,1000
HT002,05/02/2026,250050,10
HT003,05/02/2026,168300,0
"""
PAID = """\
ht,day,amt,kind
HT001,20260206,5010.00,RPY
HT001,20260206,5010.00,RPY
HT001,20260207,1.00,FEE
HT002,20260206,2500.60,RPY
"""
MAPPING = """\
sources:
  contracts: {files: 合同*.csv, separator: semicolon, decimal: ",", thousands: ".", dates: YYYY/M/D}
  plan: {files: plan.csv}
  paid: {files: pay.csv}
tables:
  loans:
    source: contracts
    columns:
      loan_id: 合同编号
      borrower_id: 客户号
      product: {value: cash}
      currency: {value: CNY}
      principal: 合同金额
      disbursed_on: 放款日期
      status: {column: 状态, words: {正常: active, 结清: closed}}
  borrowers:
    source: contracts
    one_per: borrower_id
    columns: {borrower_id: 客户号, name: 客户姓名, phone: 手机号}
  instalments:
    source: plan
    columns:
      loan_id: ht
      number: {sql: "row_number() over (partition by ht order by source_row)"}
      due_on: {column: due, date: DD/MM/YYYY}
      principal: {column: principal, unit: cents}
      interest: {column: interest, unit: cents}
  payments:
    source: paid
    where: kind = 'RPY'
    columns:
      payment_id: {generated: [ht, day, amt]}
      loan_id: ht
      paid_on: {column: day, date: YYYYMMDD}
      amount: amt
"""
FILES = {"合同2026.csv": CONTRACTS, "plan.csv": PLAN, "pay.csv": PAID}


def lay(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write a lender's files into a new folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def import_mapped(
    root: Path, files: dict[str, str | bytes] | None = None, mapping: str = MAPPING, **options: object
) -> tuple[ImportReport, Book]:
    """Import files by a mapping into the book under `root`, as the command does; any share may be bad."""
    number = len(list(root.glob("feed*")))
    feed = lay(root / f"feed{number}", FILES | (files or {}))
    return import_from(root, feed, mapping, **options)


def import_from(
    root: Path, feed: Path, mapping: str = MAPPING, **options: object
) -> tuple[ImportReport, Book]:
    """The same from a feed that is there."""
    number = len(list(root.glob("scratch*")))
    path = root / "mapping.yaml"
    path.write_text(mapping, encoding="utf-8")
    largest = options.setdefault("largest_quarantine", 1.0)
    mapped = map_feed(
        path,
        feed,
        root / f"scratch{number}",
        largest_quarantine=largest,
        before=sources_before(root / "book"),
    )
    report = import_feed(
        root / "book", mapped.folder, quarantine=root / "quarantine", mapped=mapped, **options
    )
    return report, open_book(root / "book")


def left_out(report: ImportReport, root: Path) -> list[dict[str, str]]:
    """What the import left out, as the home keeps it."""
    path = root / "quarantine" / report.version / "left-out.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
