"""`forbear night`: the whole night, decided, audited, published."""

import importlib
import json
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from forbear.cli.accept import acceptance, record_acceptance
from forbear.cli.desk import desk
from forbear.cli.shared import Day, amount, folder_option, moment, out, progress_bar, table, the_home, today
from forbear.core.base.money import minor_digits
from forbear.interchange.book.book import open_book
from forbear.interchange.book.comparison import Acceptance
from forbear.interchange.book.import_log import reason_to_wait
from forbear.interchange.home.choices import choice_of
from forbear.interchange.home.experiments import stopped_on
from forbear.interchange.home.lender import Home, locked, read_text
from forbear.interchange.home.scores import scores_text, stale_scores
from forbear.interchange.home.strategies import strategy_on
from forbear.night.export import write_csv
from forbear.night.run import Decide, Night, NightError, StaleNight, plan_night, run_night

#: The number of waiting contacts for which the rules are asked when contacts go on.
_ASKED = 40


@click.command("night")
@click.option("--as-of", type=Day(), default=None, help="The date that is decided; else the lender's today.")
@click.option(
    "--strategy",
    type=click.Path(path_type=Path),
    default=None,
    help="Another strategy than the one in force.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Write the results as CSV too.")
@click.option("--all-facts", is_flag=True, help="Compute every fact, not only those the strategy names.")
@click.option("--cluster", default="", help="Run on a Ray cluster at this address (auto, or HOST:PORT).")
@click.option(
    "--no-publish",
    is_flag=True,
    envvar="FORBEAR_NO_PUBLISH",
    help="Decide only; the desk goes on with the night it has.",
)
@click.option(
    "--accept",
    default="",
    metavar="REASON",
    help="Decide it on an old book or over an audit that a person may answer for.",
)
@click.option("--by", default="", metavar="NAME", help="Who answers for --accept: an account of the desk.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(
    as_of: date | None,
    strategy: Path | None,
    as_csv: bool,
    all_facts: bool,
    cluster: str,
    no_publish: bool,
    accept: str,
    by: str,
    as_json: bool,
    home_folder: Path,
) -> None:
    """Decide who is overdue, at which stage, and what should happen on a date; bring it to the desk.

    A night under another strategy than the one in force is never brought to the desk.
    """
    home = the_home(home_folder)
    as_of = as_of or today(home)
    accepted = acceptance(home, accept, by)
    require_fresh_book(home, as_of, accepted)
    if not no_publish and home.has_desk:
        tell_night(home, as_of)
    night = decide_night(
        home,
        as_of,
        strategy or strategy_on(home, as_of),
        all_facts=all_facts,
        cluster=cluster,
        accepted=accepted,
    )
    if accepted:
        record_acceptance(home, "night", str(as_of), accepted, moment(home))
    if as_csv:
        write_csv(night)
    published = "" if no_publish or strategy is not None else publish_night(home, night, accepted=accepted)
    if as_json:
        click.echo(json.dumps(night.manifest, ensure_ascii=False))
    else:
        show_night(home, night)
        if published:
            out.print(published)


def require_fresh_book(home: Home, as_of: date, accepted: Acceptance | None = None) -> None:
    """`NightError` where the book is too old for a night or the last import was refused, and nobody answers for it."""
    waits = reason_to_wait(
        home.quarantine, open_book(home.book).manifest, as_of, home.feed.oldest_days, ZoneInfo(home.timezone)
    )
    if waits and accepted is None:
        raise NightError(
            f"{waits}. No night was decided and nobody is contacted on it; or decide it on this book with "
            "--accept REASON --by NAME"
        )


def tell_night(home: Home, as_of: date) -> None:
    """Give the night of a date what the desk knows: holds, promises, placements, contacts, strategies signed there."""
    _tell_strategies(home)
    desk(home.folder, "forbear.publish.desk_facts").write_desk_facts(
        home.desk_facts_path(as_of), as_of, moment(home)
    )
    makes = desk(home.folder, "forbear.insight.choice_table")
    makes.table_for_night(home, open_book(home.book), as_of, moment(home))


def _tell_strategies(home: Home) -> None:
    """Write into the home what is in force, what was stopped, and which scores count."""
    desk(home.folder, "forbear.actions.strategies.in_force").write_strategies()
    desk(home.folder, "forbear.actions.strategies.experiments").write_stops()
    desk(home.folder, "forbear.actions.strategies.score_models").write_scores()


def publish_night(
    home: Home, night: Night, now: datetime | None = None, accepted: Acceptance | None = None
) -> str:
    """Bring the night to the desk, at this moment by default; what to tell the person about it.

    A night that finds a guardrail passed is decided again, without the experiment or the canary, and brought at once.
    """
    now = now or moment(home)
    bringer = desk(home.folder, "forbear.jobs.publish_night")
    with progress_bar() as progress:
        try:
            brought = bringer.publish_night(night, open_book(home.book), now, progress=progress)
        except StaleNight as later:
            return f"note: {later}"
    if brought is None:
        return "The desk works on this night already."
    stopped, names = "", brought.stopped
    if names:
        as_of = date.fromisoformat(night.manifest["as_of"])
        _tell_strategies(home)
        again = decide_night(home, as_of, strategy_on(home, as_of), accepted=accepted)
        brought = bringer.publish_night(again, open_book(home.book), now) or brought
        stopped = f"\nA guardrail was passed, so this night was decided again without {', '.join(names)}."
    done = brought.published
    return (
        f"The desk: {done.opened:,} cases opened, {done.moved:,} moved, {done.closed:,} closed, "
        f"{done.open_cases:,} open; {done.contacts:,} contacts wait in the outbox; "
        f"{brought.judged:,} borrowers' agreements evaluated again; {brought.back:,} cases back from agencies; "
        f"{brought.refreshed:,} with payments that the feed lacks; {brought.recalled:,} wrong notices recalled."
        f"{stopped}{_goes_on(home, now)}"
    )


def _goes_on(home: Home, now: datetime) -> str:
    """From which hour contacts go on, by some of those that wait; "" where none may leave in time."""
    first = desk(home.folder, "forbear.actions.contacts.outbox_preview").first_allowed_at(now, _ASKED)
    if first is None:
        return ""
    local = first.astimezone(ZoneInfo(home.timezone))
    return "\nContacts go on now." if first <= now else f"\nContacts go on from {local:%Y-%m-%d %H:%M}."


def decide_night(
    home: Home,
    as_of: date,
    strategy: Path,
    *,
    all_facts: bool = False,
    cluster: str = "",
    accepted: Acceptance | None = None,
) -> Night:
    """Plan and run one night in the lender's home."""
    text = read_text(strategy)
    with locked(home, "night"), progress_bar() as progress:
        book = open_book(home.book)
        desk_facts, stopped = home.desk_facts(as_of), stopped_on(home, as_of)
        choice, refused = choice_of(home, as_of)
        inputs = plan_night(
            *(book, home.nights, as_of, text, strategy.name, desk_facts, all_facts, stopped),
            scores_text=scores_text(home, as_of),
            choice=choice,
            refused=refused,
        )
        inputs.strategy  # noqa: B018  a wrong strategy is reported before anything is computed
        decide = cluster_runner(cluster) if cluster else None
        return run_night(
            inputs,
            book,
            home.nights,
            threads=home.threads,
            progress=progress,
            decide=decide,
            accepted=accepted,
        )


def cluster_runner(address: str) -> Decide:
    """The Ray runner, when the extra is installed."""
    try:
        cluster = importlib.import_module("forbear.night.cluster")
    except ImportError:
        raise click.UsageError(
            "--cluster needs Ray: install it with `pip install forbear[cluster]`"
        ) from None
    return partial(cluster.decide_on, address)


def show_night(home: Home, night: Night) -> None:
    """The decided night, for a person."""
    manifest = night.manifest
    scores = f", scores {manifest['scores']}" if "scores" in manifest else ""
    out.print(
        f"Night of {manifest['as_of']}  strategy {manifest['strategy']} "
        f"({manifest['strategy_version']}), book {manifest['book_version']}{scores}"
    )
    if "scores" not in manifest and (old := stale_scores(home, date.fromisoformat(manifest["as_of"]))):
        out.print(f"note: no scores: the model {old} is set aside, as it was trained too long ago")
    _show_buckets(manifest)
    shown = table("Borrowers by stage", "stage", "handled by", "borrowers", "on hold", right=(2, 3))
    for stage, handler, borrowers, held in manifest["stages"]:
        shown.add_row(stage, handler, f"{borrowers:,}", f"{held:,}")
    out.print(shown)
    if manifest["previous_version"]:
        shown = table("Since the night before", "from", "to", "", "borrowers", right=(3,))
        for before, stage, change, borrowers in manifest["changes"]:
            if change != "same":
                shown.add_row(before or "-", stage or "-", change, f"{borrowers:,}")
        out.print(shown)
    shown = table("Planned treatments", "stage", "channel", "template", "borrowers", right=(3,))
    for stage, _, channel, template, borrowers in manifest["treatments"]:
        shown.add_row(stage, channel, template, f"{borrowers:,}")
    out.print(shown)
    for audit in manifest["audits"]:
        if audit["rows"]:
            out.print(f"note: audit {audit['name']} found {audit['rows']:,}, for example {audit['example']}")
    out.print(f"{len(manifest['audits'])} audits passed or noted. Files: {night.folder}", markup=False)


def _show_buckets(manifest: dict) -> None:
    shown = table(
        "Late loans",
        "currency",
        "bucket",
        "loans",
        "past due",
        "payoff",
        "share of balance",
        right=(2, 3, 4, 5),
    )
    balance: dict[str, int] = {}
    for currency, _, _, _, owed in manifest["loans"]:
        balance[currency] = balance.get(currency, 0) + owed
    for currency, bucket, loans, _, past_due, *_, payoff in manifest["buckets"]:
        unit = 10 ** minor_digits(currency)
        share = f"{payoff / balance[currency]:.2%}" if balance.get(currency) else ""
        shown.add_row(currency, bucket, f"{loans:,}", amount(past_due, unit), amount(payoff, unit), share)
    for currency, owed in balance.items():
        shown.add_row(currency, "all loans", "", "", amount(owed, 10 ** minor_digits(currency)), "100.00%")
    out.print(shown)
