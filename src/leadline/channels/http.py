"""The wire pieces that providers share: decoding bodies, checking signatures, building calls. All adapters use them.

Pure: bytes and values in, values out. What cannot be read raises Unreadable, what cannot be believed raises Refused.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal, TypeVar
from urllib.parse import unquote_to_bytes, urlencode, urlsplit

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_form

from leadline.channels.exchange import Call, Request
from leadline.errors import Refused, Unreadable
from leadline.model import Handle

T = TypeVar("T")
Pairs = tuple[tuple[str, str], ...]
FIELDS = 1000  # more form fields than any provider sends; a body of a million would only burn time

_FIELDS = msgspec.json.Decoder(dict[str, Any])
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_INTERNATIONAL = re.compile(r"\+?[1-9][0-9]{6,14}", re.ASCII)


# -- bodies -----------------------------------------------------------------------------------------------------------


def form(request: Request) -> Pairs:
    """The fields of a form body in their order, repeated names and blanks kept; raises Unreadable.

    Urlencoded, or multipart where the content type says so; files inside multipart bodies are left out.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith("multipart/form-data"):
        return _multipart(content_type, request.body)
    return urlencoded(request.body)


def query(url: str) -> Pairs:
    """The query fields of an address, repeated names and blanks kept; raises Unreadable."""
    return urlencoded(url.partition("#")[0].partition("?")[2].encode("utf-8", "surrogateescape"))


@lru_cache(maxsize=8)
def urlencoded(body: bytes) -> Pairs:
    """Decode `a=1&b=2`; bytes that are not UTF-8 become U+FFFD. The last few are kept: verify and parse both ask."""
    if body.count(b"&") >= FIELDS:
        raise Unreadable(f"The form has more than {FIELDS} fields; no provider sends so many")
    # An escaped plus stands in every phone number, an escaped colon in every WhatsApp address of Twilio's; undone for
    # the whole body they cannot make a new escape.
    plain = body.replace(b"+", b" ").replace(b"%2B", b"+").replace(b"%3A", b":")
    fields = plain.decode("utf-8", "replace").split("&")
    return tuple([_unescaped_pair(field) if "%" in field else field.partition("=")[::2] for field in fields if field])


def any_fields(request: Request) -> dict[str, str]:
    """The fields of a webhook, whichever way it is sent: query, form or a flat JSON object; raises Unreadable.

    Numbers in JSON become text as they are written; what is no text stays JSON.
    """
    if request.method == "GET":
        return first_of(query(request.url))
    if request.body[:1] != b"{":
        return first_of(form(request))
    values = decoded(_FIELDS, request.body).items()
    return {name: value if isinstance(value, str) else msgspec.json.encode(value).decode() for name, value in values}


def first_of(pairs: Pairs) -> dict[str, str]:
    """Fields by name; where a name is repeated, its first value."""
    return dict(reversed(pairs))


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Read a JSON body into a type; raises Unreadable saying where it does not fit."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"The body is not the JSON this provider documents: {error}") from error


def tried(decoder: msgspec.json.Decoder[T], body: bytes) -> T | None:
    """Read a provider's answer into a type; None where it is something else."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def lenient(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    """Read JSON in which a byte that is no UTF-8 does not cost the rest; raises msgspec.DecodeError, RecursionError."""
    try:
        return decoder.decode(raw)
    except UnicodeDecodeError:
        return decoder.decode(raw.decode("utf-8", "replace"))


def one_by_one(
    decoder: msgspec.json.Decoder[T], items: Iterable[msgspec.Raw] | None, what: str, unread: list[str]
) -> Iterator[T]:
    """The items that can be read; what is wrong with each other one is put into `unread`, under the name of `what`."""
    for item in items or ():
        try:
            yield decoded(decoder, bytes(item))
        except Unreadable as error:
            unread.append(f"{what}: {error}")


def converted(value: Any, type_: type[T]) -> T:
    """Check a part of a decoded JSON body against a type; raises Unreadable saying where it does not fit."""
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise Unreadable(f"A part of the body is not what this provider documents: {error}") from error


def utc_seconds(text: str) -> float | None:
    """Unix seconds of an ISO 8601 time; UTC where it names no zone, None where it is no time."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _unescaped_pair(field: str) -> tuple[str, str]:
    name, _, value = field.partition("=")
    return _unescaped(name) if "%" in name else name, _unescaped(value)


def _unescaped(text: str) -> str:
    """Undo percent escapes; broken ones stay as they are.

    `%E2` differs from quoted-printable's `=E2` in one byte only, and that decoder is written in C: four times faster.
    """
    escaped = text.encode()
    if _BROKEN_ESCAPE.search(escaped):
        return unquote_to_bytes(escaped).decode("utf-8", "replace")
    return binascii.a2b_qp(escaped.replace(b"=", b"=3D").replace(b"%", b"=")).decode("utf-8", "replace")


def _multipart(content_type: str, body: bytes) -> Pairs:
    pairs: list[tuple[str, str]] = []

    def keep(field: Any) -> None:
        pairs.append(
            ((field.field_name or b"").decode("utf-8", "replace"), (field.value or b"").decode("utf-8", "replace"))
        )

    headers = {"Content-Type": content_type.encode("latin-1", "replace"), "Content-Length": str(len(body)).encode()}
    try:
        parse_form(headers, io.BytesIO(body), keep, lambda file: file.close())
    except (FormParserError, ValueError, LookupError) as error:
        raise Unreadable(f"The multipart body cannot be read: {error}") from error
    return tuple(pairs)


# -- signatures -------------------------------------------------------------------------------------------------------


def same(given: str, expected: str) -> bool:
    """Compare a received secret or signature with the right one, in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def signature(
    key: bytes, message: bytes, *, algorithm: str = "sha256", encoding: Literal["hex", "base64"] = "hex"
) -> str:
    """HMAC of a message, written in lower-case hex or base64."""
    mac = _keyed(key, algorithm).copy()
    mac.update(message)
    digest = mac.digest()
    return digest.hex() if encoding == "hex" else binascii.b2a_base64(digest, newline=False).decode("ascii")


@lru_cache(maxsize=256)
def _keyed(key: bytes, algorithm: str) -> hmac.HMAC:
    return hmac.new(key, digestmod=algorithm)


def is_signed(
    given: str,
    keys: Iterable[bytes],
    message: bytes,
    *,
    algorithm: str = "sha256",
    encoding: Literal["hex", "base64"] = "hex",
) -> bool:
    """Whether `given` is the HMAC of the message under one of the keys. An empty key signs nothing."""
    given = given.lower() if encoding == "hex" else given
    return any(same(given, signature(key, message, algorithm=algorithm, encoding=encoding)) for key in keys if key)


def check_standard_webhook(request: Request, *secrets: str, tolerance: float = 300.0) -> None:
    """Check the three `webhook-*` headers with each secret; raises Refused. `tolerance` in seconds both ways.

    Source: the Standard Webhooks specification, symmetric signatures `v1`; read November 2026.
    """
    headers = request.headers
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    number, moment, given = (headers.get(name, "") for name in names)
    if not (number and moment and given):
        raise Refused(f"Missing one of the headers {', '.join(names)}")
    check_age(moment, request.now, tolerance)
    message = f"{number}.{moment}.".encode() + request.body
    signatures = [text.partition(",")[2] for text in given.split() if text.startswith("v1,")]
    keys = [webhook_key(secret) for secret in secrets]
    if not any(is_signed(text, keys, message, encoding="base64") for text in signatures):
        raise Refused("webhook-signature does not fit: check the signing secret (it starts with whsec_)")


def standard_webhook_headers(body: bytes, number: str, at: float, *secrets: str) -> dict[str, str]:
    """The three `webhook-*` headers of a body of our own, signed with each secret at that time (unix seconds)."""
    message = f"{number}.{int(at)}.".encode() + body
    signatures = [f"v1,{signature(webhook_key(secret), message, encoding='base64')}" for secret in secrets]
    named = {"webhook-id": number, "webhook-timestamp": str(int(at))}
    return {**named, "webhook-signature": " ".join(signatures)}


def webhook_key(secret: str) -> bytes:
    """The key bytes of a `whsec_…` secret; raises Refused where it is no base64."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise Refused("The channel's signing secret is no base64 text: copy it again, with whsec_") from error


def check_age(moment: str, now: float, tolerance: float) -> None:
    """Raise Refused unless the unix seconds in `moment` lie within `tolerance` seconds of `now`."""
    if not (moment.isascii() and moment.isdigit() and len(moment) < 20):
        raise Refused("The time of the signature is no number of seconds")
    if abs(now - int(moment)) > tolerance:
        raise Refused(
            f"The signature was made {abs(now - int(moment)):.0f} seconds away from this server's time, more than "
            f"{tolerance:g}: if that is no replay, set this server's clock"
        )


# -- senders ----------------------------------------------------------------------------------------------------------


def phone_or_sender(raw: str, *, digits_only: bool) -> Handle:
    """The handle of a sender: `tel:+…` for an international number, else `sender` (short code, `AMAZON`, empty).

    digits_only: this provider leaves the plus away, so digits alone are an international number too.
    The scope of a `sender` handle is the channel, which the caller fills in.
    """
    text = raw.strip()
    if _INTERNATIONAL.fullmatch(text) and (digits_only or text[0] == "+"):
        return Handle("tel", text if text[0] == "+" else f"+{text}")
    return Handle("sender", text or "unknown")


# -- calls ------------------------------------------------------------------------------------------------------------


def basic_auth(user: str, password: str) -> str:
    """Value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def form_call(url: str, fields: Iterable[tuple[str, str]], *, secrets: Mapping[str, str] | None = None) -> Call:
    """A POST of form fields, names may repeat. `secrets` are headers only the first host may see."""
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    return Call(method="POST", url=url, headers=headers, secrets=secrets or {}, body=urlencode(list(fields)).encode())


def json_call(url: str, value: Any, *, secrets: Mapping[str, str] | None = None, method: str = "POST") -> Call:
    """A request with a JSON body. `secrets` are headers only the first host may see."""
    headers = {"content-type": "application/json", "accept": "application/json"}
    return Call(method=method, url=url, headers=headers, secrets=secrets or {}, body=msgspec.json.encode(value))


def multipart_call(
    url: str,
    fields: Iterable[tuple[str, str]],
    files: Iterable[tuple[str, str, str, bytes]],
    *,
    secrets: Mapping[str, str] | None = None,
) -> Call:
    """A harmless POST that uploads files, each (field, file name, content type, content)."""
    content = [(f'form-data; name="{_quoted(name)}"', "", value.encode()) for name, value in fields]
    content += [
        (f'form-data; name="{_quoted(field)}"; filename="{_quoted(name)}"', kind, body)
        for field, name, kind, body in files
    ]
    boundary = f"leadline-{sha256(b''.join(body for *_, body in content)).hexdigest()[:32]}"
    parts = []
    for disposition, kind, body in content:
        typed = f"\r\nContent-Type: {kind}" if kind else ""
        parts.append(f"--{boundary}\r\nContent-Disposition: {disposition}{typed}\r\n\r\n".encode() + body + b"\r\n")
    headers = {"content-type": f"multipart/form-data; boundary={boundary}", "accept": "application/json"}
    whole = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return Call(method="POST", url=url, headers=headers, secrets=secrets or {}, body=whole, harmless=True)


def _quoted(name: str) -> str:
    return name.replace("\\", "_").replace('"', "%22").replace("\r", " ").replace("\n", " ")


def with_query(url: str, **fields: str) -> str:
    """The address with fields added to its query, which may already hold some."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"


def host_of(url: str) -> str:
    """Host of an address in lower case, without port; empty where the text is no address."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header, or None where it is missing or a date."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
