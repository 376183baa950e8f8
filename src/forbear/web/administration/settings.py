"""Every setting with its meaning, value and origin. They are changed in their files, which are versioned."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from forbear.interchange.home.setting_rows import told_settings
from forbear.web.guard import needs
from forbear.web.setting_labels import grouped
from forbear.web.templatetags.forbear import chinese


@needs("house:settings:read")
def settings_page(request: HttpRequest) -> HttpResponse:
    """All of them, by what they are about."""
    groups = grouped(told_settings(settings.HOME, settings.SIGN_IN), chinese())
    return render(request, "administration/settings.html", {"groups": groups})
