"""A Leadline that was installed somewhere, worked with as its operator would, until a signed webhook is in Intercom."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

SECRET = "8f2c11b7a94de05366aa71c0de1f9b42"
TOKEN = "sandbox-token"
PATIENCE = 150.0
WHEEL = re.compile(r"leadline-[\d.]+-py3-none-any\.whl")


class Installed:
    """How its command is called. prefix: what stands before it, such as a chroot."""

    def __init__(self, program: str, environ: Mapping[str, str], folder: Path, prefix: Sequence[str] = ()) -> None:
        self._command = [*prefix, program]
        self._environ = dict(environ)
        self._folder = folder

    def run(self, *arguments: str, stdin: str = "") -> str:
        """What a command printed; it must end well."""
        done = subprocess.run(
            [*self._command, *arguments],
            cwd=self._folder,
            env=self._environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE * 2,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self, *arguments: str, url: str) -> Iterator[None]:
        """A command that serves, once `url` answers; it must end by itself when asked to."""
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                [*self._command, *arguments], cwd=self._folder, env=self._environ, stdout=said, stderr=said
            )
            try:
                self._await(process, url, said)
                yield
            finally:
                process.terminate()
                assert process.wait(PATIENCE) == 0, _all_of(said)

    @staticmethod
    def _await(process: subprocess.Popen[bytes], url: str, said: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not answers(url):
            assert process.poll() is None, _all_of(said)
            assert time.monotonic() < end, _all_of(said)
            time.sleep(0.1)


def _all_of(file: Any) -> str:
    file.seek(0)
    return str(file.read())


def answers(url: str) -> bool:
    """Whether somebody answers there, whatever they say."""
    try:
        with urllib.request.urlopen(url, timeout=30):
            return True
    except urllib.error.HTTPError as error:
        return error.code != 503
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Place:
    """Where it is served, and the sandbox that is its Intercom."""

    def __init__(self) -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.url, self.sandbox = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def answers(self) -> dict[str, str]:
        """The settings that `leadline init` is told."""
        return {
            "public_url": self.url,
            "port": str(self.port),
            "intercom_url": self.sandbox,
            "intercom_token": TOKEN,
            "intercom_client_secret": "sandbox-client-secret",
        }

    @property
    def options(self) -> list[str]:
        """The same as options."""
        return ["--yes", *(part for name, value in self.answers.items() for part in ("--set", f"{name}={value}"))]

    @contextmanager
    def served(self, leadline: Installed, sandbox: Installed) -> Iterator[str]:
        """Sandbox and Leadline run, and a channel is connected; yields its webhook address."""
        arguments = ["sandbox", "--port", str(self.sandbox_port), "--webhook-url", f"{self.url}/intercom/webhook"]
        with ExitStack() as stack:
            stack.enter_context(sandbox.running(*arguments, url=self.sandbox))
            address = address_in(leadline.run(*CHANNEL))
            stack.enter_context(leadline.running("serve", url=f"{self.url}/readyz"))
            yield address

    def page(self, path: str, *, language: str) -> str:
        """A page as a browser of this language gets it."""
        request = urllib.request.Request(f"{self.url}{path}", headers={"Accept-Language": language})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())

    def texts(self) -> list[str]:
        """What customers wrote, as it stands in the sandbox."""
        request = urllib.request.Request(
            f"{self.sandbox}/conversations?per_page=150", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return texts_in(answer.read())

    def has(self, text: str) -> bool:
        """Whether a text is in the sandbox, once; waits for it."""
        end = time.monotonic() + PATIENCE
        while text not in (found := self.texts()) and time.monotonic() < end:
            time.sleep(0.2)
        return found.count(text) == 1


WHATSAPP = {
    "phone_number_id": "111",
    "business_account_id": "222",
    "display_number": "+14155550199",
    "access_token": "made-for-a-test",
    "app_secret": SECRET,
    "verify_token": SECRET,
    "api_url": "http://127.0.0.1:9",
}
CHANNEL = [
    *("channel", "add", "whatsapp_cloud", "--name", "WhatsApp"),
    *(part for name, value in WHATSAPP.items() for part in ("--set", f"{name}={value}")),
]
"""Connects WhatsApp, whose webhooks anybody with the app secret can sign."""


def address_in(said: str) -> str:
    """The webhook address that `channel add` printed."""
    [address] = re.findall(r"Webhook address: (\S+)", said)
    return str(address)


def texts_in(listed: bytes) -> list[str]:
    """What customers wrote, in the sandbox's list of conversations."""
    return [re.sub(r"<[^>]+>", "", each["source"]["body"]) for each in json.loads(listed)["conversations"]]


def signed(text: str, number: int = 1) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook as Meta sends it."""
    message = {"from": "353861234567", "id": f"wamid.{number}", "timestamp": str(int(time.time())), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "14155550199", "phone_number_id": "111"},
        "contacts": [{"wa_id": "353861234567", "profile": {"name": "Orla"}}],
        "messages": [message | {"text": {"body": text}}],
    }
    entry = {"id": "222", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}


def signed_webhook(address: str, text: str, number: int = 1) -> int:
    """Post a message as Meta does; the status that was answered."""
    body, headers = signed(text, number)
    request = urllib.request.Request(address, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return int(answer.status)


def commands(name: str, wheel: Path, page: str = "install") -> str:
    """The block of a page of docs/ that is marked `run: name`, about this wheel."""
    text = (ROOT / f"docs/{page}.md").read_text("utf-8")
    [block] = re.findall(rf"<!-- run: {name} -->\n```sh\n(.*?)```", text, re.DOTALL)
    return WHEEL.sub(wheel.name, block)
