"""The settings that describe an SMS gateway, checked when a channel is added. Used by `adapter.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from leadline.channels.gateway.forms import PLACEHOLDER, is_pattern, pairs_of, read_any
from leadline.channels.reasons import REASONS
from leadline.channels.settings import Settings, plain, secret
from leadline.errors import Unreadable
from leadline.model import DeliveryState

PLACEHOLDERS = frozenset({"to", "text", "from", "id", "status_url", "password"})
STATES = {
    "queued": DeliveryState.QUEUED,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}
ALGORITHMS = ("sha256", "sha1", "sha512")
_PLACE = re.compile(r"(header|field) \S+")


class GatewaySettings(Settings, frozen=True, kw_only=True):
    """One number, or one account, at any SMS gateway that speaks HTTP."""

    name: Annotated[str, plain("Short name of the gateway, such as kannel; for people")]
    api_url: Annotated[str, plain("Base address of the gateway, such as https://gateway.example.com")]
    number: Annotated[str, plain("Your number or name as the gateway wants it; stands for {from}")] = ""
    numbers: Annotated[
        Literal["plus", "digits"], plain("How the gateway writes international numbers: +353… or 353…")
    ] = "plus"

    send_path: Annotated[str, plain("What follows the base address to send, such as /send?to={to}&text={text}")] = "/"
    send_method: Annotated[Literal["POST", "GET"], plain("How it is sent")] = "POST"
    send_body: Annotated[
        str, plain('Body of the request: JSON such as {"to": "{to}", "text": "{text}"}, or a form such as to={to}&…')
    ] = ""
    send_header: Annotated[str, secret("Header that proves who you are, such as X-Api-Key: 0123")] = ""
    password: Annotated[str, secret("Stands for {password}, where the gateway wants one in the request")] = ""
    sent_id: Annotated[str, plain("Where the answer has the id: data.id, or a pattern such as /id=(.+)/")] = ""
    sent_if: Annotated[str, plain("What an answer must hold where 200 may mean failure: status=ok, or a pattern")] = ""

    in_list: Annotated[str, plain("Where a webhook lists several messages or reports, such as results")] = ""
    in_from: Annotated[str, plain("Field of a webhook with the customer's number")] = "from"
    in_text: Annotated[str, plain("Field with the words")] = "text"
    in_id: Annotated[str, plain("Field with the gateway's id of the message, the same in every repetition")] = "id"
    in_time: Annotated[
        str, plain("Where there is no id: field that differs between two messages and not in a repetition, as the time")
    ] = ""
    report_id: Annotated[str, plain("Field of a delivery report with the id of our message; empty: the address")] = ""
    report_state: Annotated[str, plain("Field with the state; empty: there are no reports")] = ""
    report_states: Annotated[
        str, plain("The gateway's states in ours, such as DELIVRD=delivered, UNDELIV=failed:unreachable")
    ] = ""
    report_detail: Annotated[str, plain("Field with the gateway's own words on a failure")] = ""
    answer_with: Annotated[str, plain("What the gateway wants to read when its webhook is taken")] = "OK"

    token: Annotated[str, secret("Token that the gateway sends with every webhook")] = ""
    token_at: Annotated[str, plain("Where it stands: header X-Token, or field token")] = ""
    signing_key: Annotated[str, secret("Key with which the gateway signs the body of its webhooks")] = ""
    signature_at: Annotated[str, plain("Where the signature stands, such as header X-Signature")] = ""
    signature_as: Annotated[str, plain("What it is: sha256, sha1 or sha512, and hex or base64")] = "sha256 hex"

    def __post_init__(self) -> None:
        if wrong := next(filter(None, (check(self) for check in _CHECKS)), ""):
            raise ValueError(wrong)


def states_of(settings: GatewaySettings) -> Mapping[str, tuple[DeliveryState, str]]:
    """The gateway's word for each state → the state, and the reason where it is a failure."""
    return _states_of(settings.report_states)


@lru_cache
def _states_of(table: str) -> Mapping[str, tuple[DeliveryState, str]]:
    found = {}
    for word, meaning in pairs_of(table, ","):
        state, _, reason = meaning.partition(":")
        found[word.casefold()] = (STATES[state], reason)
    return found


def json_body(settings: GatewaySettings) -> Any:
    """The template of a JSON body, or None where it is a form or nothing."""
    if not settings.send_body.lstrip().startswith(("{", "[")):
        return None
    try:
        return read_any(settings.send_body.encode())
    except Unreadable:
        return None


def _wrong_address(settings: GatewaySettings) -> str:
    good = settings.api_url.startswith(("http://", "https://"))
    return "" if good else "api_url must be an address that begins with https:// or http://"


def _wrong_template(settings: GatewaySettings) -> str:
    whole = settings.send_path + settings.send_body
    used = set(PLACEHOLDER.findall(settings.send_path)) | set(PLACEHOLDER.findall(settings.send_body))
    if strange := sorted(used - PLACEHOLDERS):
        return f"send_path and send_body know no {{{strange[0]}}}; there are {', '.join(sorted(PLACEHOLDERS))}"
    if lacking := next((name for name in ("to", "text") if f"{{{name}}}" not in whole), ""):
        return f"send_path or send_body must hold {{{lacking}}}"
    if settings.send_body.lstrip().startswith(("{", "[")) and json_body(settings) is None:
        return "send_body begins like JSON, but is none"
    if settings.send_method == "GET" and settings.send_body:
        return "a GET has no body: put everything into send_path"
    return ""


def _wrong_header(settings: GatewaySettings) -> str:
    name, colon, _ = settings.send_header.partition(":")
    good = not settings.send_header or (colon and re.fullmatch(r"[A-Za-z0-9-]+", name))
    return "" if good else "send_header is a name, a colon and a value, such as X-Api-Key: 0123"


def _wrong_pattern(settings: GatewaySettings) -> str:
    for name in ("sent_id", "sent_if"):
        place = getattr(settings, name)
        if is_pattern(place):
            try:
                re.compile(place[1:-1])
            except re.error as error:
                return f"{name} holds no regular expression: {error}"
    if settings.sent_if and not is_pattern(settings.sent_if) and "=" not in settings.sent_if:
        return "sent_if is a place and its value, such as status=ok, or a pattern between slashes"
    return ""


def _wrong_reports(settings: GatewaySettings) -> str:
    for word, meaning in pairs_of(settings.report_states, ","):
        state, _, reason = meaning.partition(":")
        if state not in STATES:
            return f"report_states: '{word}' must be one of {', '.join(STATES)}, not '{state}'"
        if reason and (state != "failed" or reason not in REASONS):
            return f"report_states: '{reason}' is no reason of a failure; docs/reference/undelivered.md lists them"
    if bool(settings.report_state) != bool(settings.report_states):
        return "report_state and report_states belong together"
    return ""


def _wrong_proof(settings: GatewaySettings) -> str:
    for secret_name, place_name in (("token", "token_at"), ("signing_key", "signature_at")):
        given, place = getattr(settings, secret_name), getattr(settings, place_name)
        if bool(given) != bool(place):
            return f"{secret_name} and {place_name} belong together"
        if place and not _PLACE.fullmatch(place):
            return f"{place_name} is 'header' or 'field' and a name, such as header X-Token"
    if settings.signature_at.startswith("field"):
        return "signature_at must be a header: a body cannot hold its own signature"
    algorithm, _, encoding = settings.signature_as.partition(" ")
    if algorithm not in ALGORITHMS or encoding not in ("hex", "base64"):
        return "signature_as is sha256, sha1 or sha512, a space, and hex or base64"
    return ""


_CHECKS = (_wrong_address, _wrong_template, _wrong_header, _wrong_pattern, _wrong_reports, _wrong_proof)
