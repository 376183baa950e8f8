"""Template tags for forms that a page has beside each of its rows."""

from typing import Any

from django import template
from django.template import Context

from forbear.web.forms import Form, ReasonForm, RowForms, form_on

register = template.Library()


@register.simple_tag(takes_context=True)
def reason_form(context: Context, act: str, row: object = "", **more: Any) -> ReasonForm:
    """The reason for an act on a row: {% reason_form "decline" plan.pk label=_("Why") as form %}."""
    label = more.pop("label", None)
    form = form_on(context["request"], ReasonForm, key=f"{act}{row}", **more)
    if label:
        form.fields[form.name].label = label
    return form


@register.simple_tag
def row_form(forms: RowForms, row: object) -> Form:
    """The form about one row: {% row_form keep_forms hold.pk as keep %}."""
    return forms.of(row)
