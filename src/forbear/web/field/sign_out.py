"""The way out: from whichever page a visitor signs out, the browser forgets what the app kept on the phone."""

from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse


class SignOut(LogoutView):
    """Signing out, for everybody; a visitor's browser is told to clear what it keeps for this site."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Sign out."""
        visits = getattr(request.user, "role", "") == "visitor"
        answer = super().post(request, *args, **kwargs)
        if visits:
            answer["Clear-Site-Data"] = '"cache", "storage"'
        return answer
