"""Who sends a paper, and in which right: the creditor in its own name, or an agency for it. Never one for itself."""

from django.conf import settings

from forbear.actions.selectors.creditors import contact_details, creditor_rows, lender
from forbear.core.agreements.notice import form_of
from forbear.core.base.problem import Phrase, noop
from forbear.interchange.home.creditors import Creditor
from forbear.store.models import Agency
from forbear.store.problem_text import sentence_in

#: The statement of 12 CFR 1006.18(e)(1) and of model form B-1; an agency makes it, a creditor can't truthfully.
_DEBT_COLLECTOR = noop(
    "%(agency)s is a debt collector. We are trying to collect a debt that you owe to %(lender)s. "
    "We will use any information you give us to help collect the debt."
)
_FOR_LENDER = noop("%(agency)s writes to you for %(lender)s, your creditor.")
_PLACED = noop(
    "%(lender)s is your creditor and writes in its own name. %(agency)s collects this debt for it."
)
_OWN = noop("%(lender)s is your creditor, collects this debt itself and writes in its own name.")


def agency_name(agency: Agency, language: str) -> str:
    """The agency's name in the reader's language."""
    return agency.name_zh if language == "zh" else agency.name_en


def sender_of(agency: Agency | None, language: str, creditor: Creditor) -> tuple[str, tuple[str, ...]]:
    """The name at the head of a letter and the lines beside it: the agency's own when it writes, else the lender's.

    Where the creditor is another, its own lines follow: for whom this is, how to pay it, where it takes complaints.
    """
    if agency is not None:
        rows = tuple(row for row in (agency.address, agency.telephone) if row)
        return agency_name(agency, language), (*rows, *creditor_rows(creditor, language))
    contacts = contact_details(creditor)
    rows = tuple(contacts[key] for key in ("address", "phone") if contacts.get(key))
    return lender().name(language), (*rows, *creditor_rows(creditor, language))


def standing(author: Agency | None, placed: Agency | None, language: str, creditor: Creditor) -> str:
    """Who writes and in which right. `placed` is who collects where the lender writes itself.

    For a creditor that isn't the lender the lender itself is who collects.
    """
    owed_to = creditor.name(language)
    if author is not None or not creditor.is_lender:
        pack, _ = form_of([path.stem for path in settings.HOME.packs])
        text = _DEBT_COLLECTOR if pack == "us" else _FOR_LENDER
        agency = agency_name(author, language) if author is not None else lender().name(language)
        return sentence_in(language, Phrase(text, agency=agency, lender=owed_to))
    if placed is not None:
        return sentence_in(language, Phrase(_PLACED, agency=agency_name(placed, language), lender=owed_to))
    return sentence_in(language, Phrase(_OWN, lender=owed_to))
