"""`leadline ready`: for the health check of a container, which has no curl."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

import msgspec
import typer

from leadline.cli.console import say
from leadline.cli.options import AsJson
from leadline.errors import SettingError
from leadline.model import Struct
from leadline.settings import load

SECONDS = 4.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a server listens on, and where it is asked


class State(Struct, frozen=True):
    """What /readyz answers."""

    ready: bool
    troubles: dict[str, str]


def ready(as_json: AsJson = False) -> None:
    """Ask whether what comes in can be kept.

    The Leadline of this machine is asked. The exit code is 1 when it cannot, or does not answer. For health checks.
    """
    settings = load()
    host = ANYWHERE.get(settings.host, settings.host)
    url = f"http://[{host}]:{settings.port}/readyz" if ":" in host else f"http://{host}:{settings.port}/readyz"
    state = _asked(url)
    troubles = ", ".join(f"{part} {what}" for part, what in state.troubles.items())
    say("Ready." if state.ready else f"Not ready: {troubles}", state, as_json=as_json)
    if not state.ready:
        raise typer.Exit(1)


def _asked(url: str) -> State:
    """What Leadline says of itself; raises SettingError where it says nothing, or somebody else answers."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - our own address
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except (OSError, http.client.HTTPException):
        raise SettingError(f"Nothing answers at {url}. Is `leadline serve` running?") from None
    try:
        return msgspec.json.decode(body, type=State)
    except msgspec.DecodeError:
        raise SettingError(f"Something else than Leadline answers at {url}. Is LEADLINE_PORT right?") from None
