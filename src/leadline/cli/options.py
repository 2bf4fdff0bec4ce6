"""Options that many commands take, each with one name and one sentence."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation")]
Count = Annotated[int, typer.Option(min=1, max=1_000_000, help="How many to show at most")]
