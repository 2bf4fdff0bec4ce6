"""`leadline ready`: for the health check of a container, which has no curl."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import typer

from leadline.cli.console import out
from leadline.errors import SettingError
from leadline.settings import load

SECONDS = 4.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a server listens on, and where it is asked


def ready() -> None:
    """Ask whether what comes in can be kept.

    The Leadline of this machine is asked. The exit code is 1 when it cannot, or does not answer. For health checks.
    """
    settings = load()
    host = ANYWHERE.get(settings.host, settings.host)
    url = f"http://[{host}]:{settings.port}/readyz" if ":" in host else f"http://{host}:{settings.port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - our own address
            answer.read()
    except urllib.error.HTTPError as error:
        troubles = json.loads(error.read() or b"{}").get("troubles", {})
        out.print(f"Not ready: {', '.join(f'{part} {what}' for part, what in troubles.items()) or error.code}")
        raise typer.Exit(1) from None
    except OSError as error:
        raise SettingError(f"Nothing answers at {url}: {error}. Is `leadline serve` running?") from error
    out.print("Ready.")
