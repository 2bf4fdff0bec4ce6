"""One-time links by mail, to a real SMTP server: who gets which, and what is said where it does not take them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from leadline.connections.mailing import Mail, NotMailed
from leadline.console.language import speaking
from leadline.console.signin.handing import INVITATION, RESET, hand_over
from leadline.errors import SettingError
from leadline.serving import bind
from tests.alerts.test_alerts import mailbox as mailbox

LINK = "https://leadline.example.com/console/link/abc"
SENDER = "leadline@example.com"


class Refusing:
    """A mail server that takes nothing for some people."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        return "550 5.1.1 no such\u202e user here"


@pytest.fixture
def refusing() -> Iterator[str]:
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    controller = Controller(Refusing(), hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


async def test_a_link_that_is_mailed_is_shown_to_nobody_else(mailbox: Any) -> None:
    box, smtp = mailbox
    for kind, words in ((INVITATION, "within seven days"), (RESET, "within an hour")):
        handed = await hand_over(Mail(smtp, SENDER), kind, " bo@example.com ", LINK)
        assert (handed.link, handed.trouble) == ("", "")
        assert (f"bo@example.com got the link by mail. It can be used once, {words}.") == handed.words
        mail = box.mails[-1]
        assert (mail["To"], mail["From"]) == ("bo@example.com", SENDER)
        assert re.search(rf"^{LINK}$", mail.get_payload().replace("\r", ""), re.MULTILINE), "alone on its line"
    assert [mail["Subject"] for mail in box.mails] == [
        "You are invited to Leadline",
        "Choose a new password for Leadline",
    ]


async def test_without_a_mail_server_it_is_given_by_hand() -> None:
    handed = await hand_over(Mail(), INVITATION, "bo@example.com", LINK)
    assert (handed.link, handed.trouble) == (LINK, "")
    assert handed.words.startswith("Give bo@example.com this link")


async def test_what_the_mail_server_refuses_is_said_and_given_by_hand(refusing: str) -> None:
    handed = await hand_over(Mail(refusing, SENDER), RESET, "bo@example.com", LINK)
    assert handed.link == LINK
    assert handed.words.startswith(
        "The link could not be mailed: the mail server refuses this address: 550 5.1.1 no such"
    )
    assert "Give bo@example.com this link" in handed.words


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("smtp://user:password@127.0.0.1:1", "cannot be reached"),
        ("imap://127.0.0.1", "begins with smtp://"),
        ("smtp://127.0.0.1:port", "no port that can be one"),
    ],
)
async def test_a_mail_server_that_is_away_or_no_address_is_said_without_its_password(url: str, why: str) -> None:
    handed = await hand_over(Mail(url), RESET, "bo@example.com", LINK)
    assert (handed.link, why in handed.trouble, "password" in handed.trouble) == (LINK, True, False)


async def test_a_mail_speaks_the_language_of_whoever_asks(mailbox: Any) -> None:
    box, smtp = mailbox
    with speaking("de"):
        await hand_over(Mail(smtp), INVITATION, "bo@example.com", LINK)
    assert box.mails[-1]["Subject"] == "Sie sind zu Leadline eingeladen"


async def test_without_a_server_nothing_is_mailed() -> None:
    with pytest.raises(NotMailed, match="LEADLINE_SMTP_URL is not set"):
        await Mail().send("bo@example.com", "s", "t")
    with pytest.raises(SettingError):
        await Mail("ftp://x").send("bo@example.com", "s", "t")
