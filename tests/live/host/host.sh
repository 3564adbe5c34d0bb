#!/bin/sh
# host.sh LASTACK SERVICES DELAY: lastack run --target against Linux hosts in namespaces, on-link,
# far away and behind a router, and against hosts that are not there. The parts go on side by
# side, each with ports of its own; all of it is in namespaces of its own and ends with the script.
set -u
if [ "${HOST_INSIDE:-}" != yes ]; then
	HOST_INSIDE=yes
	export HOST_INSIDE
	map=
	[ "$(id -u)" = 0 ] || map=-Ur
	# shellcheck disable=SC2086 # nothing or one word
	exec unshare $map -n -m -p -f --mount-proc --kill-child sh "$0" "$@"
fi
lastack=$1
services=$2
delay=$3
work=$(mktemp -d) || exit 2
all=$work
trap 'rm -rf "$all"' EXIT
failed=0
tried=0
quick='closed_port.ack_gets_rst/ack listening.rst_is_ignored/rst
	third_segment.data_completes_the_handshake'

. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/world.sh"
. "$(dirname "$0")/parts.sh"

# part FUNCTION ARGUMENT...: it goes on beside the others, in a folder of its own.
part() {
	parts=$((${parts:-0} + 1))
	mkdir "$all/$parts" || exit 2
	(
		work=$all/$parts
		tried=0
		failed=0
		"$@"
		echo "$tried $failed" >"$work/end"
	) >"$all/$parts/said" 2>&1 &
	waited="${waited:-} $!"
}

# What all parts said.
parts_end() {
	# shellcheck disable=SC2086 # a word each
	wait $waited
	waited=
	for n in $(seq "$parts"); do
		cat "$all/$n/said"
		if read -r more bad 2>/dev/null <"$all/$n/end"; then
			tried=$((tried + more))
			[ "$bad" = 0 ] || failed=1
		else
			echo "part $n did not come to its end"
			failed=1
		fi
		rm -rf "${all:?}/$n"
	done
	parts=0
}

world
part way 10.9.0.2
part way fd00:9::2
part way 10.7.0.2
part way fd00:7::2
part kinds
part refused
part refused_ports
part other_hands
part lossy
part slow 10.4.0.2
part slow fd00:4::2
part at_once
part expectations
part endings
parts_end
# What changes the machine that the others judge from comes after them.
is "no table is left" "" "$(on here nft list tables)"
part link_local
part vlan
parts_end
forwards
is "no address is left" 1 "$(ip -n here -4 -o addr show dev h0 | wc -l)"
echo "$tried answers"
exit $failed
