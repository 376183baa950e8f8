"""What a password must be, where the framework's own words are not ours; and how a demo keeps one."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext


class LongEnough(MinimumLengthValidator):
    """At least that many characters."""

    def get_error_message(self) -> str:
        """What somebody reads whose password is shorter."""
        return gettext("A password has at least %(length)s characters.") % {"length": self.min_length}


class DemoHasher(PBKDF2PasswordHasher):
    """The framework's own hash in a thousandth of the time, for people whose one password stands on the first page.

    Where the folder is no demo any more, the framework hashes a password again when its person signs in.
    """

    iterations = 1_000
