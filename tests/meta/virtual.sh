#!/bin/sh
# virtual.sh LIBRARY INIT LIARS [ARGUMENT...]: liars --virtual, in a user-mode kernel whose idle
# time is skipped: the package's, or KERNEL, which with a time travel of its own
# (harness/guest/build) is also given what takes days.
set -u
if [ "$1" = inside ]; then
	shift
	# The kernel puts words of its own behind.
	n=$#
	while [ "$n" -gt 0 ]; do
		word=$1
		shift
		n=$((n - 1))
		[ "$word" != end ] || break
		set -- "$@" "$word"
	done
	while [ "$n" -gt 0 ]; do
		shift
		n=$((n - 1))
	done
	# It is not there, and to ask for it is what starts it: the shim hears of it.
	[ -e /.lastack-clock/freeze ] || exec "$@"
fi
library=$1
init=$2
liars=$3
shift 3
kernel=$(command -v "${KERNEL:-linux.uml}") || {
	echo "no linux.uml on this machine: install user-mode-linux"
	exit 77
}
folder=/usr/lib/uml/modules/$("$kernel" --version)/kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

modules=
mode=skip
extra=--virtual
travel=
if "$kernel" --showconfig | grep -q '^CONFIG_UML_TIME_TRAVEL_SUPPORT=y'; then
	mode=registers
	extra=--days
	travel=time-travel=inf-cpu
fi
for name in lib/crc-ccitt net/ipv6/ipv6 drivers/net/veth; do
	[ ! -e "$folder/$name.ko" ] || modules="$modules $folder/$name.ko"
done
# shellcheck disable=SC2086 # a word each
env LD_PRELOAD="$library" LASTACK_CLOCK=$mode "$kernel" $travel mem=1024M \
	rootfstype=hostfs rootflags=/ ro init="$init" con=null con0=fd:0,fd:1 quiet \
	uml_dir="$work/" -- $modules run \
	sh "$(cd "$(dirname "$0")" && pwd)/virtual.sh" inside "$liars" $extra "$@" end \
	</dev/null 2>&1 | tr -d '\r' | tee "$work/console"
grep -q '^status 0' "$work/console"
