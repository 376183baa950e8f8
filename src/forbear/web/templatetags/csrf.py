"""`{% csrf_token %}` of every page: Django's own, and beside it the form's token (web.form_token)."""

from django import template
from django.template import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from forbear.web.form_token import FIELD, token_for

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: Context) -> SafeString:
    """The hidden fields that every form begins with."""
    proof = CsrfTokenNode().render(context)
    request = context.get("request")
    if request is None:
        return SafeString(proof)
    return format_html('{}<input type="hidden" name="{}" value="{}">', proof, FIELD, token_for(request))
