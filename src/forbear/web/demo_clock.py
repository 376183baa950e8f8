"""The demo's clock on every page of it: what time it is there, and the buttons that move it on. Elsewhere none."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.interchange.home import demo_night
from forbear.interchange.home.demo_night import NextNight

#: What each step of a night is, as it is said while it runs.
STEPS = {
    "day": _("The rest of the day goes by; the workers send what is due"),
    "feed": _("The day's data file is imported"),
    "night": _("The end-of-day run decides and publishes"),
    "morning": _("The morning comes; the workers send what is due"),
}


@dataclass(frozen=True, slots=True)
class DemoClock:
    """What the pages of a demo show of its clock; `can_run` where somebody is there to run a night."""

    night: NextNight
    can_run: bool

    @property
    def says(self) -> str:
        """How the next night gets on, or how the last one ended; "" where none was asked for."""
        night = self.night
        if night.is_busy and not night.step:
            return gettext("The next night begins")
        if night.is_busy:
            shown = {"number": night.number, "of": len(STEPS), "step": STEPS[night.step]}
            return gettext("Step %(number)s of %(of)s: %(step)s") % shown
        if night.state == "done":
            return gettext("The night of %(day)s has been run.") % {"day": night.night}
        if night.state == "failed":
            return gettext("The night of %(day)s failed: %(note)s") % {"day": night.night, "note": night.note}
        return ""


def demo_clock() -> DemoClock | None:
    """The clock's part of a page, in a demo."""
    home = settings.HOME
    return DemoClock(demo_night.read(home), demo_night.has_operator(home)) if home.is_demo else None
