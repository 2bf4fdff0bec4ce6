"""A Twilio account: its settings, the addresses of its API, and answers that are lists. Used by the Twilio adapters.

Source: Twilio's OpenAPI description v2010 and its page on requests, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, TypeVar

import msgspec

from leadline.channels.exchange import Call, Response, Steps
from leadline.channels.http import basic_auth, tried
from leadline.channels.settings import Settings, plain, secret
from leadline.errors import ProviderTrouble

API = "https://api.twilio.com"
T = TypeVar("T")


class TwilioSettings(Settings, frozen=True, kw_only=True):
    """One Twilio sender. Webhooks are signed with the auth token even where an API key sends."""

    shapes: ClassVar[Mapping[str, tuple[str, str]]] = {
        "account_sid": (r"AC[0-9a-fA-F]{32}", "AC and 32 letters and digits"),
        "auth_token": (r"\S{16,}", "16 or more characters without spaces"),
        "number": (r"\+?[0-9 \(\)\.\-]{3,}", "a phone number such as +14155550100, or a short code"),
        "messaging_service_sid": (r"MG[0-9a-fA-F]{32}", "MG and 32 letters and digits"),
        "api_key_sid": (r"SK[0-9a-fA-F]{32}", "SK and 32 letters and digits"),
    }
    either: ClassVar[tuple[tuple[str, ...], ...]] = (("number", "messaging_service_sid"),)

    account_sid: Annotated[str, plain("Account SID, starts with AC")]
    auth_token: Annotated[str, secret("Auth token of this account or subaccount; it signs the webhooks")]
    number: Annotated[
        str, plain("Your number in international form, or short code; empty with a messaging service")
    ] = ""
    messaging_service_sid: Annotated[str, plain("Messaging service that picks the sender, starts with MG")] = ""
    api_key_sid: Annotated[str, plain("API key for sending, starts with SK; empty: the auth token sends")] = ""
    api_key_secret: Annotated[str, secret("Secret of the API key")] = ""
    signing_key: Annotated[str, secret("Shared key of the webhook, where one is set up (SHA-256 signatures)")] = ""
    api_url: Annotated[str, plain("Base address of Twilio's API")] = API

    def __post_init__(self) -> None:
        if not (self.number or self.messaging_service_sid):
            raise ValueError("give the number, or the SID of the messaging service")
        if bool(self.api_key_sid) != bool(self.api_key_secret):
            raise ValueError("an API key needs both its SID and its secret")


def account_url(settings: TwilioSettings) -> str:
    """Address of the account in the API."""
    return f"{settings.api_url.rstrip('/')}/2010-04-01/Accounts/{settings.account_sid}"


def credentials(settings: TwilioSettings) -> dict[str, str]:
    """The header that proves the account, or its API key."""
    user, password = settings.api_key_sid, settings.api_key_secret
    if not user:
        user, password = settings.account_sid, settings.auth_token
    return {"authorization": basic_auth(user, password)}


def fetch(url: str, decoder: msgspec.json.Decoder[T], settings: TwilioSettings) -> Steps[T]:
    """Ask the API for something and read it; raises ProviderTrouble where the answer is none."""
    response = yield Call(method="GET", url=url, secrets=credentials(settings), harmless=True)
    if response.status != 200:
        raise ProviderTrouble(
            f"Twilio answered {response.status or 'nothing'} when asked for {_path(url)}{_why(response)}"
        )
    try:
        return decoder.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProviderTrouble(f"Twilio's answer for {_path(url)} is not what it documents: {error}") from error


def _path(url: str) -> str:
    return url.partition("?")[0]


class _Trouble(msgspec.Struct):
    code: int = 0
    message: str = ""


_TROUBLE = msgspec.json.Decoder(_Trouble)


def _why(response: Response) -> str:
    trouble = tried(_TROUBLE, response.body)
    return f" ({trouble.code} {trouble.message})" if trouble else ""
