#!/bin/sh
# virtual.sh LIBRARY INIT LIARS [ARGUMENT...]: liars --virtual, in a user-mode kernel whose idle
# time is skipped: the package's, or KERNEL, which with a time travel of its own
# (harness/guest/build) is also given what takes days.
set -u
if [ "$1" = inside ]; then
	shift
	# It is not there, and to ask for it is what starts it: the shim hears of it.
	[ -e /.lastack-clock/freeze ] || exec "$@"
fi
library=$1
init=$2
liars=$3
shift 3
mode=skip
memory=1024M
limit=800
travel=
extra=--virtual
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../live/host/user_mode.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

if "$kernel" --showconfig | grep -q '^CONFIG_UML_TIME_TRAVEL_SUPPORT=y'; then
	mode=registers
	travel=time-travel=inf-cpu
	extra=--days
fi
user_mode lib/crc-ccitt net/ipv6/ipv6 drivers/net/veth run \
	sh "$here/virtual.sh" inside "$liars" $extra "$@" | tr -d '\r' | tee "$work/console"
grep -q '^status 0' "$work/console"
