"""Addresses that strangers name: read once, in one way, and never leading inside. `media.py` fetches by them."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import urlsplit

from yarl import URL

LONGEST = 8000
"""Characters of an address that is not ASCII. Few servers read more, and a long one costs the square of its length."""
INTERNET = ipaddress.ip_network("2000::/3")  # what IANA hands out of IPv6, July 2026
NOT_INTERNET = tuple(
    map(
        ipaddress.ip_network,
        (
            "2001::/23",  # protocol assignments, among them Teredo, which leads to any IPv4 address
            "2001:db8::/32",
            "2002::/16",  # 6to4: an IPv4 address inside
            "3fff::/20",
            "192.88.99.0/24",  # relays of 6to4
        ),
    )
)
NAME = re.compile(r"(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?", re.ASCII)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
INSIDE = "the address leads inside"


class LeadsInside(OSError):
    """A connection to an address that is not one of the open internet was about to be made."""


def read(url: str) -> URL:
    """An address, taken apart by the one reader that also connects; raises ValueError where it cannot be read.

    The host must be ASCII: other digits and dots than those would become an address only later.
    """
    if not url.isascii() and len(url) > LONGEST:
        raise ValueError("the address is too long")
    if not urlsplit(url).netloc.isascii():
        raise ValueError("the host is not ASCII")
    place = URL(url)
    host = place.raw_host or ""
    if not (":" in host or (len(host) <= 253 and NAME.fullmatch(host))):
        raise ValueError("the host cannot be one")
    return place


def host_of(url: str) -> str:
    """The host of an address in lower case; empty where the address cannot be read."""
    try:
        return (read(url).raw_host or "").lower()
    except ValueError:
        return ""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; where an IPv4 address is inside, that one counts."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    inner = _inside(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    if ip.version == 6 and ip not in INTERNET:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in each for each in NOT_INTERNET)


def _inside(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address in a mapped or a NAT64 one."""
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped


def outside_only(found: tuple[Any, ...]) -> socket.socket:
    """A socket for the peer that is about to be connected, whatever its name was; raises LeadsInside."""
    family, kind, protocol, _, place = found
    if not is_public(str(place[0])):
        raise LeadsInside(INSIDE)
    return socket.socket(family, kind, protocol)
