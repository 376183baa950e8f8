"""What may be given to a statement as a value: what a driver can write, on either database."""

from datetime import date
from decimal import Decimal

#: A moment is a date too. JSON is given as text, or as a list or tuple where the driver makes an array of it.
SqlValue = bool | int | float | Decimal | str | bytes | date | tuple[object, ...] | list[object] | None
