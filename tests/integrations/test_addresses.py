import ipaddress

import pytest

from integrations.outbound.addresses import AddressPolicy, is_public

INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.8", "192.88.99.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "::127.0.0.1", "::7f00:1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::",
    "2001:0:808:808::80ff:fffe", "2a00::5efe:7f00:1", "2a00::200:5efe:a00:1", "100::1", "5f00::1",
]  # fmt: skip
OUTSIDE = [
    "8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808",
    "2002:808:808::1",
]  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_inside_addresses_are_not_public_however_they_are_wrapped(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_public_addresses_are_public(text):
    assert is_public(ipaddress.ip_address(text))


def allows(entries, name, address, port=80) -> bool:
    policy = AddressPolicy.parse(entries)
    return policy.allows(name=name, address=ipaddress.ip_address(address), port=port)


@pytest.mark.parametrize(
    ("entries", "name", "address", "port", "allowed"),
    [
        ([], "a", "10.0.0.1", 80, False),
        (["10.0.0.0/8"], "a", "10.0.0.1", 80, True),
        (["10.0.0.0/8"], "a", "::ffff:10.0.0.1", 80, True),
        (["10.0.0.0/8"], "a", "192.168.0.1", 80, False),
        (["10.0.0.1"], "a", "10.0.0.1", 9000, True),
        (["10.0.0.1"], "a", "10.0.0.2", 80, False),
        (["10.0.0.1:9000"], "a", "10.0.0.1", 9000, True),
        (["10.0.0.1:9000"], "a", "10.0.0.1", 80, False),
        (["Intranet.example."], "intranet.EXAMPLE", "10.0.0.1", 80, True),
        (["intranet.example"], "evil.intranet.example", "10.0.0.1", 80, False),
        (["intranet.example:8080"], "intranet.example", "10.0.0.1", 80, False),
        (["[::1]:8000"], "x", "::1", 8000, True),
        (["::1"], "x", "::1", 8000, True),
        (["fd00::/8"], "x", "fd12::1", 443, True),
        (["127.0.0.0/8"], "x", "::1", 80, False),
        ([], "a", "8.8.8.8", 443, True),
        ([], "a", "8.8.8.8", 25, False),
        ([], "a", "8.8.8.8", 6379, False),
        (["mail.example:25"], "mail.example", "8.8.8.8", 25, True),
    ],
)
def test_the_operator_opens_hosts_ports_and_networks(entries, name, address, port, allowed):
    assert allows(entries, name, address, port) is allowed


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "host:port", "host:0", "host:70000", "a/b"])
def test_an_entry_that_is_none_of_these_is_refused_by_name(entry):
    with pytest.raises(ValueError, match="OUTBOUND_PRIVATE_HOSTS"):
        AddressPolicy.parse([entry])
