"""Every setting with its meaning, value and origin. They are changed in their files, which are versioned."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from forbear.interchange.home.setting_rows import setting_rows
from forbear.web.administration.setting_groups import grouped
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest


@permission_required("administration:settings:read")
def settings_page(request: StaffRequest) -> HttpResponse:
    """All of them, by what they are about."""
    groups = grouped(setting_rows(settings.HOME, settings.SIGN_IN))
    return render(request, "administration/settings.html", {"groups": groups})
