"""All channels Leadline knows, by key: one folder for each provider, of pure functions. A new one is one line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from leadline.channels.base import Channel
from leadline.errors import SettingError, meant

# key: (scheme of its customers' addresses, module:class under leadline.channels)
PLACES = {
    "bird": ("whatsapp", "bird.adapter:Bird"),
    "http": ("http", "generic.adapter:GenericHTTP"),
    "telegram": ("telegram", "telegram.adapter:Telegram"),
    "instagram": ("instagram", "graph.instagram:Instagram"),
    "messenger": ("messenger", "graph.messenger:Messenger"),
    "line": ("line", "line.adapter:Line"),
    "messagebird_sms": ("tel", "messagebird.sms:MessageBirdSMS"),
    "messagebird_whatsapp": ("whatsapp", "messagebird.whatsapp:MessageBirdWhatsApp"),
    "africastalking": ("tel", "africastalking.adapter:AfricasTalking"),
    "textmagic": ("tel", "textmagic.adapter:TextMagic"),
    "twilio_sms": ("tel", "twilio.sms:TwilioSMS"),
    "vonage_sms": ("tel", "vonage.sms:VonageSMS"),
    "viber": ("viber", "viber.adapter:Viber"),
    "twilio_whatsapp": ("whatsapp", "twilio.whatsapp:TwilioWhatsApp"),
    "vonage_whatsapp": ("whatsapp", "vonage.whatsapp:VonageWhatsApp"),
    "vk": ("vk", "vk.adapter:VK"),
    "slack": ("slack", "slack.adapter:Slack"),
    "wechat": ("wechat", "wechat.adapter:WeChat"),
    "whatsapp_cloud": ("whatsapp", "whatsapp.cloud:WhatsAppCloud"),
    "whatsapp_360dialog": ("whatsapp", "whatsapp.dialog360:Dialog360"),
    "plivo": ("tel", "plivo.adapter:Plivo"),
    "sinch": ("tel", "sinch.adapter:Sinch"),
    "telnyx": ("tel", "telnyx.adapter:Telnyx"),
    "sms_gateway": ("tel", "gateway.adapter:SMSGateway"),
}
SCHEMES = frozenset(scheme for scheme, _ in PLACES.values())


class _Channels(Mapping[str, Channel[Any]]):
    """Each is imported when it is asked for: most installations have two or three."""

    def __init__(self) -> None:
        self._made: dict[str, Channel[Any]] = {}

    def __getitem__(self, key: str) -> Channel[Any]:
        if key not in self._made:
            module, _, name = PLACES[key][1].partition(":")
            self._made[key] = getattr(import_module(f"leadline.channels.{module}"), name)()
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in PLACES

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


CHANNELS: Mapping[str, Channel[Any]] = _Channels()


def channel(key: str) -> Channel[Any]:
    """The channel of a provider key; raises SettingError listing the known ones."""
    try:
        return CHANNELS[key]
    except KeyError:
        raise SettingError(f"Leadline knows no provider '{key}'. {meant(key, sorted(CHANNELS))}") from None
