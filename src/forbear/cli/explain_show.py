"""An explanation as tables on a terminal."""

from forbear.cli.shared import amount, out, table
from forbear.core.facts.vocabulary import FACTS
from forbear.core.scores.features import BY_NAME
from forbear.core.scores.targets import TARGETS


def show(explained: dict) -> None:
    """Print what `forbear.night.explain.explain` found."""
    for loan in explained["loans"]:
        _show_loan(loan, explained["as_of"])
    _show_decision(explained)


def _show_loan(loan: dict, as_of: str) -> None:
    unit = loan["minor_unit"]
    out.print(
        f"Loan {loan['loan_id']}  {loan['product']}, {loan['currency']}, principal "
        f"{amount(loan['principal'], unit)}, {loan['status']}, as of {as_of}"
    )
    terms = loan["terms"]
    rule = f"{terms['due_date_rule']} ({terms['calendar']})" if terms["calendar"] else terms["due_date_rule"]
    out.print(
        f"terms: grace {terms['grace_days']} days, tolerance {terms['tolerance']}, paid in the order "
        f"{', '.join(terms['allocation_order'])}; due-date rule {rule}; pauses {terms['pauses']}"
    )
    lines = table(
        "Instalments", "no", "due", "falls due", "amount", "paid", "unpaid", "state", right=(0, 3, 4, 5)
    )
    for line in loan["instalments"]:
        total, unpaid = sum(line["amounts"].values()), sum(line["unpaid"].values())
        lines.add_row(
            str(line["number"]),
            line["due_on"],
            line["falls_due_on"] if line["falls_due_on"] != line["due_on"] else "",
            *(amount(value, unit) for value in (total, line["paid"], unpaid)),
            line["state"],
        )
    out.print(lines)
    if loan["payments"]:
        _show_payments(loan, unit)
    _show_arrears(loan, unit)


def _show_payments(loan: dict, unit: int) -> None:
    shown = table("Payments", "payment", "paid on", "amount", "went to", right=(2,))
    for payment in loan["payments"]:
        parts = []
        for share in payment["spread"]:
            named = ", ".join(f"{k} {amount(v, unit)}" for k, v in share.items() if k != "number" and v)
            parts.append(f"no {share['number']}: {named}")
        if payment["credit"]:
            parts.append(f"credit {amount(payment['credit'], unit)}")
        where = "; ".join(parts) if payment["counts"] else f"does not count: {payment['why_not']}"
        shown.add_row(payment["payment_id"], payment["paid_on"], amount(payment["amount"], unit), where)
    out.print(shown)


def _show_arrears(loan: dict, unit: int) -> None:
    state = loan["arrears"]
    late = state["past_due"]
    shown = table("Balance", "", "", right=(1,))
    for name in ("principal", "interest", "fee", "penalty"):
        if late[name]:
            shown.add_row(f"past due {name}", amount(late[name], unit))
    shown.add_row("past due", amount(state["past_due_amount"], unit))
    shown.add_row("outstanding", amount(state["outstanding"], unit))
    shown.add_row("payoff", amount(state["payoff"], unit))
    shown.add_row("principal of it", amount(state["balance"], unit))
    if state["credit"]:
        shown.add_row("credit", amount(state["credit"], unit))
    shown.add_row("days past due", str(state["days_past_due"]))
    if state["oldest_unpaid_due_on"]:
        shown.add_row("oldest unpaid due date", state["oldest_unpaid_due_on"])
        shown.add_row("delinquent since (after grace)", state["delinquent_since"])
        shown.add_row("days delinquent (grace and pauses off)", str(state["days_delinquent"]))
    shown.add_row("bucket, class", f"{state['bucket']}, {state['five_class']}")
    out.print(shown)


def _show_decision(explained: dict) -> None:
    decision = explained["decision"]
    if decision["facts"] is None:
        out.print("No loan of this borrower is late or due within sight, so no stage applies.")
    else:
        _show_stages(explained["borrower_id"], decision)
    night = explained["night"]
    if night is None:
        out.print("No night of this date is published; this is what the rules say of the book today.")
    elif not night["same_book"]:
        out.print(
            "The book is newer than this night: the lines above are today's, the night knew an older ledger."
        )
    elif night["agrees"]:
        out.print("The published night says the same.")
    else:
        out.print("The published night says otherwise. This must not be: please report it.")


def _fact(name: str, value: int | str | bool, unit: int) -> str:
    """A fact as a condition would write it: money in the currency's unit."""
    return amount(value, unit) if isinstance(value, int) and FACTS[name].kind == "money" else str(value)


def _show_stages(borrower_id: str, decision: dict) -> None:
    unit = decision["facts"]["minor_unit"]
    out.print(
        f"Borrower {borrower_id}  the loan that decides is {decision['worst_loan']}; strategy "
        f"{decision['strategy']} ({decision['strategy_version']})"
    )
    shown = table("Stages, the first that holds decides", "stage", "condition", "holds", "on these facts")
    for line in decision["stages"]:
        facts = {name: value for term in line["terms"] for name, value in term["facts"].items()}
        text = ", ".join(f"{name} = {_fact(name, value, unit)}" for name, value in facts.items())
        holds = "yes, decides" if line["decides"] else ("yes" if line["holds"] else "no")
        shown.add_row(line["stage"], " ".join(line["when"].split()), holds, text)
    out.print(shown)
    if not decision["stage"]:
        out.print("No stage applies.")
        return
    out.print(f"Stage {decision['stage']}, handled by {decision['handler']}.")
    if decision["held"]:
        held = ", ".join(term["text"] for term in decision["hold_terms"] if term["holds"])
        out.print(f"On hold, nothing is planned: {held}.")
    for arm in decision["arms"]:
        out.print(
            f"Arm {arm['arm']} of {arm['experiment']} since {arm['since']}, with probability {arm['probability']:g}.",
            markup=False,
        )
    _show_scores(decision)
    shown = table("Treatments of this stage", "channel", "template", "condition", "tonight")
    for line in decision["treatments"]:
        left_out = "on hold" if decision["held"] else "left out"
        tonight = "planned" if line["planned"] else (left_out if line["holds"] else "no")
        if line["least"]:
            tonight = f"below the least amount, {amount(line['least'], unit)}"
        shown.add_row(line["channel"], line["template"], " ".join(line["when"].split()), tonight)
    out.print(shown)


def _show_scores(decision: dict) -> None:
    """What the model of scores says, and what speaks for and against it."""
    if not decision["scores"]:
        return
    unit = decision["facts"]["minor_unit"]
    shown = table(f"Scores of the model {decision['scores']['model']}", "", "score", "because of", right=(1,))
    for name, found in decision["scores"]["targets"].items():
        score = (
            amount(found["score"], unit)
            if name == "expected_cash"
            else f"{found['score']} of 1,000" + _at_hour(name, decision)
        )
        reasons = [_reason(each) for each in found["reasons"]]
        shown.add_row(TARGETS[name].words, score, "; ".join(reasons))
    out.print(shown)


def _at_hour(name: str, decision: dict) -> str:
    return f" at {decision['facts']['score_answer_hour']}:00" if name == "answers" else ""


def _reason(reason: dict) -> str:
    feature, value = BY_NAME[reason["feature"]], reason["value"]
    if feature.is_flag:
        value = "yes" if value else "no"
    return f"{feature.words}: {value} ({'for' if reason['points'] > 0 else 'against'})"
