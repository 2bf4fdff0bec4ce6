"""How Meta signs the webhooks of all its products. The fakes of WhatsApp, Messenger and Instagram send with it."""

from __future__ import annotations

import json
from typing import Any

from leadline.channels.graph.adapter import GraphSettings
from leadline.channels.http import signature
from leadline.channels.whatsapp.cloud import WhatsAppSettings


def signed(settings: GraphSettings | WhatsAppSettings, value: Any) -> tuple[dict[str, str], bytes]:
    """Headers and body of a webhook: JSON with escaped characters, signed with the first app secret."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()
    key = settings.app_secret.partition(",")[0].strip().encode()
    headers = {"content-type": "application/json", "user-agent": "facebookexternalua"}
    return headers | {"x-hub-signature-256": f"sha256={signature(key, body)}"}, body
