"""The `leadline` command. Each file adds its verbs; errors end in one line that says what to do."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from leadline import __version__
from leadline.cli import (
    channel,
    channel_change,
    channel_new,
    channel_talk,
    demo,
    doctor,
    explain,
    link,
    merge,
    parked,
    replay,
    sandbox,
    serve,
)
from leadline.cli.console import configure_logs
from leadline.errors import LeadlineError

app = typer.Typer(
    help="Leadline puts every message on the right Intercom contact, says why, and can take it back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"leadline {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Print the version and exit")
    ] = False,
) -> None: ...


app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("demo")(demo.demo)
app.command("sandbox")(sandbox.sandbox)
app.command("explain")(explain.explain)
app.command("replay")(replay.replay)
app.command("doctor")(doctor.doctor)
app.command("merge")(merge.merge)
channel.app.command("change")(channel_change.change)
channel.app.command("templates")(channel_talk.templates)
channel.app.command("send-template")(channel_talk.send_template)
channel.app.command("poll")(channel_talk.poll)
channel.app.command("new")(channel_new.new)
app.add_typer(channel.app, name="channel")
app.add_typer(link.app, name="link")
app.add_typer(parked.app, name="parked")
app.add_typer(merge.app, name="merges")


def main() -> None:
    """Entry point: LeadlineError becomes one line on standard error and exit code 1."""
    configure_logs("quiet")  # `serve` and `worker` set the format that the settings ask for
    try:
        app()
    except LeadlineError as error:
        print(f"leadline: {error}", file=sys.stderr)
        sys.exit(1)
