"""What a password must be, where the framework's own words are not ours."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext


class LongEnough(MinimumLengthValidator):
    """At least that many characters."""

    def get_error_message(self) -> str:
        """What somebody reads whose password is shorter."""
        return gettext("A password has at least %(length)s characters.") % {"length": self.min_length}
