"""What the workers do, and when: sending always, the rest at its pace and beside it, so no message waits for it."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from forbear.actions.access.purge_expired import purge_expired
from forbear.actions.agencies.agencies import check_agencies
from forbear.actions.agencies.agency_findings import find_overdue, find_unproved
from forbear.actions.agencies.placements import place_due
from forbear.actions.agencies.recalls_due import recall_due
from forbear.actions.agency_work.agency_files import exchange
from forbear.actions.agreements.evaluation import evaluate_due_agreements
from forbear.actions.agreements.reminders import remind_due
from forbear.actions.agreements.settlement_offers import follow_letters
from forbear.actions.cases.granted import recompute_settled
from forbear.actions.cases.release import release_cases
from forbear.actions.contacts.delivery_reports import record_delivery_report
from forbear.actions.contacts.staff_texts import send_staff_texts
from forbear.actions.court.lawsuits import stop_due
from forbear.actions.court.letter_before_claim import send_letters_before_claim
from forbear.actions.court.limitation_dates import compute_limitation
from forbear.actions.instructions.instruction_file import write_instruction_file
from forbear.actions.payments.debt_sale import sell_due
from forbear.actions.payments.penalty_checks import check_due
from forbear.actions.payments.sale_file import make_sale_files
from forbear.actions.replies.feedback import ask_due
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.replies.reading import escalate_alarms
from forbear.actions.selectors.home_channels import home_channels, uncarried
from forbear.actions.visits.cancellation import call_off_due
from forbear.actions.visits.proposals import propose_due
from forbear.actions.visits.routes import put_back_due
from forbear.channels.transport import Reply, Report
from forbear.core.agreements.policy import PolicyError
from forbear.core.base.problem import Problem
from forbear.core.evidence.log import EvidenceError
from forbear.core.files.reader import ContentError
from forbear.core.permits.pack import PackError
from forbear.engine.telemetry import flush, span
from forbear.insight.kpi_cache import cache_kpis
from forbear.insight.routing import plan_tonight
from forbear.interchange.home.lender import HomeError
from forbear.interchange.home.pack_cases import check_home_cases
from forbear.interchange.home.signed_packs import NOT_SIGNED, unsigned_files
from forbear.jobs.deliver_webhooks import Deliverer
from forbear.jobs.erase_due import erase_due, erase_files, erase_messages
from forbear.jobs.fetch_recordings import Recordings
from forbear.jobs.plan_routes import plan_asked
from forbear.jobs.seal_day import note_heads, seal_day, stamp_seals
from forbear.jobs.send_due import Worker, clock
from forbear.jobs.strategy_backtests import try_due
from forbear.store.health import beat

_IDLE_SECONDS = 0.5
_BEAT_SECONDS = 15.0
_AFTER_TROUBLE_SECONDS = 5.0
#: A clock that jumped so far makes every job due: a machine slept, or a demo's time was moved.
_JUMP_SECONDS = 60.0
#: A file of the home that can't be used; the messages name its place and hold nothing personal.
_UNUSABLE = (HomeError, PackError, ContentError, PolicyError, EvidenceError)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One job of the timetable: what it is called, how often, and what it does; its result is whether it was busy.

    Each lane has a thread of its own that does its entries one after the other: what may take long has no place
    beside what must not wait.
    """

    name: str
    every_seconds: float
    act: Callable[[], object]
    lane: str = "timetable"


def receive_message(message: Report | Reply) -> object:
    """What a provider says on an open line, taken at once. LookupError when it has to say it again."""
    taken = (
        record_delivery_report(message, clock())
        if isinstance(message, Report)
        else process_reply(message, clock())
    )
    if isinstance(taken, Problem):
        raise LookupError(str(taken))
    return taken


def timetable(worker: Worker, deliver: Callable[[datetime], int]) -> list[Entry]:
    """Every job of this process; `deliver` tells other programs."""
    recordings = Recordings(worker.providers)
    return [
        Entry("send", 0.0, worker.once, lane="sending"),
        Entry("hooks", 0.5, lambda: deliver(clock()), lane="webhooks"),
        Entry("placements", 2.0, lambda: place_due(clock())),
        Entry("staff texts", 2.0, lambda: send_staff_texts(worker.providers, clock()), lane="sending"),
        Entry("alarms", 30.0, lambda: escalate_alarms(clock()), lane="sending"),
        Entry("feedback", 600.0, lambda: ask_due(clock())),
        Entry("released cases", 60.0, lambda: release_cases(clock())),
        Entry("recalls", 60.0, lambda: recall_due(clock())),
        Entry("instructions", 300.0, lambda: write_instruction_file(clock())),
        Entry("lawsuits", 60.0, lambda: stop_due(clock()) + send_letters_before_claim(clock())),
        Entry("agency files", 60.0, lambda: exchange(clock())),
        Entry(
            "agencies",
            3600.0,
            lambda: (check_agencies(clock()), find_overdue(clock()), find_unproved(clock())),
        ),
        Entry("limitation", 6 * 3600.0, lambda: compute_limitation(clock())),
        Entry("visits", 60.0, lambda: (call_off_due(clock()), put_back_due(clock()), propose_due(clock()))),
        Entry("routes", 900.0, lambda: plan_tonight(clock())),
        Entry("routes asked for", 2.0, lambda: plan_asked(clock())),
        Entry("strategies", 2.0, lambda: try_due(clock())),
        Entry("sales", 30.0, lambda: (sell_due(clock()), make_sale_files(clock()))),
        Entry("figures", 600.0, lambda: cache_kpis(clock())),
        Entry("offers", 30.0, lambda: follow_letters(clock())),
        Entry("agreements", 3600.0, lambda: evaluate_due_agreements(clock()) + recompute_settled(clock())),
        Entry("reminders", 3600.0, lambda: remind_due(clock())),
        Entry("penalties", 300.0, lambda: check_due(clock())),
        Entry("forget", 3600.0, lambda: purge_expired(clock())),
        Entry("recordings", 30.0, lambda: recordings.fetch_due(clock())),
        Entry("missing recordings", 3600.0, lambda: recordings.miss(clock())),
        Entry(
            "erase",
            6 * 3600.0,
            lambda: [erase(clock(), "timetable") for erase in (erase_due, erase_files, erase_messages)],
        ),
        Entry("seal", 600.0, lambda: seal_day(clock())),
        Entry("time stamps", 600.0, lambda: stamp_seals(clock()), "evidence"),
        Entry("chains' ends", 3600.0, lambda: note_heads(clock())),
    ]


def work(*, once: bool = False) -> dict[str, int]:
    """Work until stopped; with `once` do what is due now and end. How much each job did, by its name, if anything.

    A database that is away is waited for, and so is a file of the home that can't be used. HomeError when a pack of
    the home gets one of its own cases wrong: then nothing starts.
    """
    check_home_cases(settings.HOME)
    for file in unsigned_files(settings.HOME):
        log.warning(NOT_SIGNED[file.state], {"file": file.path.name})
    channels = home_channels()
    if lacking := uncarried():
        log.warning(
            "no provider carries %s: what is planned for them waits; see channels.yaml", ", ".join(lacking)
        )
    worker = Worker(channels.open(settings.HOME.folder, clock, receive_message), channels.paces)
    for transport in set(worker.providers.values()):
        if hasattr(transport, "listen") and not once:
            transport.listen()  # replies come while nothing is sent, too
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        worker.stop()
        stopping.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
    deliverer = Deliverer(settings.HOME.webhook_networks)
    entries = [
        *timetable(worker, deliverer.finish if once else deliverer.round),
        Entry("beat of sending", _BEAT_SECONDS, lambda: beat("sending", clock()), lane="sending"),
        Entry("beat of the timetable", _BEAT_SECONDS, lambda: beat("timetable", clock())),
    ]
    did: dict[str, int] = {}
    if once:
        _keep_at(entries, stopping, once=True, did=did)
    else:
        lanes = {entry.lane: [each for each in entries if each.lane == entry.lane] for entry in entries}
        with ThreadPoolExecutor(len(lanes), "lane") as pool:
            futures = [
                pool.submit(_keep_at, own, stopping) for lane, own in lanes.items() if lane != "sending"
            ]
            _keep_at(lanes["sending"], stopping)
        for future in futures:
            future.result()  # what broke it is raised here
    deliverer.close()
    for transport in set(worker.providers.values()):
        transport.close()
    flush()
    return did


def _keep_at(
    entries: list[Entry],
    stopping: threading.Event,
    *,
    once: bool = False,
    did: dict[str, int] | None = None,
) -> None:
    """Do these jobs until stopped, or with `once` until none is busy. What breaks one thread stops the other.

    How much each did is added to `did`.
    """
    due: dict[str, float] = {}
    usual = _clock_offset()
    try:
        while not stopping.is_set():
            if abs(_clock_offset() - usual) > _JUMP_SECONDS:
                due.clear()
                usual = _clock_offset()
            busy = _round(entries, due, stopping, did)
            close_old_connections()
            if once and not busy:
                break
            if not busy:
                stopping.wait(_IDLE_SECONDS)
    finally:
        if not once:
            stopping.set()
            connections.close_all()


def _clock_offset() -> float:
    """The clock against one that only counts seconds: while nobody moves the clock, this stays as it is."""
    return clock().timestamp() - time.monotonic()


def _much(result: object) -> int:
    """How much a job did, by what it answers: a number, whether it did, or several of these."""
    if isinstance(result, (tuple, list)):
        return sum(_much(each) for each in result)
    return int(result) if isinstance(result, int) else 0


def _round(
    entries: list[Entry], due: dict[str, float], stopping: threading.Event, did: dict[str, int] | None = None
) -> bool:
    """Do what is due; whether anything was sent, so that more may wait."""
    busy = False
    for entry in entries:
        if stopping.is_set() or time.monotonic() < due.get(entry.name, 0.0):
            continue
        due[entry.name] = time.monotonic() + entry.every_seconds
        try:
            with span(f"job {entry.name}"):
                done = entry.act()
        except DatabaseError as error:
            log.warning("%s: the database does not answer (%s)", entry.name, type(error).__name__)
            stopping.wait(_AFTER_TROUBLE_SECONDS)
            continue
        except (
            _UNUSABLE
        ) as error:  # somebody is in the middle of changing it: nothing is allowed until it is sound
            log.warning("%s: %s", entry.name, str(error).splitlines()[0])
            stopping.wait(_AFTER_TROUBLE_SECONDS)
            continue
        busy = busy or (entry.name == "send" and bool(done))
        if did is not None and (much := _much(done)):
            did[entry.name] = did.get(entry.name, 0) + much
    return busy
