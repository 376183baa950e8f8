"""The sentence of a reason, in the reader's language, made where it is read.

Tables and evidence hold codes with values (see core.base.reason). A person's own words stand beside them and are shown
as they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from forbear.core.agencies.agency import PAPERS
from forbear.core.base.problem import InputError, from_json
from forbear.core.base.reason import Reason
from forbear.interchange.home.packs import rulebook
from forbear.store.problem_text import sentence as problem_sentence
from forbear.web import labels as words
from forbear.web.languages import is_chinese

#: The sentence of each code, with the reason's values by name.
SENTENCES: dict[str, str | Promise] = {
    "rules": "%(rules)s",
    "by_staff": _("by staff"),
    "awaits_approval": _("opens when a second administrator approves it"),
    "called_off_by_staff": _("called off at the desk"),
    "opted_out": _("opted out"),
    "hold": _("on hold: %(kind)s"),
    "on_hold": _("on hold"),
    "request_answered": _("request %(request)s was answered"),
    "sold": _("the debt was sold"),
    "granted": _("help or a correction was granted"),
    "outcome_corrected": _("the result of the call was corrected"),
    "recalled": _("taken back: %(ending)s"),
    "rolled_back": _("rolled back"),
    "retention": _("the retention period is over"),
    "unmask": _("looked at for: %(purpose)s"),
    "search": _("found by search; caller: %(caller)s"),
    "data_copy": _("a copy of their own data"),
    "payment": _("payment %(payment)s"),
    "payment_not_in_book": _("paid, but not in the book yet"),
    "unapplied_decided": _("unapplied payment %(payment)s was decided on"),
    "payment_in_book": _("the book shows what was paid"),
    "nothing_past_due": _("nothing is past due any more"),
    "case_closed": _("the case is closed"),
    "loan_moved": _("loan %(loans)s came from borrower %(borrower)s"),
    "loan_left": _("loan %(loans)s went to borrower %(borrower)s"),
    "order_amount_differs": _("another amount or currency than the order's"),
    "order_reference_differs": _("another reference than the order's"),
    "order_paid_at_impossible": _("paid at a moment that can't be"),
    "order_paid_already": _("paid already under another reference"),
    "plan": _("plan %(state)s"),
    "promise": _("promise %(state)s"),
    "reported_payment": _("reported payment: %(state)s"),
    "settlement": _("settlement %(state)s"),
    "plan_signed": _("the plan was signed"),
    "day_passed": _("its day has passed"),
    "superseded_by_night": _("a later night decided again"),
    "wrong_person": _("the number belongs to somebody else"),
    "permit_expired": _("the permit ran out before it left"),
    "worker_stopped": _("the sending stopped half-way"),
    "no_provider": _("no provider is set up for %(channel)s"),
    "provider": _("the provider answered: %(detail)s"),
    "not_a_phone_number": _("the address is no phone number"),
    "text_not_sendable": _("the text is empty or too long"),
    "no_registered_template": _("the text has the words of no approved template"),
    "no_own_line": _("the collector has no line of their own"),
    "not_one_pdf": _("a letter is one PDF"),
    "folder_not_writable": _("the folder can't be written (%(error)s)"),
    "notice_not_delivered": _("the notice did not arrive: %(outcome)s"),
    "problem": "%(problem)s",
    "leave_expired": _("the permit has run out"),
    "visit_outside_hours": _("the borrower was told %(starts)s to %(ends)s"),
    "nobody_set_out": _("nobody set out in time"),
    "visitors_did_not_go": _("the visitors did not go"),
    "approval_expired": _("the approval is too old"),
    "not_decided_in_time": _("nobody decided in time"),
    "agency_lost_case": _("the agency no longer has the case"),
    "visit_called_off": _("the visit was called off: %(reason)s"),
    "papers_expired": _("no longer good: %(papers)s"),
    "review_overdue": _("the yearly review is due"),
    "case_changed": _("the case has changed since the list was made"),
    "hold_began": _("a hold began since the list was made"),
    "agency_full": _("the agency has as many cases as it can take"),
    "lawsuit_over": _("the lawsuit is over"),
    "lawsuit_ended": "%(ending)s",
    "no_case": _("no case: the person was given no notice"),
    "collector_left": _("no longer works cases"),
    "wrong_proofs": _("%(times)s wrong proofs in a row"),
}
#: The tables of web.labels that have the words of a value which is a code.
_WORDS = {
    ("hold", "kind"): "hold",
    ("unmask", "purpose"): "reason",
    ("search", "caller"): "caller",
    ("recalled", "ending"): "ending",
    ("lawsuit_ended", "ending"): "lawsuit_ended",
    ("plan", "state"): "agreement",
    ("promise", "state"): "agreement",
    ("reported_payment", "state"): "reported_state",
    ("settlement", "state"): "agreement",
    ("no_provider", "channel"): "channel",
    ("notice_not_delivered", "outcome"): "outcome",
}


_LANGUAGES = {True: "zh-hans", False: "en"}
#: In which words an event tells its several reasons.
_SEVERAL = {"write_off": "write_off", "assignment": "assigned_for"}


def of_event(kind: str, body: Mapping[str, Any], chinese: bool | None = None) -> str:
    """The sentence of an event's reason; a write-off and an assignment have codes of their own for several."""
    if chinese is not None:
        with override(_LANGUAGES[chinese]):
            return of_event(kind, body)
    if kind in _SEVERAL and "reasons" in body:
        found = [words.word(_SEVERAL[kind], each) for each in body["reasons"]]
        return ("、" if is_chinese() else ", ").join(found)
    reason = body.get("reason", "")
    # why something was handed out is in the words of who did it
    return reason if isinstance(reason, str) else sentence(Reason.read(reason))


def sentence(reason: Reason, chinese: bool | None = None) -> str:
    """What a reason says, in the reader's language; "" for none. `chinese` asks for one of the two instead."""
    if chinese is not None:
        with override(_LANGUAGES[chinese]):
            return sentence(reason)
    if not reason:
        return ""
    values = {name: _value(reason.code, name, value) for name, value in reason.params.items()}
    return str(SENTENCES[reason.code]) % values


def _value(code: str, name: str, value: Any) -> str:
    """A reason's value as people read it."""
    if name == "rules":
        return rules_say(value)
    if name == "problem":
        return problem_sentence(from_json(value))
    if name == "papers":
        return ("、" if is_chinese() else ", ").join(problem_sentence(PAPERS[each]) for each in value)
    if name == "reason":
        return sentence(Reason.read(value))
    table = _WORDS.get((code, name))
    return words.word(table, value) if table else str(value)


def rules_say(rules: Sequence[str]) -> str:
    """Rules named by their ids, as what they say; an id that is in no pack any more stays one."""
    try:
        says = {bound.rule.id: bound.rule.says for bound in rulebook(settings.HOME).bound}
    except InputError:
        says = {}
    language, comma = ("zh", "；") if is_chinese() else ("en", "; ")
    return comma.join(says[each][language] if each in says else each for each in rules)
