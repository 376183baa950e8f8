"""The demo's tour: for each role five things to do first, shown on the role's first page until they are put away."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: In a session: the tour was put away.
DONE = "tour_done"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and the page where it is done; "" for none."""

    words: Promise
    page: str = ""


TOURS: dict[str, tuple[Step, ...]] = {
    "borrower": (
        Step(_("See who is asking you to pay, and check that it is true."), "portal:who"),
        Step(_("See what you owe, line by line, and how it grows."), "portal:owe"),
        Step(_("Say what you can spare, and choose a plan that fits."), "portal:plan"),
        Step(_("Say that you are in difficulty: contact stops while somebody looks at it."), "portal:rights"),
        Step(_("Read every contact with you, and download the evidence."), "portal:evidence"),
    ),
    "visitor": (
        Step(_("Open the first stop: before you set out, no name and no address is shown.")),
        Step(_("Get the permit: the rules are asked at this moment, for this visit.")),
        Step(_("Show the card with the code: people can check who is at their door.")),
        Step(_("Begin and record; when you are asked to leave, one button ends the visit.")),
        Step(_("Switch off the network: the visit goes on, and is sent when there is one again.")),
    ),
    "collector": (
        Step(_("Press N: you get the next case that may be contacted now.")),
        Step(
            _("Look at the contact permissions: what is allowed, what is not, by which rule, and until when.")
        ),
        Step(_("Press C to call and write; Alt with a digit is the result, Ctrl+Enter saves.")),
        Step(_("Press / and type part of a name: somebody phones back.")),
        Step(_("See on the borrower's phone what reached them."), "phone"),
    ),
    "lead": (
        Step(_("The numbers in the menu say what waits for you.")),
        Step(_("Read the inbox: what people wrote that no machine may decide."), "desk:inbox"),
        Step(_("Answer a request; its deadline is the law's or the lender's."), "desk:requests"),
        Step(_("Approve a field visit as the second person."), "desk:visits"),
        Step(_("Give out the day's cases by size, difficulty and expected cash."), "desk:assignment"),
    ),
    "manager": (
        Step(_("Open the dashboard and click a figure: its formula and its rows."), "desk:dashboard"),
        Step(_("See how the book rolls from bucket to bucket."), "desk:portfolio"),
        Step(_("Compare the agencies: money, conduct and what borrowers say."), "desk:agencies"),
        Step(_("Read the strategy in force as a picture."), "desk:strategies"),
        Step(_("Press / and find a case.")),
    ),
    "analyst": (
        Step(_("Read the strategy in force as a picture."), "desk:strategies"),
        Step(_("Draft a change; each mistake is named with its line.")),
        Step(_("Run it dry on the newest book: who would be treated differently.")),
        Step(_("Try a draft rule on past contacts."), "desk:rule_backtest"),
        Step(_("Propose it: a second person signs.")),
    ),
    "compliance": (
        Step(_("See what was refused, and follow it to the clause."), "desk:refusals"),
        Step(_("Look for contacts that no rule would permit."), "desk:leaks"),
        Step(_("Read the rule packs with their sources and doubts."), "desk:rules"),
        Step(_("Search the evidence and hand out a bundle that anybody can check."), "desk:evidence"),
        Step(_("See where penalty interest differs from the contract."), "desk:penalties"),
    ),
    "legal": (
        Step(_("See what is worth a lawsuit, after costs."), "desk:litigation_candidates"),
        Step(_("Propose one: a second person signs.")),
        Step(_("Open a lawsuit: its steps, papers and deadlines."), "desk:lawsuits"),
        Step(_("Send the letter before claim; the time to pay begins on delivery.")),
        Step(_("See what was reported to credit bureaus, and who objects."), "desk:credit"),
    ),
    "agency": (
        Step(_("Your cases, and why each is yours."), "agency:cases"),
        Step(_("Open one: the same permissions bind you as the lender.")),
        Step(_("Your scorecard: recovered money, conduct, what borrowers say."), "agency:card"),
        Step(_("Your statements, line by line."), "agency:statements"),
        Step(_("Send results as a file, and take the day's."), "agency:files"),
    ),
    "administrator": (
        Step(_("People, their roles and second factors."), "administration:people"),
        Step(_("Keys of programs, with what each may do."), "administration:programs"),
        Step(_("Every setting, and where it comes from."), "administration:settings"),
        Step(_("Make an account: its temporary password is shown once."), "administration:person_new"),
        Step(_("Your own password and second factors."), "own"),
    ),
}
