"""What can be wrong in the files that name providers, each as a problem with its code."""

from collections.abc import Iterable

from forbear.core.base.problem import Phrase, Problem, noop, with_hint
from forbear.core.files.settings import setting_invalid

ONE_PROVIDER_EXPECTED = Problem(
    "one_provider_expected", "the file must name one provider (`name: {kind: ...}`)"
)
PROVIDERS_NOT_MAPPING = Problem(
    "providers_not_mapping", "`providers` must be a mapping (`name: {kind: ...}`)"
)
CHANNELS_EMPTY = Problem("channels_empty", "`channels` is empty; name a provider for at least one")


def not_between(key: str, low: float, high: float, *, whole: bool) -> Problem:
    """A number that is none, or lies outside of its bounds."""
    message = (
        noop("must be a whole number between %(low)s and %(high)s")
        if whole
        else noop("must be a number between %(low)s and %(high)s")
    )
    return setting_invalid(key, Phrase(message, low=f"{low:g}", high=f"{high:g}"))


def given_twice(name: str | None, key: str) -> Problem:
    """A key that stands twice in a mapping."""
    return Problem("setting_repeated", "`%(name)s` is given twice in %(key)s", name=str(name), key=key)


def secret_in_file(key: str) -> Problem:
    """A password that stands in the file; the message doesn't repeat it."""
    return Problem(
        "secret_in_file",
        "a secret may not be in the file; write `%(key)s_env: %(variable)s` and set that variable",
        key=key,
        variable=key.upper(),
    )


def not_set(name: str) -> Problem:
    """An environment variable that has no value."""
    return Problem(
        "variable_not_set",
        "the environment variable %(name)s is not set; set it before starting",
        name=name,
    )


def bad_name(name: str) -> Problem:
    """A provider's name with other signs."""
    return Problem(
        "provider_name_invalid",
        "`%(name)s` must be small letters, digits, _ or -, at most 32",
        name=name,
    )


def provider_twice(name: str) -> Problem:
    """A name that two providers bear."""
    return Problem("provider_repeated", "the provider `%(name)s` is given twice", name=name)


def no_provider(name: str, names: Iterable[str]) -> Problem:
    """A channel's provider that the file doesn't have."""
    unknown = Problem("provider_unknown", "there is no provider `%(name)s`", name=name)
    known = tuple(names)
    return with_hint(unknown, Phrase(noop("providers are %(names)s"), names=known) if known else None)


def no_kind(name: str, kinds: Iterable[str]) -> Problem:
    """A provider without a kind that there is."""
    return Problem(
        "provider_kind_missing",
        "`%(name)s` needs `kind:`, one of %(kinds)s",
        name=name,
        kinds=tuple(kinds),
    )


def only_made_up(kind: str) -> Problem:
    """A kind that reaches nobody, in the home of a real lender."""
    return Problem(
        "provider_only_made_up",
        "%(kind)s reaches nobody and is only for a demo: name a real provider, or leave the channel out",
        kind=kind,
    )


def carries_other(name: str, carried: Iterable[str], channel: str) -> Problem:
    """A provider that doesn't carry the channel it is named for."""
    return Problem(
        "provider_carries_other",
        "`%(name)s` carries %(channels)s, not %(channel)s",
        name=name,
        channels=tuple(carried),
        channel=channel,
    )
