"""The messages of one account as Twilio's API shows and lists them. Used by its fakes.

Source: Message and Media resources of Twilio's OpenAPI description v2010, November 2026.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

from leadline.channels.text import segments
from leadline.model import Struct
from leadline.sandbox.providers.twilio.webhooks import VERSION

FILTERS = {"To": "to", "From": "from"}


class Record(Struct, frozen=True, kw_only=True):
    """One message. files: content type and media SID of what a customer sent. at: unix seconds."""

    sid: str
    sender: str | None
    to: str
    body: str
    direction: str
    status: str
    service: str | None = None
    media: int = 0
    files: tuple[tuple[str, str], ...] = ()
    at: float = 0.0


class Records:
    """All messages of an account, the newest first in its list."""

    def __init__(self, account_sid: str) -> None:
        self.account_sid = account_sid
        self.kept: list[Record] = []
        self.page_limit = 1000

    def inbound(
        self, sid: str, *, sender: str, to: str, body: str, service: str, files: Sequence[tuple[str, str]]
    ) -> None:
        """A customer's message reached Twilio, whatever becomes of its webhook."""
        record = Record(
            sid=sid,
            sender=sender,
            to=to,
            body=body,
            direction="inbound",
            status="received",
            service=service or None,
            media=len(files),
            files=tuple(files),
            at=time.time(),
        )
        self.kept.append(record)

    def outbound(self, sid: str, fields: Mapping[str, str], media: int) -> dict[str, Any]:
        """A message was taken for sending; returns its resource."""
        service = fields.get("MessagingServiceSid")
        record = Record(
            sid=sid,
            sender=fields.get("From"),
            to=fields["To"],
            body=fields.get("Body", ""),
            direction="outbound-api",
            status="accepted" if service else "queued",
            service=service,
            media=media,
            at=time.time(),
        )
        self.kept.append(record)
        return self.resource(record)

    def page(self, wanted: Mapping[str, str]) -> dict[str, Any]:
        """One page of the list. Dates are whole days in GMT, as Twilio filters them."""
        day = wanted.get("DateSent>", "")
        resources = [self.resource(record) for record in reversed(self.kept) if _day(record.at) >= day]
        for name, field in FILTERS.items():
            resources = [resource for resource in resources if wanted.get(name) in (None, resource[field])]
        size, number = min(int(wanted.get("PageSize", "50")), self.page_limit), int(wanted.get("Page", "0"))
        start = size * number
        shown = resources[start : start + size]
        ends = start + size >= len(resources)
        return {
            "messages": shown,
            "page": number,
            "page_size": size,
            "start": start,
            "end": start + max(len(shown) - 1, 0),
            "uri": self._page_uri(wanted, number),
            "first_page_uri": self._page_uri(wanted, 0),
            "previous_page_uri": self._page_uri(wanted, number - 1) if number else None,
            "next_page_uri": None if ends else self._page_uri(wanted, number + 1),
        }

    def files(self, sid: str) -> dict[str, Any] | None:
        """The list of a message's files, or None when there is no such message."""
        record = next((record for record in self.kept if record.sid == sid), None)
        if record is None:
            return None
        uri = f"{self._uri(sid)}/Media"
        listed = [self._file(record, *file) for file in record.files]
        ends = {"first_page_uri": f"{uri}.json", "next_page_uri": None, "previous_page_uri": None, "uri": f"{uri}.json"}
        return {"media_list": listed, "page": 0, "page_size": 50, "start": 0, "end": len(listed), **ends}

    def resource(self, record: Record) -> dict[str, Any]:
        """A message as the API shows it."""
        sent = record.direction == "inbound"
        return {
            "sid": record.sid,
            "account_sid": self.account_sid,
            "api_version": VERSION,
            "body": record.body,
            "date_created": formatdate(record.at),
            "date_updated": formatdate(record.at),
            "date_sent": formatdate(record.at) if sent else None,
            "direction": record.direction,
            "error_code": None,
            "error_message": None,
            "from": record.sender,
            "messaging_service_sid": record.service,
            "num_media": str(record.media),
            "num_segments": "0" if record.service and not sent else str(segments(record.body).count),
            "price": None,
            "price_unit": None,
            "status": record.status,
            "subresource_uris": {"media": f"{self._uri(record.sid)}/Media.json"},
            "to": record.to,
            "uri": f"{self._uri(record.sid)}.json",
        }

    def _file(self, record: Record, content_type: str, media_sid: str) -> dict[str, Any]:
        dates = {"date_created": formatdate(record.at), "date_updated": formatdate(record.at)}
        uri = f"{self._uri(record.sid)}/Media/{media_sid}.json"
        ids = {"sid": media_sid, "account_sid": self.account_sid, "parent_sid": record.sid, "uri": uri}
        return {"content_type": content_type, **ids, **dates}

    def _uri(self, sid: str) -> str:
        return f"/{VERSION}/Accounts/{self.account_sid}/Messages/{sid}"

    def _page_uri(self, wanted: Mapping[str, str], number: int) -> str:
        fields = {**wanted, "Page": str(number)} | ({"PageToken": f"PASM{number}"} if number else {})
        return f"/{VERSION}/Accounts/{self.account_sid}/Messages.json?{urlencode(fields)}"


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at))
