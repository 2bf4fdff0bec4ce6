"""The account at MessageBird: how calls show its access key. Both adapters use it."""

from __future__ import annotations

from leadline.channels.exchange import Call
from leadline.channels.http import host_of
from leadline.model import Attachment


def credentials(access_key: str) -> dict[str, str]:
    """Headers that only MessageBird may see."""
    return {"authorization": f"AccessKey {access_key}"}


def media_call(attachment: Attachment, *, api_url: str, access_key: str) -> Call:
    """GET of a file; only MessageBird's own hosts see the access key."""
    host = host_of(attachment.url)
    ours = host.endswith(".messagebird.com") or (host and host == host_of(api_url))
    return Call(method="GET", url=attachment.url, secrets=credentials(access_key) if ours else {})
