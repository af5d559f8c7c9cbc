"""Which systems menus may ask: a short list of the operator's, and nothing that is not on it (`RELIABILITY.md` S-55).

An entry is a host (`core.bank.example`: https, port 443), a host with a port, an origin with its scheme (`http://10.1.2.3:8080`:
only so is plain http allowed), or a network (`10.1.0.0/16`). A name may only lead to public addresses, unless the network of
the address is on the list too: what a name server says does not open the house's own network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

HTTPS_PORT, HTTP_PORT = 443, 80
WRAPPERS = tuple(ip_network(text) for text in ("64:ff9b::/96", "2002::/16", "2001::/32", "::/96"))
"""IPv6 addresses that stand for an IPv4 address, which may be anything."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True)
class Origin:
    scheme: str
    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class AllowList:
    origins: frozenset[Origin] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> AllowList:
        """From a setting: entries with commas between them. Raises ValueError with the entry that is none."""
        origins: list[Origin] = []
        networks: list[Network] = []
        for entry in filter(None, (part.strip() for part in text.split(","))):
            network = _network(entry)
            if network is not None:
                networks.append(network)
                continue
            origin = origin_of(entry if "://" in entry else f"https://{entry}")
            if origin is None or "/" in entry.partition("://")[2]:
                raise ValueError(f"'{entry}' is no host, origin or network")
            origins.append(origin)
            networks += [ip_network(origin.host)] if _address(origin.host) else []
        return cls(origins=frozenset(origins), networks=tuple(networks))

    def admits(self, url: str) -> bool:
        """Whether this address is of a listed origin."""
        return origin_of(url) in self.origins

    def leads_well(self, addresses: Sequence[str]) -> bool:
        """Whether all of what a name leads to may be connected to."""
        found = [_address(address) for address in addresses]
        return bool(found) and all(address is not None and self._may(address) for address in found)

    def _may(self, address: Address) -> bool:
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address.version == network.version and address in network for network in self.networks):
            return True
        wrapped = any(address.version == network.version and address in network for network in WRAPPERS)
        return address.is_global and not address.is_multicast and not wrapped


def origin_of(url: str) -> Origin | None:
    """None for anything but a plain http or https address: no credentials, no fragment, no odd characters."""
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if parts.username is not None or parts.password is not None or parts.fragment:
        return None
    port = parts.port or (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT)
    return Origin(scheme=parts.scheme, host=parts.hostname.rstrip("."), port=port)


def _parts(url: str) -> SplitResult | None:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return None
    return parts


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry) if "/" in entry and "://" not in entry else None
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
