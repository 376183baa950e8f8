"""Words of the borrower's pages: why somebody asks, and the letters they took out."""

from django.utils.translation import gettext_lazy as _

#: Why somebody asks, by the kind of their request.
ASKED_FOR = {
    "hardship": {
        "illness": _("Illness"),
        "lost_job": _("I lost my job"),
        "disaster": _("A disaster"),
        "family": _("Family"),
        "other": _("Something else"),
    },
    "dispute": {
        "paid": _("I have paid this"),
        "amount": _("The amount is wrong"),
        "not_mine": _("The loan isn't mine"),
        "fees": _("The interest or fees are wrong"),
        "old": _("It is too old"),
        "other": _("Something else"),
    },
}
#: Letters that a borrower took out, by their kind.
PAPERS = {
    "written_notice": _("A written notice"),
    "settlement_proof": _("Paid-in-full letter"),
    "plan_agreement": _("Repayment plan"),
}
#: What an instalment is made of.
COMPONENTS = {
    "principal": _("Principal"),
    "interest": _("Interest"),
    "fee": _("Fees"),
    "penalty": _("Penalty interest"),
}
#: By the name of their table, as `labels.TABLES` has them.
BORROWERS = {
    "component": COMPONENTS,
    "asked_for": {**ASKED_FOR["dispute"], **ASKED_FOR["hardship"]},
    "paper": PAPERS,
}
