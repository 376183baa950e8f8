"""The addresses of the provider in `toolkit`, and what its tokens say of who is signed in there."""

from django.urls import include, path
from oauth2_provider.oauth2_validators import OAuth2Validator

urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]


class Claims(OAuth2Validator):
    """The toolkit's own, with a name, a verified address and groups."""

    oidc_claim_scope = None

    def get_additional_claims(self) -> dict:
        """What a lender's directory would say."""
        return {
            "preferred_username": lambda request: request.user.username,
            "email": lambda request: "zhou@lender.example",
            "email_verified": lambda request: True,
            "groups": lambda request: ["collections-leads", "staff"],
        }
