"""How thorough a run is: `fast`, `default` or `long`, as `./test --fast` and `./test --long` set FORBEAR_TEST_PROFILE.

Properties and loops name what they do by default; a fast run does less of it, a long run at least ten times as much.
Only a long run draws its examples by chance: what the others find hangs on the change that is tried alone.
"""

import os

from hypothesis import Phase, settings

PROFILE = os.environ.get("FORBEAR_TEST_PROFILE", "default")
FAST, LONG = PROFILE == "fast", PROFILE == "long"
#: What a property runs that names no number.
EXAMPLES = {"fast": 12, "default": 50, "long": 500}
assert PROFILE in EXAMPLES, f"FORBEAR_TEST_PROFILE is one of {', '.join(EXAMPLES)}, not {PROFILE}"

#: Where only it counts whether a property fails, as for mutants, the example isn't made small, which takes a while.
_SMALLEST = os.environ.get("FORBEAR_TEST_SMALLEST", "yes") == "yes"
PHASES = tuple(phase for phase in Phase if _SMALLEST or phase not in (Phase.shrink, Phase.explain))

for _name, _examples in EXAMPLES.items():
    # no deadline: the first date that meets a holiday loads the holiday tables, and machines are loaded
    settings.register_profile(
        _name, deadline=None, max_examples=_examples, phases=PHASES, derandomize=_name != "long"
    )
settings.load_profile(PROFILE)


def examples(default: int, long: int = 0) -> int:
    """The examples of a property: at most 12 in a fast run, `long` or ten times the default in a long one."""
    return {"fast": min(default, EXAMPLES["fast"]), "default": default, "long": long or 10 * default}[PROFILE]


def variants(*each: object) -> tuple[object, ...]:
    """What a dear test is made with, such as a page's widths and languages: all in a long run, else the first."""
    return each if LONG else each[:1]


def rounds(default: int, long: int) -> int:
    """How often something slow is done: made and killed, seeded, sent; fewer by default than in a long run."""
    return long if LONG else default
