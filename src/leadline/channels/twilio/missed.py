"""Messages whose webhook never came, from Twilio's own list, in the fields of a webhook. Called by adapters' `poll`.

Source: Messages and Media lists of Twilio's OpenAPI description v2010, November 2026. The newest come first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import msgspec

from leadline.channels.exchange import Steps
from leadline.channels.twilio.account import TwilioSettings, account_url, fetch

PAGE = 100  # of at most 1,000; a page of long texts stays small so
Fields = dict[str, str]


class _Listed(msgspec.Struct):
    """The fields of a message in the list that matter here."""

    sid: str
    sender: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    body: str | None = None
    direction: str = ""
    num_media: str | None = None
    messaging_service_sid: str | None = None
    date_sent: str | None = None
    date_created: str | None = None

    @property
    def moment(self) -> float | None:
        """Unix seconds when Twilio got it, or None where it does not tell."""
        try:
            return parsedate_to_datetime(self.date_sent or self.date_created or "").timestamp()
        except (ValueError, TypeError, OverflowError):
            return None

    def is_since(self, since: float) -> bool:
        """Whether it came then or later; so does what has no time, lest it be lost."""
        return self.moment is None or self.moment >= since


class _Page(msgspec.Struct):
    messages: list[_Listed]
    next_page_uri: str | None = None


class _File(msgspec.Struct):
    sid: str
    content_type: str | None = None


class _Files(msgspec.Struct):
    media_list: list[_File]


_PAGE = msgspec.json.Decoder(_Page)
_FILES = msgspec.json.Decoder(_Files)


def missed(since: float, settings: TwilioSettings, *, number: str) -> Steps[list[tuple[Fields, float | None]]]:
    """Inbound messages from `since` (unix seconds) on, the oldest first, each with its time; raises ProviderTrouble.

    number: the own address as Twilio writes it, with its channel; of a messaging service all of that channel's come.
    """
    found: list[tuple[Fields, float | None]] = []
    url = _first_page(since, settings, number)
    while url:
        page = yield from fetch(url, _PAGE, settings)
        for listed in page.messages:
            if listed.is_since(since) and _is_ours(listed, settings, number):
                files = yield from _files(listed, settings)
                found.append((_fields(listed) | files, listed.moment))
        all_since = all(listed.is_since(since) for listed in page.messages)
        url = _following(page, settings) if all_since else ""
    return found[::-1]


def _first_page(since: float, settings: TwilioSettings, number: str) -> str:
    """Twilio filters by whole days in GMT, so that the first day comes whole."""
    day = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%d")
    to = {} if settings.messaging_service_sid else {"To": number}
    return f"{account_url(settings)}/Messages.json?{urlencode(to | {'DateSent>': day, 'PageSize': PAGE})}"


def _following(page: _Page, settings: TwilioSettings) -> str:
    """Twilio names the next page by its path, so that the credentials go to no other host."""
    path = page.next_page_uri or ""
    return settings.api_url.rstrip("/") + path if path.startswith("/") else ""


def _is_ours(listed: _Listed, settings: TwilioSettings, number: str) -> bool:
    """Inbound, to this number or service, and of this channel: SMS has no prefix, WhatsApp has one."""
    to = listed.to or ""
    through_service = bool(settings.messaging_service_sid) and (
        listed.messaging_service_sid == settings.messaging_service_sid
    )
    return listed.direction == "inbound" and (to == number or (through_service and _kind(to) == _kind(number)))


def _kind(address: str) -> str:
    return address.rpartition(":")[0]


def _fields(listed: _Listed) -> Fields:
    known = {"From": listed.sender, "To": listed.to, "Body": listed.body, "NumMedia": listed.num_media}
    return {"MessageSid": listed.sid} | {name: value for name, value in known.items() if value is not None}


def _files(listed: _Listed, settings: TwilioSettings) -> Steps[Fields]:
    """Where the files of a message are; the list tells only how many there are."""
    if (listed.num_media or "0") == "0":
        return {}
    url = f"{account_url(settings)}/Messages/{listed.sid}/Media"
    answer = yield from fetch(f"{url}.json", _FILES, settings)
    fields: Fields = {}
    for place, file in enumerate(answer.media_list):
        fields[f"MediaUrl{place}"] = f"{url}/{file.sid}"
        fields[f"MediaContentType{place}"] = file.content_type or ""
    return fields
