"""Sends a mail by the SMTP server of the settings. Alerts and the console's one-time links go out by it."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from leadline.connections.posting import TIMEOUT
from leadline.errors import LeadlineError, SettingError, silence
from leadline.model import Struct

LONGEST = 200  # characters of what a mail server says itself


class NotMailed(LeadlineError):
    """A mail did not go out; the text says why, without an end, and with no password in it."""


class Mail(Struct, frozen=True):
    """How mail goes out. url: smtp://user:password@host:587, or smtps:// for TLS from the start; empty for none."""

    url: str = ""
    sender: str = ""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Raises NotMailed; SettingError where the address of the server cannot be right."""
        if not self.url:
            raise NotMailed("no mail can be sent, because LEADLINE_SMTP_URL is not set")
        message = EmailMessage()
        message["From"], message["To"] = self.sender or "leadline@localhost", to
        message["Subject"] = subject
        message.set_content(text)
        await self._visit(message)

    async def look(self) -> None:
        """Sign in at the server and leave; raises NotMailed."""
        await self._visit(None)

    async def _visit(self, message: EmailMessage | None) -> None:
        try:
            await asyncio.to_thread(self._sign_in, message)
        except (smtplib.SMTPException, TimeoutError, OSError, ssl.SSLError) as error:
            raise NotMailed(_why(error)) from error

    def _sign_in(self, message: EmailMessage | None) -> None:
        place = urlsplit(self.url)
        try:
            port = place.port
        except ValueError as error:
            raise SettingError("LEADLINE_SMTP_URL has no port that can be one") from error
        with _opened(place.scheme, place.hostname or "localhost", port) as server:
            if place.username:
                server.login(unquote(place.username), unquote(place.password or ""))
            if message is not None:
                server.send_message(message)


def _opened(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    """A connection that is encrypted wherever the server can; raises SettingError for another scheme."""
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=context)
    if scheme != "smtp":
        raise SettingError("LEADLINE_SMTP_URL begins with smtp:// or smtps://")
    server = smtplib.SMTP(host, port or 587, timeout=TIMEOUT)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
    return server


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "the mail server does not take the user and password of LEADLINE_SMTP_URL"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return f"the mail server refuses this address: {code} {_printable(words)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server refuses it: {error.smtp_code} {_printable(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPException):
        return "the mail server broke off the conversation"
    return f"the mail server cannot be reached: {silence(error)}"


def _printable(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:LONGEST]
