"""Tags of tables that can be sorted."""

from typing import Any

from django import template
from django.utils.html import format_html_join

from forbear.store.access import masked_name

register = template.Library()


register.filter("masked", masked_name)


@register.simple_tag
def head_of(column: Any) -> str:
    """The attributes of a column's head: figures stand on the right, and a sorted one says so."""
    parts = []
    if column.column.numeric:
        parts.append(("class", "num"))
    if column.is_ordered:
        parts.append(("aria-sort", "descending" if column.order_by_alias.is_descending else "ascending"))
    return format_html_join(" ", '{}="{}"', parts)
