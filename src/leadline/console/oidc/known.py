"""The providers that most companies use: their addresses, and what to do there. The page of sign-in shows it.

developers.google.com/identity, learn.microsoft.com/entra/identity-platform and developer.okta.com, November 2026.
"""

from __future__ import annotations

from leadline.console.language import marked
from leadline.model import Struct


class Known(Struct, frozen=True, kw_only=True):
    """issuer: where all have the same. hint: what it looks like where they have not. steps: for an admin there."""

    title: str
    issuer: str = ""
    hint: str = ""
    steps: tuple[str, ...] = ()


KNOWN = {
    "google": Known(
        title="Google",
        issuer="https://accounts.google.com",
        steps=(
            marked(
                "Open the Google Cloud console, choose a project, then Google Auth Platform, Clients, Create client."
            ),
            marked("Choose Web application, and enter the address above under Authorized redirect URIs."),
            marked("Under Audience choose Internal, so that only people of your company can sign in."),
            marked("Copy the client id and the client secret."),
        ),
    ),
    "microsoft": Known(
        title="Microsoft",
        hint="https://login.microsoftonline.com/your-tenant-id/v2.0",
        steps=(
            marked(
                "Open the Entra admin center, App registrations, New registration, for accounts of this directory only."
            ),
            marked("Add the platform Web with the address above as its redirect URI."),
            marked(
                "Under Token configuration add the optional claim email for the ID token; in the Manifest add xms_edov "
                "beside it, by which Microsoft says that an address is verified."
            ),
            marked(
                "Under Certificates & secrets make a client secret. Copy its value, and the application (client) id."
            ),
        ),
    ),
    "okta": Known(
        title="Okta",
        hint="https://your-company.okta.com",
        steps=(
            marked("Open the Okta admin console, Applications, Create App Integration, OIDC, Web Application."),
            marked("Enter the address above as the sign-in redirect URI, and leave Authorization Code ticked."),
            marked("Assign the people or groups who are to come in."),
            marked("Copy the client id and the client secret."),
        ),
    ),
    "other": Known(
        title=marked("Another OpenID provider"),
        hint="https://sso.example.com",
        steps=(
            marked("Register Leadline as a web application that signs in with the authorization code and PKCE."),
            marked("Enter the address above as its redirect URI, and allow the scopes openid and email."),
            marked("Copy the client id and the client secret."),
        ),
    ),
}
