"""The channels of this home, as its channels.yaml sets them up."""

import os
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from forbear.channels.home_file import channels_of
from forbear.channels.payment import PaymentGateway
from forbear.channels.settings import (
    CHANNELS,
    Channels,
    Provider,
    open_gateway,
    parse_payments,
)
from forbear.interchange.home.texts import channels_text, payments_text


def home_channels() -> Channels:
    """Read again each time, so that a change counts at once; ChannelsError when the file has mistakes.

    Without a file a made-up lender's messages land in the mailbox; a real lender's wait for a provider.
    """
    return channels_of(*channels_text(settings.HOME), os.environ, made_up=settings.HOME.is_made_up)


def home_payments() -> Provider | None:
    """Who takes payments for this home, None where nobody does; ChannelsError when the file has mistakes."""
    return parse_payments(*payments_text(settings.HOME), os.environ, made_up=settings.HOME.is_made_up)


def home_gateway(clock: Callable[[], datetime]) -> PaymentGateway | None:
    """The till of this home, as its payments.yaml sets it up."""
    gateway = home_payments()
    return None if gateway is None else open_gateway(gateway, settings.HOME.folder, clock)


def uncarried() -> tuple[str, ...]:
    """The channels that no provider of this home carries."""
    carried = home_channels().by_channel
    return tuple(channel for channel in CHANNELS if channel not in carried)
