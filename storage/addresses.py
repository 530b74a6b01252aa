"""Where a webhook may lead. An agency's administrator writes its address, and we call it from inside our own network: so no
address may lead back inside (server-side request forgery), but for the networks that the operator names.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

LONGEST = 500
"""Characters of an address at most."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: its last 32 bits are an IPv4 address


def networks(text: str) -> tuple[Network, ...]:
    """`10.1.0.0/16, 127.0.0.0/8` as networks. Raises ValueError for what is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def reachable(host: str, allowed: Sequence[Network]) -> bool:
    """Whether we may connect to this IP address: a public one, or one in a network that is allowed."""
    try:
        address = _inner(ip_address(host.partition("%")[0]))
    except ValueError:
        return False
    return any(address in network for network in allowed) or (address.is_global and not address.is_multicast)


def sound(url: str, allowed: Sequence[Network]) -> bool:
    """Whether a webhook may have this address, as far as can be told without asking for its name's numbers.

    By https; by http only to an IP address or `localhost` of this very machine, and that only where it is allowed at all.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or len(url) > LONGEST or not (url.isascii() and url.isprintable()) or " " in url or parts.username:
        return False
    literal = "127.0.0.1" if host == "localhost" else host
    if _is_address(literal):
        return (parts.scheme == "https" or (parts.scheme == "http" and ip_address(literal).is_loopback)) and reachable(
            literal, allowed
        )
    return parts.scheme == "https"


def _is_address(host: str) -> bool:
    """Whether it is an IP address and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does: that is where the packets go."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
