"""What an operator enters for a WeChat Official Account. The adapter beside it uses it."""

from __future__ import annotations

from typing import Annotated

from leadline.channels.settings import Settings, own, plain, secret
from leadline.channels.wechat.seal import key_of

API = "https://api.weixin.qq.com"


class WeChatSettings(Settings, frozen=True, kw_only=True):
    """One verified service account."""

    app_id: Annotated[str, plain("AppID, from Settings and development > Basic configuration; starts with wx")]
    app_secret: Annotated[str, secret("AppSecret, from the same page")]
    token: Annotated[str, own("Any text of your own, 3 to 32 letters and digits; enter the same one at WeChat")]
    encoding_aes_key: Annotated[
        str, secret("EncodingAESKey, 43 characters, for security mode; empty: plain mode, whose bodies are not signed")
    ] = ""
    name: Annotated[str, plain("The account as people know it")] = ""
    api_url: Annotated[str, plain("Base address of WeChat's API")] = API

    def __post_init__(self) -> None:
        if self.encoding_aes_key:
            key_of(self.encoding_aes_key)
