"""Encrypts and signs payload files as WeChat's pages describe, without Leadline's code.

The files hold the messages in clear; those that are encrypted or broken already are left as they are.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.channels.wire import NOW

OTHER = {"encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"}


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    return {"content-type": "text/xml"}


def seal(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> tuple[str, bytes]:
    token = "".join((settings["token"], settings.get("signature_secret", "")))
    signed = {"timestamp": str(int(NOW)), "nonce": "415670741"}
    signed = {"signature": _sha1(token, *signed.values())} | signed
    if body.startswith(b"<xml>") and b"<Encrypt>" not in body:
        inside = _encrypted(body, settings["encoding_aes_key"], settings["app_id"])
        body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{inside}]]></Encrypt></xml>".encode()
        signed |= {"encrypt_type": "aes", "msg_signature": _sha1(token, signed["timestamp"], signed["nonce"], inside)}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(signed)}", body


def _sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _encrypted(text: bytes, encoding_aes_key: str, app_id: str) -> str:
    key = base64.b64decode(encoding_aes_key + "=")
    padder = padding.PKCS7(256).padder()
    whole = padder.update(b"0123456789abcdef" + len(text).to_bytes(4) + text + app_id.encode()) + padder.finalize()
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(whole) + cipher.finalize()).decode()
