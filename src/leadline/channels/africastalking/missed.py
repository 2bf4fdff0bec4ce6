"""Africa's Talking's list of received messages, read from where a time begins. Called by `adapter.py`.

Source: Africa's Talking's page on fetching messages, November 2026. The list goes forward from an id, 100 messages at a
time, and knows no time: the id where a time begins is found by halving.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from leadline.channels.exchange import Call, Response, Steps
from leadline.channels.http import tried, utc_seconds
from leadline.errors import ProviderTrouble

CALLS = 200  # some 60 at most to find the beginning among a billion ids, the rest for 14,000 messages
LEAPS: tuple[int, ...] = (
    0,
    0,
    *(100 * 2**number for number in range(40)),
)  # from page to page first, then ever further


class Listed(msgspec.Struct):
    """One received message."""

    id: int
    sender: str | None = msgspec.field(default="", name="from")
    to: str | int | None = ""
    text: str | None = ""
    date: str | None = ""
    link: str | None = msgspec.field(default="", name="linkId")

    @property
    def at(self) -> float:
        """When it came; a message without a time counts as the latest."""
        moment = utc_seconds(self.date or "")
        return float("inf") if moment is None else moment


class _Inbox(msgspec.Struct):
    messages: list[Listed] = msgspec.field(name="Messages")


class _Answer(msgspec.Struct):
    content: _Inbox = msgspec.field(name="SMSMessageData")


_ANSWER = msgspec.json.Decoder(_Answer)


class Inbox:
    """The list of one account, asked page by page; raises ProviderTrouble."""

    def __init__(self, url: str, username: str, secrets: Mapping[str, str]) -> None:
        self._url = url
        self._username = username
        self._secrets = secrets
        self._calls = 0

    def since(self, moment: float) -> Steps[list[Listed]]:
        """All messages from this time on, in their order."""
        page = yield from self._after((yield from self._last_before(moment)))
        found: list[Listed] = []
        while page:
            found += page
            page = yield from self._after(page[-1].id)
        return [message for message in found if message.at >= moment]

    def _last_before(self, moment: float) -> Steps[int]:
        """An id so that everything from this time on comes after it, and not much else does."""
        low = 0
        for leap in LEAPS:
            page = yield from self._after(low + leap)
            if not page or page[0].at >= moment:
                return (yield from self._between(low, low + leap, moment))
            if page[-1].at >= moment:
                return low + leap
            low = page[-1].id
        return low

    def _between(self, low: int, high: int, moment: float) -> Steps[int]:
        """The same, where what stands up to `low` is too old and what comes after `high` is not."""
        while high - low > 1:
            middle = (low + high) // 2
            page = yield from self._after(middle)
            if not page or page[0].at >= moment:
                high = middle
            elif page[-1].at >= moment:
                return middle
            else:
                low = page[-1].id
        return low

    def _after(self, last: int) -> Steps[list[Listed]]:
        self._calls += 1
        if self._calls > CALLS:
            raise ProviderTrouble(f"Africa's Talking's list of messages does not end after {CALLS} questions")
        query = urlencode({"username": self._username, "lastReceivedId": last})
        headers = {"accept": "application/json"}
        call = Call(method="GET", url=f"{self._url}?{query}", headers=headers, secrets=self._secrets, harmless=True)
        return _read((yield call))


def _read(response: Response) -> list[Listed]:
    if response.status == 200 and (answer := tried(_ANSWER, response.body)) is not None:
        return sorted(answer.content.messages, key=lambda message: message.id)
    raise ProviderTrouble(f"Africa's Talking did not list its messages (HTTP {response.status})")
