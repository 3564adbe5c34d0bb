#!/bin/sh
# vlan.sh LIBRARY INIT LASTACK SERVICES: lastack run --target over a VLAN, in a user-mode kernel:
# those of machines need not have VLANs.
set -u
library=$1
init=$2
lastack=$3
services=$4
mode=registers
memory=256M
limit=100
travel=
here=$(cd "$(dirname "$0")" && pwd)
. "$here/user_mode.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

user_mode lib/crc-ccitt net/ipv6/ipv6 drivers/net/veth net/llc/llc net/802/stp net/802/mrp \
	net/802/garp net/8021q/8021q run sh "$here/vlan_inside.sh" "$lastack" "$services" \
	>"$work/console"
grep -q '^status 0' "$work/console" && exit 0
tail -n 50 "$work/console"
exit 1
