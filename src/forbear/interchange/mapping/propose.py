"""A proposal for mapping.yaml from samples: which table is what, each column's rule, and what is unsure and why."""

from dataclasses import dataclass, field

import yaml

from forbear.interchange.mapping.header_words import currency_in, dictionary, status_of
from forbear.interchange.mapping.meanings import SURE, Understood
from forbear.interchange.mapping.profile import Profile

_CHINESE_FIRST, _CHINESE_LAST = "\u4e00", "\u9fff"
_PERSON = (
    *(
        "phone",
        "email",
        "language",
        "region",
        "timezone",
        "born_on",
        "id_number",
        "address",
        "address_street",
    ),
    *("address_city", "address_state", "address_postcode", "area"),
)
_WORTH = {"name": 4, "first_name": 3, "phone": 4, "email": 3, "born_on": 2, "id_number": 2}


@dataclass(slots=True)
class Proposal:
    """`text` is the mapping, `unsure` what a person should look at, each one sentence."""

    sources: dict[str, dict[str, object]] = field(default_factory=dict)
    tables: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    unsure: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The mapping as YAML, short where it can be."""
        lines = ["# Proposed by `forbear map`. Look at what it was unsure of, then import with --mapping."]
        lines += [f"# unsure: {what}" for what in self.unsure]
        lines.append("sources:")
        lines += [f"  {name}: {_flow(settings)}" for name, settings in self.sources.items()]
        lines.append("tables:")
        for table, blocks in self.tables.items():
            lines.append(f"  {table}:")
            for block in blocks:
                lines += _block_lines(block, "    " if len(blocks) == 1 else "    - ")
        return "\n".join(lines) + "\n"


def _block_lines(block: dict[str, object], begin: str) -> list[str]:
    columns = block["columns"]
    assert isinstance(columns, dict), "a block has columns"
    settings = [f"{key}: {_flow(value)}" for key, value in block.items() if key != "columns"]
    rules = [f"  {name}: {_flow(rule)}" for name, rule in columns.items()]
    inside = " " * len(begin)
    return [f"{begin}{settings[0]}", *(inside + line for line in (*settings[1:], "columns:", *rules))]


def _flow(value: object) -> str:
    shown = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return shown.removesuffix("\n").removesuffix("\n...").strip()


def propose(understood: list[Understood]) -> Proposal:
    """The mapping that fits the samples best."""
    made = Proposal()
    for one in understood:
        made.sources[one.sample.name] = one.sample.settings
        made.unsure += [f"{one.sample.label}: {note}" for note in one.sample.notes]
        for guess in one.guesses.values():
            if guess.sure < SURE and guess.meaning not in ("row_id", "date", "amount"):
                made.unsure.append(
                    f"{one.sample.label}: is the column {guess.column} {guess.meaning}? {guess.why}"
                )
    loans = _loans(made, understood)
    schedules = [one for one in understood if _is_schedule(one)]
    for one in schedules:
        _add(made, "instalments", one, _instalment(made, one))
    for one in understood:
        if _is_receipts(one):
            _add(made, "payments", one, _payment(made, one), _where_paid(one))
            _say_doubts_of_rows(made, one, loans)
    _borrowers(made, understood)
    if not schedules:
        made.missing.append("instalments: no sample has due dates; give the file with the schedule")
    if "payments" not in made.tables and loans is not None:
        made.unsure.append("no sample has payments: none are read, and everything due counts as unpaid")
        _add(
            made,
            "payments",
            loans,
            {
                "payment_id": {"value": "none"},
                "loan_id": loans.column("loan_id"),
                "paid_on": {"value": "2000-01-01"},
                "amount": {"value": "1"},
            },
            "false",
        )
    made.tables = {
        name: made.tables[name]
        for name in ("loans", "borrowers", "instalments", "payments")
        if name in made.tables
    }
    used = {name for blocks in made.tables.values() for name in (block["source"] for block in blocks)}
    made.sources = {name: settings for name, settings in made.sources.items() if name in used}
    _say_unused(made, understood)
    return made


def _add(
    made: Proposal,
    table: str,
    one: Understood,
    columns: dict[str, object],
    where: str = "",
    one_per: str = "",
) -> None:
    block: dict[str, object] = {"source": one.sample.name}
    if where:
        block["where"] = where
    if one_per:
        block["one_per"] = one_per
    block["columns"] = columns
    made.tables.setdefault(table, []).append(block)


def _per_loan(one: Understood) -> bool:
    key = one.column("loan_id")
    return key is not None and one.profile(key).distinct >= 0.995


def _is_schedule(one: Understood) -> bool:
    has_amount = one.column("due_principal", "due_total", "principal", "amount") is not None
    return one.column("loan_id") is not None and one.column("due_on") is not None and has_amount


def _is_receipts(one: Understood) -> bool:
    if one.column("loan_id") is None:
        return False
    if one.column("paid_on") and one.column("paid_amount", "amount", "due_total", "principal"):
        return True
    return (
        not _per_loan(one)
        and one.column("due_on") is None
        and bool(one.column("date") and one.column("paid_amount", "amount"))
    )


def _loans(made: Proposal, understood: list[Understood]) -> Understood | None:
    """The table with a row a loan; else the loans of a schedule, each once."""
    with_loans = [one for one in understood if one.column("loan_id")]
    if not with_loans:
        made.missing.append("loans: no column looks like a loan's id; name it in the mapping")
        return None
    telling = ("principal", "disbursed_on", "status", "borrower_id", "product", "currency", "name")
    rows = [one for one in with_loans if _per_loan(one)]
    best = max(rows or with_loans, key=lambda one: sum(meaning in one.guesses for meaning in telling))
    columns: dict[str, object] = {"loan_id": best.column("loan_id")}
    borrower = best.column("borrower_id")
    columns["borrower_id"] = borrower or best.column("loan_id")
    if borrower is None:
        made.unsure.append(f"{best.sample.label}: no column names the borrower: each loan has one of its own")
    product = best.column("product")
    columns["product"] = product if product and len(best.profile(product).words) else {"value": "loan"}
    columns["currency"] = _currency(made, best)
    columns["principal"] = _principal(made, best, understood)
    if lent := best.column("disbursed_on", *(("date",) if _per_loan(best) else ())):
        columns["disbursed_on"] = _date(made, best, lent)
    columns["status"] = _status(made, best)
    _add(made, "loans", best, columns, one_per="" if _per_loan(best) else "loan_id")
    return best


def _principal(made: Proposal, best: Understood, understood: list[Understood]) -> object:
    if column := best.column("principal") or (
        best.column("due_total", "amount") if _per_loan(best) else None
    ):
        return _amount(best, column)
    for one in (best, *understood):
        part = one.column("due_principal", "due_total", "amount")
        if one is best and part and not _per_loan(one):
            key = one.column("loan_id")
            made.unsure.append(
                f"{one.sample.label}: the principal lent is taken as the sum of {part} of a loan"
            )
            return {"sql": f'sum(try_cast("{part}" as decimal(18, 2))) over (partition by "{key}")'}
    made.unsure.append(f"{best.sample.label}: no column says what was lent: 0 is written")
    return {"value": "0"}


def _status(made: Proposal, best: Understood) -> object:
    column = best.column("status")
    if column is None:
        made.unsure.append(f"{best.sample.label}: no column of status: all loans are active")
        return {"value": "active"}
    words = list(best.profile(column).words) or list(dict.fromkeys(best.sample.values(column)))[:30]
    becomes = {word: status_of(word) for word in words}
    unknown = [word for word in words if not becomes[word]]
    if unknown:
        made.unsure.append(
            f"{best.sample.label}: what do these words of {column} mean: {', '.join(unknown[:8])}? "
            "Rows with them are refused until the mapping says it"
        )
    if not any(becomes.values()):
        return {"value": "active"}
    return {"column": column, "words": {word: status for word, status in becomes.items() if status}}


def _currency(made: Proposal, best: Understood) -> object:
    if (column := best.column("currency")) and best.profile(column).words:
        return column
    named = {code for name in best.sample.columns if (code := currency_in(name))}
    if len(named) == 1:
        return {"value": named.pop().replace("RMB", "CNY")}
    marks = {mark for known in best.profiles.values() if known.amount for mark in known.amount.strip}
    codes = {dictionary().signs[mark] for mark in marks if mark in dictionary().signs}
    if len(codes) == 1:
        return {"value": codes.pop()}
    chinese = any(_CHINESE_FIRST <= mark <= _CHINESE_LAST for name in best.sample.columns for mark in name)
    code = "CNY" if chinese else "USD"
    made.unsure.append(f"{best.sample.label}: no column of currency: {code} is a guess")
    return {"value": code}


def _date(made: Proposal, one: Understood, column: str) -> object:
    known = one.profile(column)
    styles = known.styles or known.number_styles
    if not styles:
        made.unsure.append(
            f"{one.sample.label}: the values of {column} are no dates that are known: {', '.join(known.examples[:3])}"
        )
        return column
    style, others = styles[0], [each for each in styles[1:] if _other_reading(styles[0], each)]
    if others:
        made.unsure.append(
            f"{one.sample.label}: {column} may be {style} or {others[0]}: no value of the sample tells, "
            f"such as {known.examples[0]}"
        )
    if known.offset:
        made.unsure.append(
            f"{one.sample.label}: {column} has an offset; its day counts as written, unless the mapping names a zone"
        )
    return column if style == "YYYY-MM-DD" else {"column": column, "date": style}


def _other_reading(first: str, other: str) -> bool:
    """Whether two styles that fit the same texts have day, month and year in another order."""
    orders = ["".join(dict.fromkeys(mark for mark in style if mark in "DMY")) for style in (first, other)]
    return orders[0] != orders[1]


def _amount(one: Understood, column: str) -> object:
    known = one.profile(column).amount
    rule: dict[str, object] = {"column": column}
    if known is None:
        return column
    if known.decimal != ".":
        rule["decimal"] = known.decimal
    if known.thousands:
        rule["thousands"] = known.thousands
    if known.strip:
        rule["strip"] = list(known.strip)
    if known.exponent:
        rule["exponent"] = True
    if known.places > 2:
        rule["round"] = 2
    return rule if len(rule) > 1 else column


def _instalment(made: Proposal, one: Understood) -> dict[str, object]:
    key, due = one.column("loan_id"), one.column("due_on")
    assert key is not None, "a schedule has loans"
    assert due is not None, "a schedule has due dates"
    columns: dict[str, object] = {"loan_id": key}
    number = one.column("number")
    if number and not _per_loan(one):
        columns["number"] = number
    elif _per_loan(one):
        columns["number"] = {"value": "1"}
    else:
        columns["number"] = {"sql": f'row_number() over (partition by "{key}" order by source_row)'}
        made.unsure.append(
            f"{one.sample.label}: instalments have no number: they are counted in the file's order"
        )
    columns["due_on"] = _date(made, one, due)
    part = one.column("due_principal") or (None if _per_loan(one) else one.column("principal"))
    whole = one.column("due_total", *(("principal", "amount") if _per_loan(one) else ("amount", "principal")))
    interest = one.column("due_interest")
    if part is None and whole is not None:
        part = whole
        if interest:
            made.unsure.append(
                f"{one.sample.label}: is {whole} with interest? It is read as principal beside {interest}"
            )
        else:
            made.unsure.append(f"{one.sample.label}: {whole} is read as principal, for nothing parts it")
    columns["principal"] = _rounded(made, one, part)
    for meaning in ("interest", "fee", "penalty"):
        if column := one.column(f"due_{meaning}"):
            columns[meaning] = _rounded(made, one, column)
    return columns


def _rounded(made: Proposal, one: Understood, column: str | None) -> object:
    assert column is not None, "a schedule has amounts"
    if one.profile(column).places > 2:
        made.unsure.append(f"{one.sample.label}: {column} has more than two decimals; they are rounded")
    return _amount(one, column)


def _payment(made: Proposal, one: Understood) -> dict[str, object]:
    key, paid = one.column("loan_id"), one.column("paid_on", "date")
    amount = one.column("paid_amount", "amount", "due_total", "principal")
    assert key is not None, "receipts have loans"
    assert paid is not None, "receipts have dates"
    assert amount is not None, "receipts have amounts"
    own = one.column("payment_id") or (None if one.column("due_on") else one.column("row_id"))
    columns: dict[str, object] = {"payment_id": own or {"generated": [key, paid, amount]}}
    if own is None:
        made.unsure.append(
            f"{one.sample.label}: payments have no id: one is made of {key}, {paid} and {amount}"
        )
    columns |= {"loan_id": key, "paid_on": _date(made, one, paid)}
    rule = _rounded(made, one, amount)
    if one.profile(amount).negative > 0.9:
        rule = {**(rule if isinstance(rule, dict) else {"column": amount}), "sign": "flip"}
        made.unsure.append(f"{one.sample.label}: {amount} is negative; its sign is turned")
    elif one.profile(amount).negative:
        made.unsure.append(
            f"{one.sample.label}: some of {amount} are negative; a payment undone needs `reverses`"
        )
    columns["amount"] = rule
    if reverses := one.column("reverses"):
        columns["reverses"] = reverses
    if amount in (one.column("due_total"), one.column("principal")):
        made.unsure.append(f"{one.sample.label}: no column says what was paid: {amount} is taken, on {paid}")
    return columns


def _say_doubts_of_rows(made: Proposal, one: Understood, loans: Understood | None) -> None:
    """Receipts may hold more than payments, and may name something else than the loan."""
    given = {guess.column for guess in one.guesses.values()}
    for name, known in one.profiles.items():
        if name not in given and 2 <= len(known.words) <= 15 and known.filled > 0.5 and not _per_loan(one):
            words = ", ".join(list(known.words)[:6])
            made.unsure.append(
                f"{one.sample.label}: are all rows payments? {name} has {words}; say in `where` which are"
            )
    key, known_key = one.column("loan_id"), loans.column("loan_id") if loans else None
    if loans is None or loans is one or key is None or known_key is None:
        return
    ids, values = set(loans.sample.values(known_key)), one.sample.values(key)
    share = sum(value in ids for value in values) / max(1, len(values))
    if share < 0.5:
        made.unsure.append(
            f"{one.sample.label}: only {share:.0%} of {key} are a {known_key} of {loans.sample.label}"
        )


def _where_paid(one: Understood) -> str:
    """Of a table whose rows need not be paid, those that are."""
    paid = one.column("paid_on", "date")
    assert paid is not None, "receipts have dates"
    return f"\"{paid}\" <> ''" if one.profile(paid).filled < 1 else ""


def _borrowers(made: Proposal, understood: list[Understood]) -> None:
    people = [
        one
        for one in understood
        if one.column("name", "first_name", *_PERSON) and one.column("borrower_id", "loan_id")
    ]
    if not people:
        return
    # who can be named and reached is worth more than where somebody lives
    best = max(people, key=lambda one: sum(_WORTH.get(guess, guess in _PERSON) for guess in one.guesses))
    loans = made.tables.get("loans", [{}])[0]
    named = loans.get("columns")
    key = best.column("borrower_id", "loan_id")
    if isinstance(named, dict) and best.sample.name == loans.get("source"):
        key = named["borrower_id"]
    assert key is not None, "people have ids"
    columns: dict[str, object] = {"borrower_id": key}
    if name := best.column("name"):
        columns["name"] = name
    elif first := best.column("first_name"):
        last = best.column("last_name")
        columns["name"] = {"sql": f'concat_ws(\' \', "{first}", "{last}")'} if last else first
    for meaning in _PERSON:
        if column := best.column(meaning):
            columns[meaning] = _date(made, best, column) if meaning == "born_on" else column
    unique = isinstance(key, str) and best.profile(key).distinct >= 1
    _add(made, "borrowers", best, columns, one_per="" if unique else "borrower_id")


def _say_unused(made: Proposal, understood: list[Understood]) -> None:
    shown = made.text
    for one in understood:
        if one.sample.name not in made.sources:
            made.unsure.append(
                f"{one.sample.label}: is not used: its columns are {', '.join(one.sample.columns[:12])}"
            )
            continue
        unused = [name for name in one.sample.columns if name not in shown]
        if unused:
            made.unsure.append(f"{one.sample.label}: not used: {', '.join(unused[:15])}")


def kind_of(known: Profile) -> str:
    """What a column's values are, in a word."""
    if known.is_date:
        return "date"
    if known.is_amount:
        return "whole" if known.is_whole else "amount"
    return "words" if known.words else "text"
