"""Limits in lender.yaml on what may change from one feed to the next, and on how old a book may be."""

from typing import Annotated

from forbear.core.base.problem import noop
from forbear.core.base.setting import settings_class, share, truth, whole

_SHARE = noop("must be a share between 0 and 1, such as 0.05")


@settings_class
class FeedLimits:
    """Shares are of the loans that were not closed, else of what the meaning names. Beyond one an import stops.

    The ready values let a normal month-end pass: a third of the loans due on one day, one debit in ten of them
    bounced, one loan in twelve paid off, disbursements doubled.
    """

    least: Annotated[
        int,
        whole(
            noop("Least number to stop for"),
            noop("A change of so few rows never stops an import; single loans are put in doubt instead"),
            "rows",
            least=0,
            most=1_000_000,
        ),
    ] = 5
    loans_gone: Annotated[
        float, share(noop("Loans gone"), noop("Loans that are missing and were not closed"), wanted=_SHARE)
    ] = 0.02
    loans_new: Annotated[
        float, share(noop("Loans new"), noop("Loans that were not there before"), wanted=_SHARE)
    ] = 0.25
    loans_closed: Annotated[
        float, share(noop("Loans closed"), noop("Loans whose status became closed"), wanted=_SHARE)
    ] = 0.15
    loans_reopened: Annotated[
        float, share(noop("Loans reopened"), noop("Closed loans that are active again"), wanted=_SHARE)
    ] = 0.005
    loans_written_off: Annotated[
        float,
        share(noop("Loans written off"), noop("Loans whose status became written_off"), wanted=_SHARE),
    ] = 0.05
    loans_moved: Annotated[
        float,
        share(
            noop("Loans with another borrower or currency"),
            noop("Loans that name another borrower or currency than before"),
            wanted=_SHARE,
        ),
    ] = 0.002
    instalments_gone: Annotated[
        float,
        share(
            noop("Instalments gone"),
            noop("Open loans that have fewer instalments than before"),
            wanted=_SHARE,
        ),
    ] = 0.03
    due_earlier: Annotated[
        float,
        share(
            noop("Due dates earlier"),
            noop("Loans whose instalments fall due earlier than before"),
            wanted=_SHARE,
        ),
    ] = 0.005
    due_later: Annotated[
        float,
        share(
            noop("Due dates later"), noop("Loans whose instalments fall due later than before"), wanted=_SHARE
        ),
    ] = 0.1
    amounts_by_factor: Annotated[
        float,
        share(
            noop("Amounts by a factor"),
            noop(
                "Loans whose principal or instalments are half as large again as before, or more, or so much less"
            ),
            wanted=_SHARE,
        ),
    ] = 0.005
    accounts_gone: Annotated[
        float,
        share(
            noop("Accounts gone"),
            noop("Open loans that had an account snapshot before and have none now"),
            wanted=_SHARE,
        ),
    ] = 0.02
    accounts_older: Annotated[
        float,
        share(
            noop("Accounts older"),
            noop("Open loans whose account snapshot is older than the one before"),
            wanted=_SHARE,
        ),
    ] = 0.002
    payments_gone: Annotated[
        float,
        share(
            noop("Payments gone"),
            noop(
                "Open loans with fewer or smaller payments than before; a payment undone is reversed instead"
            ),
            wanted=_SHARE,
        ),
    ] = 0.005
    payments_changed: Annotated[
        float,
        share(
            noop("Payments changed"),
            noop("Loans with as many payments as before, of other dates or larger amounts"),
            wanted=_SHARE,
        ),
    ] = 0.005
    overpaid: Annotated[
        float,
        share(
            noop("Loans overpaid"),
            noop("Loans that are now paid beyond all their instalments"),
            wanted=_SHARE,
        ),
    ] = 0.02
    cases_opened: Annotated[
        float,
        share(
            noop("Borrowers newly late"),
            noop(
                "Borrowers who were paid up at the newest payment of the book before and now were late then"
            ),
            wanted=_SHARE,
        ),
    ] = 0.04
    cases_closed: Annotated[
        float,
        share(
            noop("Borrowers no longer late"),
            noop("Of the borrowers who were late in the book before, those who are not late now"),
            wanted=_SHARE,
        ),
    ] = 0.9
    phones_changed: Annotated[
        float,
        share(
            noop("Telephone numbers changed"),
            noop("Of the borrowers with a telephone number, those who now have another or none"),
            wanted=_SHARE,
        ),
    ] = 0.1
    oldest_days: Annotated[
        int,
        whole(
            noop("Oldest book"),
            noop("An end-of-day run refuses a book whose business date, or else its import, is further back"),
            "days",
            least=1,
        ),
    ] = 3
    require_control: Annotated[
        bool,
        truth(
            noop("Control file required"),
            noop("A feed without control.csv or control.json is refused"),
        ),
    ] = False
