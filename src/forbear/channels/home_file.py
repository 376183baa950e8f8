"""The channels of a home, with or without a channels.yaml."""

from collections.abc import Mapping

from forbear.channels.settings import CHANNELS, Channels, parse_channels

#: The file of a made-up lender's home that has none: everything lands in the mailbox.
DEFAULT = (
    "channels:\n"
    + "".join(f"  {name}: phone\n" for name in CHANNELS)
    + "providers:\n  phone: {kind: mailbox}\n"
)


def channels_of(text: str | None, origin: str, environment: Mapping[str, str], *, made_up: bool) -> Channels:
    """What a home's channels.yaml says. Without one (None) a made-up lender has the mailbox, a real one nothing."""
    if text is None and not made_up:
        return Channels({}, {})
    return parse_channels(DEFAULT if text is None else text, origin, environment, made_up=made_up)
