"""Alerts against a real database, a real SMTP server and a real webhook receiver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time
from email.message import Message
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadline.alerts import Alerts, NewTarget, Target, Telling, Troubles
from leadline.alerts.telling import NotTold
from leadline.alerts.troubles import failing, tight
from leadline.connections.mailing import Mail
from leadline.errors import SettingError
from leadline.serving import address, bind, serving
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.vault import Vault

CONSOLE = "https://leadline.example.com/console/alerts?workspace=ws"


class Mailbox:
    """What an SMTP server got."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 # aiosmtpd's name
        from email import message_from_bytes

        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


class Receiver:
    """A webhook of one's own, and a Slack."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.status = 204
        self.got: list[tuple[bytes, dict[str, str]]] = []

    async def take(self, request: Request) -> Response:
        self.got.append((await request.body(), dict(request.headers)))
        return Response(status_code=self.status)

    @property
    def words(self) -> list[tuple[str, str]]:
        found = [msgspec.json.decode(body) for body, _ in self.got]
        return [(each["kind"], each["what"]) for each in found]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    listener = bind("127.0.0.1", 0)
    receiver = Receiver(address(listener))
    async with serving(Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])]), listener):
        yield receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Any:
    mailbox = Mailbox()
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, f"smtp://127.0.0.1:{port}"
    controller.stop()


def alerts_of(store: Database, smtp: str = "", allowed: str = "127.0.0.1") -> Alerts:
    vault = Vault("4f9d2c7be18a60353c1b9e7a5d40f682")
    telling = Telling(
        Mail(smtp, "leadline@example.com"), public_url="https://leadline.example.com/", allowed=frozenset({allowed})
    )
    return Alerts(store, vault, Troubles(store, ChannelStore(store, vault), None), telling)


async def execute(store: Database, statement: str) -> None:
    async with store.connection() as connection:
        await connection.execute(statement.encode())


async def park(store: Database, number: int) -> None:
    await execute(
        store,
        f"""insert into arrival
            (workspace_id, raw_id, source, dedupe, lane, kind, content, state, reason)
        values ('ws', gen_random_uuid(), 'x', '{number}', 'tel:+35380000{number}', 'message', '{{}}', 'parked',
            'unreadable')""",  # noqa: S608
    )


async def test_what_is_parked_is_told_once_and_again_when_it_is_over(store: Database, receiver: Receiver) -> None:
    alerts = alerts_of(store)
    added = await alerts.targets("ws").add(NewTarget(kind="webhook", name="Ours", address=f"{receiver.place}/hook"))
    await alerts.round("ws")
    assert receiver.got == []
    for number in (1, 2):
        await park(store, number)
        await alerts.round("ws")
    assert receiver.words == [("parked", "opened")]
    body, headers = receiver.got[0]
    verified = Webhook(added.secret).verify(body, headers)
    assert verified["sentence"].startswith("1 message is parked")
    await execute(store, "update arrival set state = 'dropped'")
    await alerts.round("ws")
    await alerts.round("ws")
    assert receiver.words == [("parked", "opened"), ("parked", "resolved")]


async def test_a_look_is_one_transaction_while_nothing_is_to_be_told(store: Database, receiver: Receiver) -> None:
    alerts = alerts_of(store)
    await alerts.targets("ws").add(NewTarget(kind="webhook", name="Ours", address=f"{receiver.place}/hook"))
    before = store.pool.get_stats()["requests_num"]
    await alerts.round("ws")
    assert (store.pool.get_stats()["requests_num"] - before, receiver.got) == (1, [])


async def test_what_comes_and_goes_is_not_told_every_time(store: Database, receiver: Receiver) -> None:
    alerts = alerts_of(store)
    await alerts.targets("ws").add(NewTarget(kind="webhook", name="Ours", address=f"{receiver.place}/hook"))
    for number in range(3):
        await park(store, number)
        await alerts.round("ws")
        await execute(store, "update arrival set state = 'dropped'")
        await alerts.round("ws")
    assert receiver.words == [("parked", "opened"), ("parked", "resolved")]
    await park(store, 9)
    await alerts.round("ws")
    await execute(store, "update alert_word set due_at = now() where sent_at is null")
    await alerts.round("ws")
    assert receiver.words[2:] == [("parked", "opened")], "told late, since it is still there"


async def test_a_receiver_that_is_away_is_told_later(store: Database, receiver: Receiver) -> None:
    alerts = alerts_of(store)
    receiver.status = 500
    await alerts.targets("ws").add(NewTarget(kind="webhook", name="Ours", address=f"{receiver.place}/hook"))
    await park(store, 1)
    await alerts.round("ws")
    [target] = await alerts.targets("ws").listed()
    assert (target.told_at, target.trouble) == (None, "Ours could not be told: it answered 500")
    receiver.status = 204
    await alerts.round("ws")
    assert len(receiver.got) == 1, "not before its time"
    await execute(store, "update alert_word set due_at = now()")
    await alerts.round("ws")
    [target] = await alerts.targets("ws").listed()
    assert (len(receiver.got), target.told_at is not None, target.trouble) == (2, True, "")


async def test_mail_and_slack_say_it_in_words(store: Database, receiver: Receiver, mailbox: Any) -> None:
    box, smtp = mailbox
    alerts = alerts_of(store, smtp)
    targets = alerts.targets("ws")
    await targets.add(NewTarget(kind="mail", name="Night shift", address="night@example.com"))
    await targets.add(NewTarget(kind="slack", name="#ops", address=f"{receiver.place}/hook"))
    await park(store, 1)
    await alerts.round("ws")
    [mail] = box.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "night@example.com",
        "leadline@example.com",
        "Leadline: Messages are parked",
    )
    assert "1 message is parked" in mail.get_payload()
    assert CONSOLE in mail.get_payload()
    [(body, _)] = receiver.got
    assert msgspec.json.decode(body)["text"].startswith("*Messages are parked*\n1 message is parked")


async def test_quiet_hours_hold_a_word_back_and_a_target_hears_only_what_it_wants(
    store: Database, receiver: Receiver
) -> None:
    alerts = alerts_of(store)
    targets = alerts.targets("ws")
    address_, now = f"{receiver.place}/hook", datetime.now(UTC)
    others = ("00:00", "00:00") if now.hour else ("12:00", "12:00")  # an empty span is never quiet
    await targets.add(NewTarget(kind="webhook", name="Quiet", address=address_, quiet=("00:00", "23:59:59.999999")))
    await targets.add(NewTarget(kind="webhook", name="Others", address=address_, kinds=("disk",), quiet=others))
    await park(store, 1)
    await alerts.round("ws")
    assert receiver.got == []
    await execute(store, "update alert_target set quiet_from = null")
    await alerts.round("ws")
    assert receiver.words == [("parked", "opened")]


@pytest.mark.parametrize(
    ("begin", "end", "quiet"),
    [("22:00", "07:00", True), ("07:00", "22:00", False), ("23:30", "23:31", True), ("23:31", "23:30", False)],
)
def test_quiet_hours_go_past_midnight_and_by_their_own_clock(begin: str, end: str, quiet: bool) -> None:
    quiet_from, quiet_to = time.fromisoformat(begin), time.fromisoformat(end)
    known = Target(workspace_id="ws", target_id=1, kind="mail", name="x", address="x@y.z", zone="Europe/Dublin")
    target = msgspec.structs.replace(known, quiet_from=quiet_from, quiet_to=quiet_to)
    assert target.is_quiet(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) is quiet, "half past eleven in Dublin"


@pytest.mark.parametrize(
    ("new", "word"),
    [
        ({"kind": "pigeon", "address": "x@y.z"}, "not by 'pigeon'"),
        ({"kind": "mail", "address": "nobody"}, "not an e-mail address"),
        ({"kind": "mail", "address": "a@b.c\r\nBcc: d@e.f"}, "not an e-mail address"),
        ({"kind": "slack", "address": "hooks.slack.com"}, "whole address"),
        ({"kind": "webhook", "address": "https://user:password@host/"}, "whole address"),
        ({"kind": "webhook", "address": "file:///etc/passwd"}, "whole address"),
        ({"kind": "mail", "address": "a@b.c", "kinds": ("weather",)}, "no alert called weather"),
        ({"kind": "mail", "address": "a@b.c", "zone": "Mars/Base"}, "not a time zone"),
        ({"kind": "mail", "address": "a@b.c", "quiet": ("22:00", "")}, "both quiet times"),
    ],
)
async def test_what_cannot_be_right_is_refused_in_one_line(store: Database, new: dict[str, Any], word: str) -> None:
    with pytest.raises(SettingError, match=word):
        await alerts_of(store).targets("ws").add(NewTarget(name="", **new))


async def test_a_webhook_leads_nowhere_inside_unless_allowed(store: Database, receiver: Receiver) -> None:
    alerts = alerts_of(store, allowed="elsewhere.example")
    target = await alerts.targets("ws").add(NewTarget(kind="slack", name="x", address=f"{receiver.place}/hook"))
    with pytest.raises(NotTold, match="leads inside"):
        await alerts.test(target)
    assert receiver.got == []


async def test_addresses_and_secrets_are_sealed(store: Database) -> None:
    targets = alerts_of(store).targets("ws")
    added = await targets.add(NewTarget(kind="webhook", name="x", address="https://example.com/hook-of-ours"))
    async with store.connection() as connection:
        kept = str(await (await connection.execute("select * from alert_target")).fetchall())
    assert ("hook-of-ours" in kept, added.secret in kept) == (False, False)
    assert await targets.remove(added.target_id) == 1
    assert await targets.listed() == []


async def test_while_the_database_is_away_who_was_known_is_told(store: Database, receiver: Receiver) -> None:
    alerts = alerts_of(store)
    await alerts.targets("ws").add(NewTarget(kind="webhook", name="Ours", address=f"{receiver.place}/hook"))
    await alerts.round("ws")
    await alerts._database_is_away(OSError())
    await alerts._database_is_away(OSError())
    await alerts._database_is_back()
    await alerts._database_is_back()
    assert receiver.words == [("database", "opened"), ("database", "resolved")]


def test_a_rate_is_told_from_five_replies_on() -> None:
    assert failing({"sent": 4, "failed": 4}) == ""
    assert failing({"sent": 100, "failed": 19}) == ""
    assert failing({"sent": 100, "failed": 20}).startswith("Of 100 replies in the last hour, 20")


def test_a_disk_is_tight_when_both_share_and_bytes_are_small() -> None:
    giga = 1024**3
    assert (tight(100 * giga, 3 * giga), tight(10 * giga, int(1.5 * giga))) == ("", "")
    assert tight(100 * giga, giga).startswith("Only 1,024 MB are left")


async def test_mail_without_a_server_says_what_to_set(store: Database) -> None:
    alerts = alerts_of(store)
    target = await alerts.targets("ws").add(NewTarget(kind="mail", name="x", address="x@y.z"))
    with pytest.raises(NotTold, match="LEADLINE_SMTP_URL"):
        await asyncio.wait_for(alerts.test(target), 60)
