#!/bin/sh
# netem.sh LIBRARY INIT QUALITY WIRE: what the fault engine does to frames is what sch_netem of a
# user-mode kernel does, in virtual time. The machine's own kernel need not have sch_netem.
set -u
library=$1
init=$2
quality=$3
wire=$4
mode=skip
memory=256M
limit=300
travel=
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../host/user_mode.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

user_mode lib/crc-ccitt net/ipv6/ipv6 drivers/net/veth net/sched/sch_netem \
	run sh "$here/netem_inside.sh" "$quality" "$wire" >"$work/console"
grep '^| ' "$work/console"
grep -q '^status 0' "$work/console" && exit 0
tail -n 50 "$work/console"
exit 1
