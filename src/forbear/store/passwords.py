"""What a password must be, in both languages where the framework's own words are in one."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import get_language


class LongEnough(MinimumLengthValidator):
    """At least so many signs."""

    def get_error_message(self) -> str:
        """What to tell somebody whose password is shorter."""
        if (get_language() or "zh").startswith("zh"):
            return f"密码至少 {self.min_length} 个字符。"
        return f"A password has at least {self.min_length} signs."
