#!/bin/sh
# bad_network.sh LASTACK AGENT SERVICES WIRE [quick|full] [NAME...]: an honest Linux host behind
# networks that lose, delay, duplicate, reorder, merge, filter or translate, each one alone, is
# tested by an open port alone (black box) and with an agent. Prints a table of networks, modes and
# verdicts. No case may fail that the profile does not name; an unexpected deviation is only told.
# quick: fewer cases. The seed and the address family are SEED (7) and FAMILY (4). So many networks
# at the same time: JOBS (8).
set -uf
here=$(cd "$(dirname "$0")" && pwd) || exit 2
. "$here/../host/hosts.sh"
. "$here/networks.sh"
seed=${SEED:-7}
family=${FAMILY:-4}

if [ "${1:-}" != --network ]; then
	tier=${5:-quick}
	lastack=$1 agent=$2 services=$3 wire=$4
	[ $# -lt 5 ] || shift
	shift 4
	printf '%-20s %-9s %5s %5s %5s %5s %5s %5s %10s %5s %4s\n' network mode pass dev fail skip \
		inconc error unexpected time exit
	map=
	[ "$(id -u)" = 0 ] || map=-Ur
	# shellcheck disable=SC2086 # a word each
	[ $# -gt 0 ] || set -- $all
	# shellcheck disable=SC2086 # nothing or one word
	printf '%s\n' "$@" | xargs -P "${JOBS:-8}" -I NAME unshare $map -n -m -p -f \
		--mount-proc --kill-child sh "$0" --network NAME "$tier" "$lastack" "$agent" \
		"$services" "$wire"
	exit $?
fi
name=$2
tier=$3
lastack=$4
agent=$5
services=$6
wire=$7
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0

# Claims that a loss, a copy, another order, a merged segment, a filter or a translator can spoil.
quick_cases='checksum_received.data_is_not_taken timestamps_clock.even_and_in_bounds
	window_scale_in.is_scaled window_scale_out.behind_a_hole_to_the_edge
	delayed_ack.full_segments_in_a_row delayed_ack.answer_carries_it wrap_in.out_of_order
	wrap_in.overlapping third_segment.data_* listening.other_is_dropped
	listening.ack_gets_rst closed_port.ack_gets_rst closed_port.without_ack_gets_rst_ack
	mss_offered.on_a_syn_ack ack_number.beyond_snd_nxt_is_answered'
# What lastack refuses by one line: see network_dnat_ports and network_snat.
refused=' dnat_ports/black_box dnat_ports/agent dnat/agent snat/agent '

# hosts NAME...
hosts() {
	for host in "$@"; do
		ip netns add "$host" && ip -n "$host" link set lo up || exit 2
		on "$host" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
}

# up HOST INTERFACE [ADDRESS...]
up() {
	host=$1
	interface=$2
	shift 2
	for address in "$@"; do
		ip -n "$host" addr add "$address" dev "$interface" || exit 2
	done
	ip -n "$host" link set "$interface" up || exit 2
}

# The host's kernel makes no segment that is longer than the wire's.
usual_lengths() {
	ip -n "$1" link set "$2" gso_max_segs 1 || exit 2
}

count() {
	grep -c "$1" "$work/cases"
}

# brief LINES: of each the case, its verdict and why.
brief() {
	sed -n 's/^{"case":"\([^"]*\)","over":"\([^"]*\)",/\1 \2 /
		s/"verdict":"\([^"]*\)".*"message":"\(.*\)","evidence.*/\1: \2/p'
}

wrong() {
	printf '  %s %s: %s\n' "$name" "$mode" "$1"
	failed=1
}

# row MODE OPTION...: a run, its line of the table, and what failed though the profile does not say.
row() {
	mode=$1
	shift
	began=$(date +%s)
	# shellcheck disable=SC2086 # a word each, and no names of files
	on here timeout -s KILL 900 "$lastack" run --quick --seed "$seed" --format json \
		--profile linux "-$family" --target "$target" "$@" $cases >"$work/out" \
		2>"$work/err"
	status=$?
	took=$(($(date +%s) - began))
	grep '^{"case"' "$work/out" >"$work/cases"
	grep '"expected":false' "$work/cases" |
		grep -v '"verdict":"inconclusive"' >"$work/unexpected"
	{
		printf '%-20s %-9s' "$name" "$mode"
		for verdict in pass deviation fail skip inconclusive error; do
			printf ' %5s' "$(count "\"verdict\":\"$verdict\"")"
		done
		printf ' %10s %5s %4s\n' "$(grep -c . "$work/unexpected")" "$took" "$status"
		sed 's/^/  /' "$work/err"
		brief <"$work/unexpected" | sed 's/^/  unexpected: /'
	} >"$work/row"
	cat "$work/row"
	[ -z "${KEEP:-}" ] || cp "$work/out" "$KEEP/$name.$mode.$family.$seed.json"
	# An unexpected fail or pass makes it 1, and inconclusive cases make it 4.
	case $status in 0 | 4) ;; *) failed=1 ;; esac
	case $refused in
	*" $name/$mode "*)
		[ ! -s "$work/cases" ] && [ "$(grep -c . "$work/err")" = 1 ] || wrong "not refused"
		;;
	*) [ $(($(count '"verdict":"inconclusive"') * 2)) -le "$(count '"verdict":"pass"')" ] ||
		wrong "hardly anything was judged" ;;
	esac
}

mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
"network_$name"
target=$target4
[ "$family" = 4 ] || target=$target6
cases=
[ "$tier" = full ] || cases=$quick_cases
mkfifo "$work/services" "$work/agent"
on host "$services" 7100 >"$work/services" &
read -r _ <"$work/services" || exit 2
(umask 077 && echo "a secret of this test" >"$work/token")
[ "$family" = 4 ] && at=$target4:7000 listen=0.0.0.0:7000
[ "$family" = 4 ] || at="[$target6]:7000" listen='[::]:7000'
row black_box --port 7104 --closed-port 99
# shellcheck disable=SC2086 # "lastack agent" is two words
on host $agent --token "$work/token" --listen "$listen" >"$work/agent" 2>"$work/log" &
read -r _ <"$work/agent" || exit 2
row agent --agent "$at" --token "$work/token"
exit $failed
