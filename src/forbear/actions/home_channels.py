"""The channels of this home, as its channels.yaml sets them up."""

import os

from django.conf import settings

from forbear.channels.settings import DEFAULT, Channels, parse_channels
from forbear.interchange.texts import channels_text


def home_channels() -> Channels:
    """Read anew each time, so that a change counts at once; ChannelsError when the file has mistakes."""
    return parse_channels(*channels_text(settings.HOME, DEFAULT), os.environ)
