#!/bin/sh
# vlan.sh LIBRARY INIT LASTACK SERVICES: lastack run --target over a VLAN, in a user-mode kernel:
# those of machines need not have VLANs.
set -u
library=$1
init=$2
lastack=$3
services=$4
kernel=$(command -v linux.uml) || {
	echo "no linux.uml on this machine: install user-mode-linux"
	exit 77
}
release=$("$kernel" --version)
folder=/usr/lib/uml/modules/$release/kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

modules=
for name in lib/crc-ccitt net/ipv6/ipv6 drivers/net/veth net/llc/llc net/802/stp net/802/mrp \
	net/802/garp net/8021q/8021q; do
	[ ! -e "$folder/$name.ko" ] || modules="$modules $folder/$name.ko"
done
# shellcheck disable=SC2086 # a word each
timeout 100 env LD_PRELOAD="$library" LASTACK_CLOCK=registers "$kernel" mem=256M \
	rootfstype=hostfs rootflags=/ ro init="$init" con=null con0=fd:0,fd:1 quiet \
	uml_dir="$work/" -- $modules run sh "$(cd "$(dirname "$0")" && pwd)/vlan_inside.sh" \
	"$lastack" "$services" </dev/null >"$work/console" 2>&1
grep -q '^status 0' "$work/console" && exit 0
tail -n 50 "$work/console"
exit 1
