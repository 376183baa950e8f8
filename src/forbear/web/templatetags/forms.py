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


@register.inclusion_tag("form/act.html", takes_context=True)
def act_form(context: Context, action: str, button: str, form: Form, **more: Any) -> dict[str, object]:
    """A form with its fields and one button: {% act_form address _("Lock") form %}.

    `pressed` and `value` are what the button says it is, `look` its classes, `grave` the question that is asked first.
    """
    shown = {"look": "btn-outline-primary", "pressed": "", "value": "1", "grave": "", **more}
    return {**shown, "request": context["request"], "csrf_token": context.get("csrf_token"),
            "action": action, "button": button, "form": form}  # fmt: skip


@register.simple_tag
def row_form(forms: RowForms, row: object) -> Form:
    """The form about one row: {% row_form keep_forms hold.pk as keep %}."""
    return forms.of(row)
