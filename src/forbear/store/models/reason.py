"""The two columns in which a table holds a reason, as one value."""

from django.db import models

from forbear.core.base.reason import Reason


def reason_in(prefix: str = "") -> property:
    """The reason that `<prefix>reason_code` and `<prefix>reason_params` of a row hold, to read and to set."""
    code, params = f"{prefix}reason_code", f"{prefix}reason_params"

    def read(row: models.Model) -> Reason:
        return Reason(getattr(row, code), getattr(row, params))

    def write(row: models.Model, reason: Reason) -> None:
        setattr(row, code, reason.code)
        setattr(row, params, dict(reason.params))

    return property(read, write)


class Reasoned(models.Model):
    """A row with a reason: `reason_code` is one of `core.base.reason.REASONS`, `reason_params` its values."""

    reason_code = models.CharField(max_length=32, blank=True, default="", db_default="")
    reason_params = models.JSONField(blank=True, default=dict, db_default={})
    reason = reason_in()

    class Meta:
        abstract = True
