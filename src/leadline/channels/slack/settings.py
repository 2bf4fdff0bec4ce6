"""The settings of a Slack app, and the manifest it is made from. Used by `adapter.py` and `sending.py`."""

from __future__ import annotations

from typing import Annotated

from leadline.channels.settings import Settings, plain, secret

API = "https://slack.com/api"
MANIFEST = (
    '{{"display_information": {{"name": "Support"}}, "features": {{"app_home": {{"messages_tab_enabled": true, '
    '"messages_tab_read_only_enabled": false}}, "bot_user": {{"display_name": "Support", "always_online": true}}}}, '
    '"oauth_config": {{"scopes": {{"bot": ["chat:write", "im:history", "channels:history", "users:read", '
    '"users:read.email", "files:read", "files:write", "groups:history", "reactions:read"]}}}}, '
    '"settings": {{"interactivity": {{"is_enabled": true, "request_url": "{url}"}}, "event_subscriptions": '
    '{{"request_url": "{url}", "bot_events": ["message.im", "message.channels", "message.groups", '
    '"reaction_added"]}}}}}}'
)


class SlackSettings(Settings, frozen=True, kw_only=True):
    """One Slack app in one workspace."""

    bot_token: Annotated[str, secret("Bot User OAuth Token, from OAuth & Permissions; starts with xoxb-")]
    signing_secret: Annotated[str, secret("Signing Secret, from Basic Information; it signs the events")]
    own_people: Annotated[
        str, plain("User ids of your own people, separated by commas: what they write is left alone")
    ] = ""
    buttons: Annotated[
        bool, plain("Interactivity is on for the app, with the webhook's address: choices become buttons")
    ] = False
    workspace: Annotated[str, plain("The workspace as people know it, for example acme.slack.com")] = ""
    api_url: Annotated[str, plain("Base address of Slack's Web API")] = API
