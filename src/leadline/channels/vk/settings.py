"""What an operator enters for a VK community. The adapter beside it uses it."""

from __future__ import annotations

from typing import Annotated

from leadline.channels.settings import MarkRead, Settings, ShowEchoes, own, plain, secret

API = "https://api.vk.com"


class VKSettings(Settings, frozen=True, kw_only=True):
    """One VK community."""

    group_id: Annotated[str, plain("Id of the community, digits only")]
    access_token: Annotated[str, secret("Key of the community with access to messages, photos and files")]
    secret_key: Annotated[str, own("Any text of your own; enter the same one at VK under Callback API")]
    confirmation: Annotated[str, plain("String the server must return, from Manage > API usage > Callback API")]
    mark_read: MarkRead = False
    show_echoes: ShowEchoes = False
    api_url: Annotated[str, plain("Base address of VK's API")] = API
    api_version: Annotated[str, plain("Version of VK's API")] = "5.199"
