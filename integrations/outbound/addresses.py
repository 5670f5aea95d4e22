"""Which addresses the program may connect to. Public ones; others only where the operator opened them.

`ipaddress.is_global` is not enough: it calls `64:ff9b::7f00:1`, `2002:7f00:1::` and `::127.0.0.1` global, and each of
them can end at 127.0.0.1. So an address that carries another one is unwrapped first, and all of them must pass.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Special-purpose blocks that some versions of `ipaddress` call global.
_REFUSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "64:ff9b:1::/48",
        "100::/64",
        "2001:2::/48",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
_EMBEDDING_LAST_32 = tuple(
    ipaddress.IPv6Network(text) for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_TEREDO = ipaddress.IPv6Network("2001::/32")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})

# Services that are not HTTP but act on lines that look like it; browsers refuse them too.
REFUSED_PORTS = frozenset(
    {1, 7, 9, 11, 13, 17, 19, 20, 21, 22, 23, 25, 37, 53, 69, 79, 110, 111, 113, 119, 123, 135, 137, 139, 143}
    | {
        161,
        179,
        389,
        427,
        445,
        465,
        512,
        513,
        514,
        515,
        532,
        540,
        548,
        554,
        556,
        563,
        587,
        601,
        636,
        989,
        990,
    }
    | {
        993,
        995,
        1723,
        2049,
        3306,
        3659,
        4045,
        4190,
        5060,
        5061,
        5432,
        6000,
        6379,
        6566,
        6665,
        6666,
        6667,
        6668,
    }
    | {6669, 6679, 6697, 10080, 11211, 27017}
)


def is_public(address: Address) -> bool:
    """Whether `address`, and every address wrapped in it, belongs to the public internet."""
    return all(_is_global(each) for each in unwrapped(address))


def unwrapped(address: Address) -> Iterator[Address]:
    """The addresses at which a packet to `address` can end: those wrapped in it, or else itself."""
    inner = tuple(_embedded(address)) if isinstance(address, ipaddress.IPv6Address) else ()
    yield from inner or (address,)


def _embedded(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    number = int(address)
    if address.is_loopback or address.is_unspecified:
        return
    if any(address in network for network in _EMBEDDING_LAST_32):
        yield ipaddress.IPv4Address(number & 0xFFFFFFFF)
    elif address in _SIX_TO_FOUR:
        yield ipaddress.IPv4Address((number >> 80) & 0xFFFFFFFF)
    elif address in _TEREDO:
        yield ipaddress.IPv4Address((number >> 64) & 0xFFFFFFFF)
        yield ipaddress.IPv4Address((number & 0xFFFFFFFF) ^ 0xFFFFFFFF)
    elif (number >> 32) & 0xFFFFFFFF in _ISATAP:
        yield ipaddress.IPv4Address(number & 0xFFFFFFFF)


def _is_global(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address.version == network.version and address in network for network in _REFUSED)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One entry of `OUTBOUND_PRIVATE_HOSTS`: a name or a network, for one port or for all (None)."""

    name: str = ""
    network: Network | None = None
    port: int | None = None

    def covers(self, name: str, address: Address, port: int) -> bool:
        """Whether the entry opens `address`, reached as `name`, at `port`."""
        if self.port is not None and self.port != port:
            return False
        if self.network is None:
            return self.name == name.lower().rstrip(".")
        network = self.network
        return all(each.version == network.version and each in network for each in unwrapped(address))


@dataclass(frozen=True, kw_only=True)
class AddressPolicy:
    """What may be connected to: the public internet, and what the operator opened."""

    openings: tuple[Opening, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "AddressPolicy":
        """The policy of `OUTBOUND_PRIVATE_HOSTS`: `host`, `host:port`, `10.0.0.0/8`, `[::1]:8000`.

        Raises `ValueError` with the entry that is none of these.
        """
        return cls(openings=tuple(_opening(entry.strip()) for entry in entries if entry.strip()))

    def allows(self, *, name: str, address: Address, port: int) -> bool:
        """Whether a connection to `address` at `port`, asked for as `name`, may be made."""
        if any(opening.covers(name, address, port) for opening in self.openings):
            return True
        return port not in REFUSED_PORTS and is_public(address)


def _opening(entry: str) -> Opening:
    network = _network(entry)
    if network is not None:
        return Opening(network=network)
    host, _, port_text = entry.rpartition(":")
    if not host:
        return Opening(name=entry.lower().rstrip("."))
    if not port_text.isdecimal() or not 0 < int(port_text) < 65536:
        raise ValueError(f"OUTBOUND_PRIVATE_HOSTS: expected host, host:port or a network, got '{entry}'.")
    port = int(port_text)
    network = _network(host)
    if network is not None:
        return Opening(network=network, port=port)
    return Opening(name=host.lower().rstrip("."), port=port)


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        if "/" in text:
            raise ValueError(f"OUTBOUND_PRIVATE_HOSTS: '{text}' is not a network, like 10.0.0.0/8.") from None
        return None
