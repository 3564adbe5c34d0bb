#!/bin/sh
# vlan_inside.sh LASTACK SERVICES: the part of host.sh that needs VLANs, on a kernel that has them.
set -u
lastack=$1
services=$2
work=$(mktemp -d) || exit 2
failed=0
tried=0
quick='closed_port.ack_gets_rst/ack listening.rst_is_ignored/rst
	third_segment.data_completes_the_handshake'

. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/world.sh"
. "$(dirname "$0")/parts.sh"

mkdir -p /run/netns || exit 2
for host in here near; do
	ip netns add "$host" && ip -n "$host" link set lo up || exit 2
	on "$host" sysctl -qw net.ipv6.conf.default.accept_dad=0
done
wired here h0 near n0 10.9.0.1/24 10.9.0.2/24 fd00:9::1/64 fd00:9::2/64
serve near 7000
vlan
is "the kernel has VLANs" 1 "$(ip -n here -o link show type vlan | wc -l)"
echo "$tried answers"
exit $failed
