"""Every setting: its name, its type, its default and what it means. `reading.py` fills them in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import msgspec

PREFIX = "LEADLINE_"
SECRETS = ("secret_key", "secret_key_former", "intercom_token", "intercom_client_secret", "database_url", "smtp_url")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting, its default and its meaning; `LEADLINE_` + the upper-case name sets it."""

    database_url: Annotated[
        str, msgspec.Meta(description="Address of your PostgreSQL. Empty: run the embedded one")
    ] = ""
    data_dir: Annotated[str, msgspec.Meta(description="Folder of the embedded PostgreSQL")] = "leadline-data"
    public_url: Annotated[
        str, msgspec.Meta(description="Address at which providers and Intercom reach this server")
    ] = ""
    secret_key: Annotated[
        str, msgspec.Meta(description="Key that encrypts stored credentials; 32 characters or more")
    ] = ""
    secret_key_former: Annotated[
        str, msgspec.Meta(description="The key before, or several with commas, until `leadline key rotate` has run")
    ] = ""
    intercom_token: Annotated[str, msgspec.Meta(description="Access token of the Intercom app")] = ""
    intercom_client_secret: Annotated[
        str, msgspec.Meta(description="Client secret of the Intercom app; signs its webhooks")
    ] = ""
    intercom_client_id: Annotated[
        str, msgspec.Meta(description="Client id of the Intercom app, for workspaces that install it by a click")
    ] = ""
    intercom_oauth_url: Annotated[
        str, msgspec.Meta(description="Address at which admins approve the app in Intercom")
    ] = "https://app.intercom.com/oauth"
    intercom_url: Annotated[str, msgspec.Meta(description="Address of Intercom's API in your region")] = (
        "https://api.intercom.io"
    )
    intercom_version: Annotated[
        str, msgspec.Meta(description="Version of Intercom's API. Set the same version in the Intercom app")
    ] = "2.16"
    intercom_preview: Annotated[
        bool, msgspec.Meta(description="Use Intercom's Preview API where the workspace has it; it may change any day")
    ] = False
    intercom_admin_id: Annotated[
        str, msgspec.Meta(description="Id of the teammate who signs notes. Empty: the token's owner")
    ] = ""
    intercom_timeout: Annotated[float, msgspec.Meta(description="Seconds to wait for Intercom's answer", gt=0)] = 20.0
    intercom_settling: Annotated[
        float,
        msgspec.Meta(description="Seconds after that in which an unanswered write may still take effect", gt=0),
    ] = 10.0
    host: Annotated[str, msgspec.Meta(description="Address to listen on")] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(description="Port to listen on", ge=0, le=65535)] = 8080
    console_port: Annotated[
        int,
        msgspec.Meta(description="Port of the console next to several processes. 0: the next port", ge=0, le=65535),
    ] = 0
    metrics_token: Annotated[
        str, msgspec.Meta(description="Token that /metrics asks for. Empty: /metrics is closed")
    ] = ""
    smtp_url: Annotated[
        str,
        msgspec.Meta(
            description="How mail goes out (alerts, invitations), like smtp://user:password@host:587. Empty: no mail"
        ),
    ] = ""
    smtp_from: Annotated[str, msgspec.Meta(description="Sender of those mails")] = ""
    pool_size: Annotated[
        int, msgspec.Meta(description="Database connections each process may open for its work", ge=2, le=200)
    ] = 10
    default_region: Annotated[
        str, msgspec.Meta(description="Country (ISO code) of phone numbers stored without a country code")
    ] = ""
    policy: Annotated[str, msgspec.Meta(description="Which contact to choose when several have the phone number")] = (
        "latest_updated"
    )
    directory_every: Annotated[
        float,
        msgspec.Meta(description="Seconds between checks for changed contacts. 0: keep no directory", ge=0),
    ] = 300.0
    phone_attributes: Annotated[
        str, msgspec.Meta(description="Custom attributes of contacts that hold phone numbers, separated by commas")
    ] = ""
    birthday_attributes: Annotated[
        str, msgspec.Meta(description="Custom attributes of contacts that hold a birthday, separated by commas")
    ] = ""
    shared_limit: Annotated[
        int, msgspec.Meta(description="A phone number on more contacts than this identifies nobody", ge=1)
    ] = 10
    recycled_after: Annotated[
        int,
        msgspec.Meta(description="Days of silence after which a phone number may have a new owner. 0: never", ge=0),
    ] = 90
    blocked_numbers: Annotated[
        str, msgspec.Meta(description="Phone numbers that identify nobody (switchboard, tests), separated by commas")
    ] = ""
    bot_replies: Annotated[bool, msgspec.Meta(description="Also send the replies of Intercom's bots to customers")] = (
        False
    )
    body_limit: Annotated[int, msgspec.Meta(description="Largest webhook body in bytes", ge=1024)] = 4_194_304
    body_timeout: Annotated[
        float, msgspec.Meta(description="Seconds a client may take to send a webhook body", gt=0)
    ] = 10.0
    concurrency: Annotated[int, msgspec.Meta(description="Senders one worker serves at a time", ge=1, le=500)] = 20
    max_attempts: Annotated[int, msgspec.Meta(description="Number of tries before a message is parked", ge=1)] = 10
    retry_base: Annotated[
        float, msgspec.Meta(description="Seconds before the second try. Doubles with each further try", gt=0)
    ] = 1.0
    poll_every: Annotated[
        float, msgspec.Meta(description="Seconds between checks for missed messages. 0: never", ge=0)
    ] = 300.0
    late_after: Annotated[
        float, msgspec.Meta(description="Seconds a reply may wait before its conversation gets a note; 0: never", ge=0)
    ] = 300.0
    reconcile_every: Annotated[
        float, msgspec.Meta(description="Seconds between checks for replies whose webhook was lost. 0: never", ge=0)
    ] = 300.0
    templates_every: Annotated[
        float, msgspec.Meta(description="Seconds between checks for approved templates. 0: never", ge=0)
    ] = 10_800.0
    media_limit: Annotated[int, msgspec.Meta(description="Largest attachment in bytes", ge=1024)] = 20_000_000
    media_allow: Annotated[
        str,
        msgspec.Meta(description="Private hosts that files may come from, separated by commas (for local tests)"),
    ] = ""
    merge_grace: Annotated[
        float,
        msgspec.Meta(description="Seconds in which a merge can be cancelled before Intercom is asked", ge=0, le=86400),
    ] = 0.0
    journal_days: Annotated[
        int, msgspec.Meta(description="Days to keep both contacts of a merge, so that it can be undone", ge=1)
    ] = 180
    duplicates_keep: Annotated[
        str, msgspec.Meta(description="Which contact of a group of duplicates stays, by what counts first")
    ] = "user,user_id,email,oldest,latest"
    duplicates_memory: Annotated[
        str,
        msgspec.Meta(
            description="Memory that a scan for duplicates takes for its tables before it puts them on disk",
            pattern=r"^[1-9][0-9]{0,6} ?[MG]B$",
        ),
    ] = "1GB"
    may_merge: Annotated[
        str,
        msgspec.Meta(
            description="Ids of the teammates who may merge contacts in the panel, separated by commas. Empty: all"
        ),
    ] = ""
    may_undo: Annotated[
        str,
        msgspec.Meta(
            description="Ids of the teammates who may undo merges in the panel, separated by commas. Empty: all"
        ),
    ] = ""
    may_correct: Annotated[
        str,
        msgspec.Meta(
            description="Ids of the teammates who may correct links in the panel, separated by commas. Empty: all"
        ),
    ] = ""
    may_send: Annotated[
        str,
        msgspec.Meta(
            description="Ids of the teammates who may begin messages in the panel, separated by commas. Empty: all"
        ),
    ] = ""
    retention_raw: Annotated[int, msgspec.Meta(description="Days to keep webhooks as they came", ge=1)] = 30
    retention_messages: Annotated[
        int, msgspec.Meta(description="Days to keep finished messages with their decisions and states", ge=1)
    ] = 400
    retention_files: Annotated[
        int, msgspec.Meta(description="Days to keep profile pictures and the addresses of files", ge=1)
    ] = 400
    retention_history: Annotated[
        int, msgspec.Meta(description="Days to keep superseded links, opt-outs and corrections", ge=1)
    ] = 400
    retention_audit: Annotated[int, msgspec.Meta(description="Days to keep the audit of who did what", ge=1)] = 400
    log_format: Annotated[str, msgspec.Meta(description="Format of the log: console or json")] = "console"
    log_level: Annotated[
        str, msgspec.Meta(description="What the log tells: debug (every stop of every message), info, warning or error")
    ] = "info"
    slow_query: Annotated[
        float, msgspec.Meta(description="Seconds after which a database statement is logged. 0: never", ge=0)
    ] = 1.0
    otel_endpoint: Annotated[
        str, msgspec.Meta(description="OpenTelemetry collector (OTLP over HTTP) that gets traces. Empty: none")
    ] = ""

    @property
    def embedded_in(self) -> Path | None:
        """Folder of the embedded database; None where the database is another one."""
        return None if self.database_url else Path(self.data_dir)

    @property
    def former_secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (key.strip() for key in self.secret_key_former.split(","))))

    @property
    def terms(self) -> dict[str, int]:
        """Days, by what is kept."""
        return {
            name.removeprefix("retention_"): getattr(self, name)
            for name in self.__struct_fields__
            if name.startswith("retention_")
        }

    @property
    def attributes_with_phones(self) -> tuple[str, ...]:
        return _listed(self.phone_attributes)

    @property
    def attributes_with_birthdays(self) -> tuple[str, ...]:
        return _listed(self.birthday_attributes)

    @property
    def media_allowed(self) -> frozenset[str]:
        return frozenset(filter(None, (host.strip().lower() for host in self.media_allow.split(","))))


def _listed(names: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in names.split(","))))


def toml_text(name: str, value: object) -> str:
    """A line of a settings file."""
    return f"{name} = {json.dumps(value, ensure_ascii=False)}"
