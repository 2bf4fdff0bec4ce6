"""All channels Leadline knows, by key: one folder for each provider, of pure functions. A new one is one line here."""

from __future__ import annotations

from typing import Any

from leadline.channels.africastalking.adapter import AfricasTalking
from leadline.channels.base import Channel
from leadline.channels.bird.adapter import Bird
from leadline.channels.gateway.adapter import SMSGateway
from leadline.channels.generic.adapter import GenericHTTP
from leadline.channels.graph.instagram import Instagram
from leadline.channels.graph.messenger import Messenger
from leadline.channels.line.adapter import Line
from leadline.channels.messagebird.sms import MessageBirdSMS
from leadline.channels.messagebird.whatsapp import MessageBirdWhatsApp
from leadline.channels.plivo.adapter import Plivo
from leadline.channels.sinch.adapter import Sinch
from leadline.channels.slack.adapter import Slack
from leadline.channels.telegram.adapter import Telegram
from leadline.channels.telnyx.adapter import Telnyx
from leadline.channels.textmagic.adapter import TextMagic
from leadline.channels.twilio.sms import TwilioSMS
from leadline.channels.twilio.whatsapp import TwilioWhatsApp
from leadline.channels.viber.adapter import Viber
from leadline.channels.vk.adapter import VK
from leadline.channels.vonage.sms import VonageSMS
from leadline.channels.vonage.whatsapp import VonageWhatsApp
from leadline.channels.wechat.adapter import WeChat
from leadline.channels.whatsapp.cloud import WhatsAppCloud
from leadline.channels.whatsapp.dialog360 import Dialog360
from leadline.errors import SettingError, meant

CHANNELS: dict[str, Channel[Any]] = {
    Bird.key: Bird(),
    GenericHTTP.key: GenericHTTP(),
    Telegram.key: Telegram(),
    Instagram.key: Instagram(),
    Messenger.key: Messenger(),
    Line.key: Line(),
    MessageBirdSMS.key: MessageBirdSMS(),
    MessageBirdWhatsApp.key: MessageBirdWhatsApp(),
    AfricasTalking.key: AfricasTalking(),
    TextMagic.key: TextMagic(),
    TwilioSMS.key: TwilioSMS(),
    VonageSMS.key: VonageSMS(),
    Viber.key: Viber(),
    TwilioWhatsApp.key: TwilioWhatsApp(),
    VonageWhatsApp.key: VonageWhatsApp(),
    VK.key: VK(),
    Slack.key: Slack(),
    WeChat.key: WeChat(),
    WhatsAppCloud.key: WhatsAppCloud(),
    Dialog360.key: Dialog360(),
    Plivo.key: Plivo(),
    Sinch.key: Sinch(),
    Telnyx.key: Telnyx(),
    SMSGateway.key: SMSGateway(),
}


def channel(key: str) -> Channel[Any]:
    """The channel of a provider key; raises SettingError listing the known ones."""
    try:
        return CHANNELS[key]
    except KeyError:
        raise SettingError(f"Leadline knows no provider '{key}'. {meant(key, sorted(CHANNELS))}") from None
