"""A column whose text is encrypted with a key that lies outside the database."""

from typing import Any

from django.conf import settings
from django.db import models


class SealedTextField(models.TextField):
    """A text in the clear for the program, sealed in the table. It can't be searched for.

    The key is the home's `fields`; a copy of the database alone doesn't open it.
    """

    def get_prep_value(self, value: Any) -> Any:
        """As the table has it."""
        text = super().get_prep_value(value)
        return settings.SEAL_FIELD(text) if text else text

    def from_db_value(self, value: Any, _expression: object, _connection: object) -> Any:
        """As the program has it."""
        return settings.UNSEAL_FIELD(value) if value else value
