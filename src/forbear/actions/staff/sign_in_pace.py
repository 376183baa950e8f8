"""How fast somebody may try to sign in, asked before a password is hashed: hashing costs as much as a page."""

from datetime import datetime, timedelta

from axes.models import AccessLog

from forbear.store.rate_limit import take_token

#: From one network, whatever names are tried: an office signs in on a Monday morning, a guesser goes on.
_NETWORK_PER_MINUTE, _NETWORK_BURST = 12.0, 40
#: At one name from networks that it never signed in from: 20 guesses at once, 240 in a day.
_NAME_PER_MINUTE, _NAME_BURST = 1 / 6, 20
_KNOWN_FOR = timedelta(days=90)


def sign_in_wait(username: str, network: str, now: datetime) -> float:
    """Seconds until this may be tried, 0.0 for now.

    Where the person has signed in from before, others who guess at the name elsewhere don't keep them out.
    """
    wait = take_token(f"sign-in:{network}", now, per_minute=_NETWORK_PER_MINUTE, burst=_NETWORK_BURST)
    name = username.strip().casefold()[:150]
    if wait or not name:
        return wait
    known = AccessLog.objects.filter(
        username__iexact=name, ip_address=network or None, attempt_time__gte=now - _KNOWN_FOR
    )
    if known.exists():
        return 0.0
    return take_token(f"sign-in-name:{name}", now, per_minute=_NAME_PER_MINUTE, burst=_NAME_BURST)
