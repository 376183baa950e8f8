"""The way out: the session ends, a visitor's browser forgets what the app kept, and the provider hears of it."""

from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from forbear.actions.staff.log_session import log_session
from forbear.web.guard import PROOF
from forbear.web.request import Request
from forbear.web.session import BY_SSO
from forbear.web.sign_in.sso import way_out


class SignOut(LogoutView):
    """Signing out, for everybody, by POST alone."""

    request: Request

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Sign out here, and on at the provider where the session came from there."""
        visits, then = False, ""
        if request.user.is_authenticated:
            visits = request.user.role == "visitor"
            log_session(request.user, "signed_out", self.request.now, proof=request.session.get(PROOF, ""))
            then = way_out() if request.session.get(BY_SSO) else ""
        answer = super().post(request, *args, **kwargs)
        if then:
            answer = redirect(then)
        if visits:
            answer["Clear-Site-Data"] = '"cache", "storage"'
        return answer
