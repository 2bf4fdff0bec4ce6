"""LINE's own SDK speaks with the fake, in a process of its own: its packages do not fit beside Leadline's.

Called by `test_sdk.py`: a JSON of what it needs comes in, a JSON of what it found goes out.
"""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

from linebot.v3 import WebhookParser  # type: ignore[import-not-found]
from linebot.v3.exceptions import InvalidSignatureError  # type: ignore[import-not-found]
from linebot.v3.messaging import (  # type: ignore[import-not-found]
    ApiClient,
    ApiException,
    Configuration,
    MessagingApi,
    MessagingApiBlob,
    PushMessageRequest,
    ReplyMessageRequest,
    TextMessage,
)


def refused(call: Any, *arguments: Any) -> int:
    """The status with which LINE refuses a call."""
    try:
        call(*arguments)
    except ApiException as error:
        return int(error.status)
    return 200


def believed(parser: Any, body: str, signature: str) -> bool:
    try:
        parser.parse(body, signature)
    except InvalidSignatureError:
        return False
    return True


def talk(told: dict[str, str]) -> dict[str, Any]:
    """Reads the webhook, then makes each call that Leadline makes."""
    parser = WebhookParser(told["channel_secret"])
    text, picture = parser.parse(told["body"], told["signature"])
    sender = text.source.user_id
    with ApiClient(Configuration(host=told["api_url"], access_token=told["access_token"])) as client:
        api, key = MessagingApi(client), str(uuid.uuid4())
        push = PushMessageRequest(to=sender, messages=[TextMessage(text="Pushed")])
        reply = ReplyMessageRequest(reply_token=text.reply_token, messages=[TextMessage(text="Replied")])
        return {
            "text": text.message.text,
            "sender": sender,
            "forged": believed(parser, told["body"] + " ", told["signature"]),
            "pushed": [each.id for each in api.push_message(push, key).sent_messages],
            "again": refused(api.push_message, push, key),
            "replied": [each.id for each in api.reply_message(reply).sent_messages],
            "token_again": refused(api.reply_message, reply),
            "name": api.get_profile(sender).display_name,
            "account": api.get_bot_info().user_id,
            "picture": bytes(MessagingApiBlob(client).get_message_content(picture.message.id)).hex(),
        }


if __name__ == "__main__":
    print(json.dumps(talk(json.load(sys.stdin))))
