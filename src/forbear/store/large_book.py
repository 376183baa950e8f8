"""Whether the book is so large that counting over it takes a moment: its last night left that many cases open."""

from forbear.store.models import PublishedNight

LARGE = 20_000


def is_large() -> bool:
    """Whether counts over the whole book are kept rather than made again each time."""
    night = PublishedNight.objects.order_by("-as_of").values_list("counts", flat=True).first()
    return night is not None and night.get("open_cases", 0) > LARGE
