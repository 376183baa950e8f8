"""Find the cases that somebody on the telephone may mean, among those one may see."""

from collections.abc import Sequence

from forbear.store.access.queries import cases_for, contacts_for, loans_for, requests_for
from forbear.store.access.visibility import Actor
from forbear.store.models import Case, SearchTerm

#: The most borrowers looked at for a common name; the others are found by one word more.
MOST = 200


def cases_found(actor: Actor, text: str, words: Sequence[Sequence[str]]) -> list[Case]:
    """The newest case of each borrower found, open cases first, then by what is past due, the most first.

    `text` is as typed: the id of a borrower or loan, the code of a contact, a request's number. `words` has the
    digests that each typed word may be; a borrower found by them has one of every word. At most `MOST` borrowers.
    """
    found = _named(actor, text.strip()) | _with_words(words)
    newest: dict[str, Case] = {}
    for case in cases_for(actor).filter(borrower_id__in=sorted(found)[:MOST]).order_by("pk"):
        known = newest.get(case.borrower_id)
        if known is None or known.closed_on is not None or case.closed_on is None:
            newest[case.borrower_id] = case
    return sorted(
        newest.values(), key=lambda case: (case.closed_on is not None, -case.value, case.borrower_id)
    )


def _named(actor: Actor, text: str) -> set[str]:
    """Whom a name given by us names: a borrower's id, a loan, a verification code, a request."""
    if not text or len(text) > 64 or "\0" in text:
        return set()
    spellings = {text, text.upper()}
    found = set(cases_for(actor).filter(borrower_id__in=spellings).values_list("borrower_id", flat=True))
    found.update(loans_for(actor).filter(pk__in=spellings).values_list("borrower_id", flat=True))
    found.update(contacts_for(actor).filter(code=text.upper()).values_list("borrower_id", flat=True))
    found.update(requests_for(actor).filter(number=text.upper()).values_list("borrower_id", flat=True))
    return found


def _with_words(words: Sequence[Sequence[str]]) -> set[str]:
    if not words or not all(words):
        return set()
    first, *others = words
    rows = SearchTerm.objects.filter(term__in=first)
    for word in others:
        rows = rows.filter(borrower_id__in=SearchTerm.objects.filter(term__in=word).values("borrower_id"))
    return set(rows.order_by().values_list("borrower_id", flat=True)[:MOST])
