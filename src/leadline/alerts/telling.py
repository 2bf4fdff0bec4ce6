"""How one alert reaches one target: a mail, a line in Slack, a webhook signed as Standard Webhooks are."""

from __future__ import annotations

import time
from datetime import datetime

import msgspec

from leadline.alerts.targets import KINDS, Target
from leadline.channels.http import standard_webhook_headers
from leadline.connections.mailing import Mail, NotMailed
from leadline.connections.posting import NotPosted, post
from leadline.errors import LeadlineError
from leadline.model import Struct


class NotTold(LeadlineError):
    """An alert did not reach its target; the text says why."""


class Word(Struct, frozen=True, kw_only=True):
    """What is told: that something began, or that it is over."""

    alert_id: int
    kind: str
    what: str
    sentence: str
    opened_at: datetime
    resolved_at: datetime | None = None

    @property
    def title(self) -> str:
        name = KINDS.get(self.kind, "Test")
        return f"Resolved: {name}" if self.what == "resolved" else name


class Telling:
    """Sends. allowed: private hosts that webhooks may go to."""

    def __init__(self, mail: Mail, *, public_url: str, allowed: frozenset[str]) -> None:
        self._mail = mail
        self._console = f"{public_url.rstrip('/')}/console/alerts"
        self._allowed = allowed

    async def tell(self, target: Target, word: Word) -> None:
        """Raises NotTold."""
        try:
            if target.kind == "mail":
                await self._mail.send(target.address, f"Leadline: {word.title}", self._mailed(target, word))
            elif target.kind == "slack":
                await self._post(target, msgspec.json.encode({"text": self._text(target, word)}), {})
            else:
                body = self._body(target, word)
                number = f"{word.alert_id}-{word.what}"
                await self._post(target, body, standard_webhook_headers(body, number, time.time(), target.secret))
        except (NotMailed, NotPosted) as error:
            raise NotTold(f"{target.name} could not be told: {error}") from error

    def _page(self, target: Target) -> str:
        """In the target's own workspace: the reader may use several."""
        return f"{self._console}?workspace={target.workspace_id}"

    def _text(self, target: Target, word: Word) -> str:
        return f"*{word.title}*\n{word.sentence}\n{self._page(target)}"

    def _body(self, target: Target, word: Word) -> bytes:
        fields = {name: getattr(word, name) for name in ("alert_id", "kind", "what", "title", "sentence")}
        times = {"opened_at": word.opened_at, "resolved_at": word.resolved_at}
        return msgspec.json.encode(fields | times | {"console": self._page(target)})

    async def _post(self, target: Target, body: bytes, headers: dict[str, str]) -> None:
        await post(target.address, body, headers, allowed=self._allowed)

    def _mailed(self, target: Target, word: Word) -> str:
        return f"{word.sentence}\n\n{self._page(target)}\n"
