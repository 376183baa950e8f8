"""The terms that pages explain, written by scripts/terms.py from docs/glossary.md: change them there."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the trade and what it means."""

    word: Promise
    means: Promise


TERMS = {
    "days_past_due": Term(
        pgettext_lazy("term", "Days past due"),
        _("Days since the oldest unpaid instalment fell due; on the due day 0."),
    ),
    "bucket": Term(pgettext_lazy("term", "Bucket"), _("M0, M1, M2 and on, by months past due.")),
    "penalty": Term(
        pgettext_lazy("term", "Penalty interest"),
        _("Interest on what is past due, by the contract's own terms."),
    ),
    "night": Term(
        pgettext_lazy("term", "End-of-day run"),
        _("The run that recomputes every loan and plans treatments for a date."),
    ),
    "business_date": Term(
        pgettext_lazy("term", "As of"), _("The day at whose close of business the figures hold.")
    ),
    "Case": Term(
        pgettext_lazy("term", "Case"),
        _("One borrower's arrears, from the day they enter collections to the day they leave."),
    ),
    "stage": Term(pgettext_lazy("term", "Stage"), _("Where a case stands in the strategy.")),
    "conversation": Term(
        pgettext_lazy("term", "Early"), _("The stage in which collectors speak with borrowers.")
    ),
    "internal": Term(pgettext_lazy("term", "In-house"), _("Worked by the lender's own collectors.")),
    "StrategyVersion": Term(
        pgettext_lazy("term", "Strategy"),
        _("The lender's stages and treatments, in a file that people can read."),
    ),
    "what_if": Term(
        pgettext_lazy("term", "Dry run"), _("A changed strategy computed on the book; nobody is contacted.")
    ),
    "Permit": Term(
        pgettext_lazy("term", "Contact permission"),
        _("The signed answer that one contact may leave now; it is used once."),
    ),
    "Pack": Term(
        pgettext_lazy("term", "Rule pack"), _("The rules of one country, each with its clause and force.")
    ),
    "PlannedContact": Term(
        pgettext_lazy("term", "Queued contact"),
        _("A contact that somebody or the strategy wants, before the rules answer."),
    ),
    "rpc": Term(
        pgettext_lazy("term", "Right-party contact"), _("Conversations with the borrower among all attempts.")
    ),
    "party": Term(
        pgettext_lazy("term", "Somebody else"),
        _("Somebody other than the borrower: a relative, an employer, a helper."),
    ),
    "cease": Term(pgettext_lazy("term", "Cease request"), _("The borrower asks that nobody contacts them.")),
    "opt_outs": Term(
        pgettext_lazy("term", "Opt-out"),
        _("The borrower wants no contact over one channel, number or purpose."),
    ),
    "verify_caller": Term(
        pgettext_lazy("term", "Verification code"),
        _("The code with which a borrower checks that a contact is genuine."),
    ),
    "unpermitted_contacts": Term(
        pgettext_lazy("term", "Non-compliant contacts"),
        _("Contacts that should not have been made; the target is none."),
    ),
    "unknown": Term(
        pgettext_lazy("term", "Delivery unknown"),
        _("The provider gave no certain answer; the contact is never sent again."),
    ),
    "penetration": Term(
        pgettext_lazy("term", "Penetration"), _("The share of cases that were worked at all.")
    ),
    "Review": Term(pgettext_lazy("term", "Quality review"), _("A lead's look at contacts chosen at random.")),
    "Promise": Term(
        pgettext_lazy("term", "Promise to pay"), _("An amount and a day; until then nobody asks for payment.")
    ),
    "Plan": Term(
        pgettext_lazy("term", "Repayment plan"),
        _("What is past due, in new instalments that both sides agreed to."),
    ),
    "Settlement": Term(
        pgettext_lazy("term", "Settlement offer"), _("Less than the debt, accepted as payment of all of it.")
    ),
    "Hold": Term(
        pgettext_lazy("term", "On hold"), _("No contact, for a reason and until a day or a decision.")
    ),
    "forbearance": Term(
        pgettext_lazy("term", "Forbearance granted"), _("Payments rest until a day, by our answer.")
    ),
    "Instruction": Term(
        pgettext_lazy("term", "Instruction"), _("What was granted and the lender's loan system must book.")
    ),
    "vulnerable": Term(
        pgettext_lazy("term", "Vulnerable customer"),
        _("Somebody for whom ordinary collection could do harm."),
    ),
    "Complaint": Term(
        pgettext_lazy("term", "Complaint"),
        _(
            "What a borrower finds wrong with how they were treated; in a register, with the clocks of the law."
        ),
    ),
    "root_cause": Term(
        pgettext_lazy("term", "Root cause"), _("Why a complaint came to be, as far as was found.")
    ),
    "redress": Term(
        pgettext_lazy("term", "Redress"), _("What makes a complaint good: an apology, money or an act.")
    ),
    "Request": Term(
        pgettext_lazy("term", "Request"), _("What a borrower asks for, with a number and a day to answer by.")
    ),
    "Placement": Term(pgettext_lazy("term", "Placement"), _("A case given to an agency for a term.")),
    "PlacementList": Term(
        pgettext_lazy("term", "Placement lists"),
        _("Cases proposed for agencies, which a second person approves."),
    ),
    "recalls": Term(pgettext_lazy("term", "Recall"), _("A case taken back before its term ended.")),
    "scorecard": Term(
        pgettext_lazy("term", "Agency scorecard"), _("Conduct, recovery and feedback as one figure.")
    ),
    "commission": Term(
        pgettext_lazy("term", "Commission"), _("The agency's share of payments on its cases.")
    ),
    "Finding": Term(pgettext_lazy("term", "Finding"), _("Misconduct that was looked into and confirmed.")),
    "Visit": Term(
        pgettext_lazy("term", "Field visit"), _("Two visitors go to the borrower's address, under a permit.")
    ),
    "Lawsuit": Term(
        pgettext_lazy("term", "Litigation"), _("A lawsuit or an order to pay, from proposal to enforcement.")
    ),
    "letter_before_claim": Term(
        pgettext_lazy("term", "Letter before claim"),
        _("The letter that gives time to pay before a claim is filed."),
    ),
    "limitation": Term(
        pgettext_lazy("term", "Limitation period"), _("The time within which a debt can be sued for.")
    ),
    "WriteOff": Term(
        pgettext_lazy("term", "Charge-off"),
        _("The lender no longer counts the loan as an asset; the debt remains."),
    ),
    "recovery": Term(pgettext_lazy("term", "Recovered"), _("What was paid after the charge-off.")),
    "debt_sale": Term(
        pgettext_lazy("term", "Debt sales"), _("Debts sold to a buyer, with a file of their history.")
    ),
    "bureau_report": Term(
        pgettext_lazy("term", "Credit reporting"), _("Files for credit bureaus, and corrections of them.")
    ),
    "Roll": Term(
        pgettext_lazy("term", "Roll"),
        _("How balances move from bucket to bucket between two end-of-day runs."),
    ),
    "worse": Term(
        pgettext_lazy("term", "Rolled forward"),
        _("The share of a bucket's balance that is later in arrears than before."),
    ),
    "cured": Term(
        pgettext_lazy("term", "Cure rate"), _("Loans that were late and are no longer, among the late ones.")
    ),
    "self_cured": Term(
        pgettext_lazy("term", "Self-cure"), _("Loans cured without a call or a visit by a person.")
    ),
    "entry": Term(pgettext_lazy("term", "Entry rate"), _("What became past due, among what fell due.")),
    "collected": Term(
        pgettext_lazy("term", "Collection rate"),
        _("What was paid on past-due loans, among what was past due."),
    ),
    "connect": Term(
        pgettext_lazy("term", "Connect rate"), _("Calls that somebody answered, among all calls.")
    ),
    "reach": Term(
        pgettext_lazy("term", "Reach"), _("Borrowers who were spoken with, among those who were tried.")
    ),
    "ptp": Term(pgettext_lazy("term", "Promise rate"), _("Conversations that ended with a promise to pay.")),
    "kept": Term(
        pgettext_lazy("term", "Promises kept"), _("Promises paid in time, among those that fell due.")
    ),
    "intensity": Term(pgettext_lazy("term", "Intensity"), _("Contacts for each open case.")),
    "delivered": Term(
        pgettext_lazy("term", "Messages delivered"),
        _("Messages that a provider reported as delivered, among those sent."),
    ),
    "blocked": Term(
        pgettext_lazy("term", "Share refused by rule"),
        _("Contacts that a rule refused, among those that were wanted."),
    ),
    "fpd30": Term(
        pgettext_lazy("term", "First payment 30 days late"),
        _("Loans whose very first instalment was 30 days late."),
    ),
    "vintage": Term(
        pgettext_lazy("term", "Vintage"), _("All loans paid out in the same month, followed over their life.")
    ),
    "cost": Term(
        pgettext_lazy("term", "Cost to collect"),
        _("What contacts and commission cost, for each amount collected."),
    ),
    "Event": Term(
        pgettext_lazy("term", "Evidence log"),
        _("Events that are only ever added, each chained to the one before."),
    ),
    "DailySeal": Term(pgettext_lazy("term", "Seal"), _("A day's events signed as one.")),
    "bundle": Term(
        pgettext_lazy("term", "Evidence bundle"), _("A borrower's events with proofs that anybody can check.")
    ),
    "Decision": Term(pgettext_lazy("term", "Approvals"), _("What waits for a second person.")),
}
