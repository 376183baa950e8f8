"""The channels of this home, as its channels.yaml sets them up."""

import os
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from forbear.channels.payment import PaymentGateway
from forbear.channels.settings import (
    DEFAULT,
    Channels,
    Provider,
    open_gateway,
    parse_channels,
    parse_payments,
)
from forbear.interchange.home.texts import channels_text, payments_text


def home_channels() -> Channels:
    """Read again each time, so that a change counts at once; ChannelsError when the file has mistakes."""
    return parse_channels(*channels_text(settings.HOME, DEFAULT), os.environ)


def home_payments() -> Provider | None:
    """Who takes payments for this home, None where nobody does; ChannelsError when the file has mistakes."""
    return parse_payments(*payments_text(settings.HOME), os.environ)


def home_gateway(clock: Callable[[], datetime]) -> PaymentGateway | None:
    """The till of this home, as its payments.yaml sets it up."""
    gateway = home_payments()
    return None if gateway is None else open_gateway(gateway, settings.HOME.folder, clock)
