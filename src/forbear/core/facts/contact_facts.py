"""Facts that are known only when a contact is about to leave; rule packs read them, strategies can't.

A default is what stands when nobody has said anything: no consent, an unnamed hour of the night, a notice never
given. Where a question must be answered before a contact and isn't, the decision refuses by itself (see
`forbear.core.permits.decision`), whatever the default says.
"""

from forbear.core.base.problem import MessageId, Phrase, noop
from forbear.core.facts.contact import CHANNELS, PARTIES, PURPOSES
from forbear.core.facts.fact import NEVER_DAYS, Fact, Place, count, days, flag, text

_MOMENT: Place = {"known": "moment", "level": "borrower"}

_TIME = (
    count(
        "local_hour",
        noop("Hour of day where the borrower is, 0 to 23"),
        unit="hour",
        **_MOMENT,
    ),
    count(
        "local_weekday",
        noop("Day of the week where the borrower is, 1 Monday to 7 Sunday"),
        default=7,
        **_MOMENT,
    ),
    flag("local_holiday", noop("A weekday that is a public holiday where the borrower is"), **_MOMENT),
    count(
        "preferred_from",
        noop("Hour of day from which the borrower wants to be contacted; 0 where they said nothing"),
        unit="hour",
        **_MOMENT,
    ),
    count(
        "preferred_to",
        noop("Hour of day from which on they don't; 24 where they said nothing"),
        unit="hour",
        default=24,
        **_MOMENT,
    ),
    count(
        "figures_age_hours",
        noop("Hours since the figures of the case were last brought up to date"),
        unit="hours",
        default=NEVER_DAYS,
        **_MOMENT,
    ),
)

_WISH = (
    text("channel", noop("Channel of the contact about to leave"), values=CHANNELS, **_MOMENT),
    text("purpose", noop("Purpose of the contact about to leave"), values=PURPOSES, **_MOMENT),
    text("party", noop("Who would be contacted"), values=PARTIES, **_MOMENT),
    text(
        "collector",
        noop("Who asks: the lender's own team or an outside agency"),
        values=("lender", "agency"),
        default="agency",
        **_MOMENT,
    ),
    flag("automated", noop("No person speaks or writes it"), **_MOMENT),
    flag("ai_voice", noop("An artificial voice would speak"), **_MOMENT),
    flag("ai_disclosed", noop("The artificial voice says that it is one"), **_MOMENT),
    flag("own_line", noop("It leaves by a line or account of the institution"), **_MOMENT),
    flag("at_workplace", noop("The number or address is at work"), **_MOMENT),
    flag("discloses_debt", noop("It would tell of the debt or its amount"), **_MOMENT),
    flag("states_identity", noop("It says who is calling and for whom"), **_MOMENT),
    flag("offers_opt_out", noop("It tells how to stop such messages"), **_MOMENT),
    count("visitors", noop("People who would visit together"), unit="people", **_MOMENT),
    flag("recorded", noop("The contact would be recorded from end to end"), **_MOMENT),
    flag("as_lender", noop("An agency would speak as if it were the lender itself"), **_MOMENT),
    flag(
        "collector_certified",
        noop("All who make the contact hold a collector's certificate that is valid that day"),
        **_MOMENT,
    ),
    text("gives", noop("Kind of notice that it gives; empty for none"), **_MOMENT),
    flag("notice_due", noop("It gives a notice that some step needs and that was not given yet"), **_MOMENT),
    flag(
        "answers_inbound",
        noop("It answers, for the first time and the same way, what this person said or asked"),
        **_MOMENT,
    ),
    count(
        "hours_since_inbound",
        noop("Hours since what it answers was said or asked; 9999 if nothing was"),
        unit="hours",
        default=NEVER_DAYS,
        **_MOMENT,
    ),
    flag("confirms_act", noop("It confirms, for the first time, something the borrower did"), **_MOMENT),
    count(
        "minutes_since_act",
        noop("Minutes since the borrower last did what can be confirmed; 9999 if nothing"),
        unit="minutes",
        default=NEVER_DAYS,
        **_MOMENT,
    ),
    count(
        "counted",
        noop("Contacts that the rule's own `count` selects; 0 where it has none"),
        unit="contacts",
        **_MOMENT,
    ),
)

_POINT = (
    flag(
        "point_on_file",
        noop("The number or address is on file for this person"),
        **_MOMENT,
    ),
    flag("point_invalid", noop("The number or address is known not to work"), **_MOMENT),
    flag("point_lawful", noop("The number or address came from a lawful source"), **_MOMENT),
    days(
        "days_since_point_confirmed",
        noop("Days since the person used or confirmed the number or address; 9999 if never"),
        default=NEVER_DAYS,
        **_MOMENT,
    ),
    flag(
        "consent_given",
        noop("Consent for this channel, purpose and number stands"),
        **_MOMENT,
    ),
    flag(
        "channel_consent",
        noop("Consent stands that names this very channel, not one to anything or another"),
        **_MOMENT,
    ),
    days(
        "days_since_asked",
        noop("Days since the person asked for or agreed to contact by this very channel; 9999 if never"),
        default=NEVER_DAYS,
        **_MOMENT,
    ),
    flag(
        "unread_reply",
        noop("Somebody wrote from this number or address what no person has read yet"),
        **_MOMENT,
    ),
    flag("opted_out", noop("This channel, purpose or number was opted out of"), **_MOMENT),
    flag(
        "machines_revoked",
        noop("The newest word about texts or automated voices to this number is no"),
        **_MOMENT,
    ),
    flag("night_consent", noop("The borrower agreed to be contacted at night"), **_MOMENT),
    flag(
        "workplace_forbidden",
        noop("Contact at work is unwelcome or forbidden there"),
        **_MOMENT,
    ),
    flag("party_stopped", noop("This person asked not to be contacted again"), **_MOMENT),
)

_BORROWER = (
    flag("ceased", noop("The borrower demanded in writing that contact cease"), **_MOMENT),
    flag("has_lawyer", noop("A lawyer represents the borrower in this"), **_MOMENT),
    flag(
        "lawyer_silent",
        noop("The lawyer didn't answer in reasonable time or agreed"),
        **_MOMENT,
    ),
    flag("deceased", noop("The borrower has died"), **_MOMENT),
    flag("bankrupt", noop("Insolvency proceedings protect the borrower"), **_MOMENT),
    flag("moratorium", noop("A legal breathing space runs"), **_MOMENT),
    flag(
        "debt_counsellor",
        noop("A debt counsellor is helping to make a plan"),
        **_MOMENT,
    ),
    flag("no_visits", noop("The borrower is not to be visited"), **_MOMENT),
    flag("no_calls", noop("The borrower is only to be written to"), **_MOMENT),
    flag("no_robots", noop("The borrower is not to be called by a machine"), **_MOMENT),
    flag(
        "debtor_lost",
        noop("The borrower can't be reached: all numbers dead, or failures on three days and silence since"),
        **_MOMENT,
    ),
    flag(
        "first_contact",
        noop("Nobody of this collector has reached the borrower yet"),
        **_MOMENT,
    ),
    days(
        "days_since_first_contact",
        noop("Days since this collector first reached the borrower; 9999 if never"),
        default=NEVER_DAYS,
        **_MOMENT,
    ),
    flag("spoke_about_debt", noop("The borrower was spoken with about every debt it is about"), **_MOMENT),
    flag("pause_granted", noop("A pause of payments was granted on this loan and runs"), **_MOMENT),
    flag("complaint_open", noop("A complaint is being looked into"), **_MOMENT),
    flag("ombudsman_open", noop("A complaint is with the ombudsman or regulator"), **_MOMENT),
    flag("military_service", noop("The borrower is on active military service"), **_MOMENT),
    flag("mental_health_crisis", noop("The borrower is in a mental-health crisis"), **_MOMENT),
    flag("bereaved", noop("The borrower has just lost somebody close"), **_MOMENT),
    flag("refuses_to_pay", noop("The borrower said that they refuse to pay"), **_MOMENT),
)

_DEBT = (
    flag(
        "time_barred",
        noop("The period of limitation of a debt it is about has run out"),
        **_MOMENT,
    ),
    flag(
        "barred_in_silence",
        noop("A debt it is about became time-barred, and the lender was silent all that time"),
        **_MOMENT,
    ),
    flag(
        "debt_unlawful",
        noop("A debt it is about is not lawful or not the borrower's"),
        **_MOMENT,
    ),
    flag("debt_sold", noop("A debt it is about was assigned to a new creditor"), **_MOMENT),
    flag(
        "nothing_owed",
        noop("Every debt it is about was sold, settled or paid off: nothing is owed here"),
        **_MOMENT,
    ),
    flag(
        "verification_due",
        noop("Verification that the borrower asked for was not sent yet"),
        **_MOMENT,
    ),
    count(
        "placements",
        noop("Agencies that hold a debt it is about"),
        unit="agencies",
        **_MOMENT,
    ),
    flag(
        "placed_here",
        noop("The agency that asks holds every debt it is about"),
        **_MOMENT,
    ),
    flag("agency_listed", noop("The agency that asks is on the lender's public list"), **_MOMENT),
    flag("agency_suspended", noop("The agency that asks is suspended or ended"), **_MOMENT),
    flag(
        "agency_contracted",
        noop("The lender itself has the contract with the agency"),
        **_MOMENT,
    ),
    flag(
        "recording_overdue",
        noop("The agency that asks owes a recording that was demanded, past its time"),
        **_MOMENT,
    ),
)


def _notice(name: str, notice: MessageId) -> Fact:
    meaning = Phrase(
        noop("Days since %(notice)s was given for every debt it is about; 9999 if never"), notice=notice
    )
    return days(f"days_since_{name}", meaning, default=NEVER_DAYS, **_MOMENT)


#: Kinds of notice that some step needs first, each the fact `days_since_KIND`.
NOTICES = {
    "validation_notice": noop("the validation notice"),
    "arrears_notice": noop("the notice of sums in arrears"),
    "default_notice": noop("the default notice"),
    "assignment_notice": noop("the notice of assignment"),
    "placement_notice": noop("the notice that an agency collects"),
    "credit_notice": noop("the notice before an adverse credit report"),
    "visit_notice": noop("the notice of a visit"),
    "letter_of_claim": noop("the letter of claim"),
}

# The defaults of the moment are the answers that allow least: midnight on a Sunday, without consent.
MOMENT_FACTS = (
    *_TIME,
    *_WISH,
    *_POINT,
    *_BORROWER,
    *_DEBT,
    *(_notice(name, notice) for name, notice in NOTICES.items()),
    days(
        "days_since_default_notice_served",
        noop("Days since the default notice was served for every debt it is about; 9999 if never"),
        default=NEVER_DAYS,
        **_MOMENT,
    ),
)
