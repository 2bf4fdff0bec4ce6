"""Tokens and keys as a broken provider would send them: never anything but "not believed"."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from leadline.console.oidc.id_token import Expected, NotBelieved, claims_of

KEY = RSAKey.generate_key(2048, {"kid": "ours"}, private=True)
PUBLIC = KEY.as_dict(private=False)
EXPECTED = Expected(issuer="https://idp.example", client_id="leadline", nonce="n")
HEADER = {"alg": "RS256", "kid": "ours"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def claims() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": "https://idp.example", "sub": "s", "aud": "leadline", "exp": now + 300, "iat": now, "nonce": "n"}


def test_a_good_token_is_believed_beside_keys_of_kinds_that_nobody_knows() -> None:
    unknown: list[Any] = [
        {"kty": "EC", "crv": "P-999", "x": "a", "y": "b", "kid": "new"},
        {"kty": "RSA", "kid": "half"},
        {"kty": "RSA", "kid": "odd", "n": 5, "e": "AQAB"},
        {"kty": "OKP", "crv": "Ed25519", "x": "a"},
        "no key at all",
    ]
    token = jwt.encode(HEADER, claims(), KEY)
    assert claims_of(token, {"keys": [*unknown, PUBLIC]}, EXPECTED)["sub"] == "s"


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": "x"}, {"keys": [{"kty": "RSA", "use": "enc"}]}])
def test_without_a_key_nothing_is_believed(keys: dict[str, Any]) -> None:
    with pytest.raises(NotBelieved, match="no key"):
        claims_of(jwt.encode(HEADER, claims(), KEY), keys, EXPECTED)


@given(name=st.sampled_from(["iss", "aud", "exp", "nonce", "iat", "azp", "sub"]), value=JSON)
def test_a_claim_of_whatever_shape_is_ours_or_not_believed(name: str, value: object) -> None:
    token = jwt.encode(HEADER, claims() | {name: value}, KEY)
    try:
        believed = claims_of(token, {"keys": [PUBLIC]}, EXPECTED)
    except NotBelieved:
        return
    assert (believed["iss"], believed["nonce"]) == (EXPECTED.issuer, EXPECTED.nonce)
    assert believed["aud"] in ("leadline", ["leadline"])


@given(st.one_of(st.text(), st.binary().map(lambda body: jws.serialize_compact(HEADER, body, KEY))))
def test_what_is_no_token_is_not_believed(token: str) -> None:
    with pytest.raises(NotBelieved):
        claims_of(token, {"keys": [PUBLIC]}, EXPECTED)
