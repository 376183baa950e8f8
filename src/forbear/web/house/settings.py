"""Every setting with its value and where it comes from. They are changed in their files, which the lender versions."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from forbear.interchange.told import told_settings
from forbear.web.guard import needs


@needs("house:settings:read")
def settings_page(request: HttpRequest) -> HttpResponse:
    """All of them, by file."""
    rows = told_settings(settings.HOME, settings.SIGN_IN)
    files = list(dict.fromkeys(row.file for row in rows))
    shown = {
        "files": [(file, [row for row in rows if row.file == file]) for file in files],
        "home": settings.HOME,
    }
    return render(request, "house/settings.html", shown)
