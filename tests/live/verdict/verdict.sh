#!/bin/sh
# verdict.sh LASTACK SERVICES: whose fault it is, against a host on the link: segments that cannot
# be read, and a host that falls silent, for a while and for good. All of it is in namespaces of its
# own and ends with the script.
set -u
if [ "${VERDICT_INSIDE:-}" != yes ]; then
	VERDICT_INSIDE=yes
	export VERDICT_INSIDE
	map=
	[ "$(id -u)" = 0 ] || map=-Ur
	# shellcheck disable=SC2086 # nothing or one word
	exec unshare $map -n -m -p -f --mount-proc --kill-child sh "$0" "$@"
fi
lastack=$1
services=$2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
tried=0
. "$(cd "$(dirname "$0")" && pwd)/../host/hosts.sh"

world() {
	for host in here near; do
		ip netns add "$host" && ip -n "$host" link set lo up || exit 2
	done
	wired here h0 near n0 10.9.0.1/24 10.9.0.2/24 fd00:9::1/64 fd00:9::2/64
	mkfifo "$work/ready"
	on near "$services" 7000 >"$work/ready" &
	read -r _ <"$work/ready" || exit 2
}

# run OPTION...: cases against the host, for $out and $status.
run() {
	on here timeout -s KILL 100 "$lastack" run --target 10.9.0.2 --port 7001 \
		--closed-port 99 --seed 7 --quick --profile linux "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# count WHAT WANT PATTERN FILE
count() {
	is "$1" "$2" "$(grep -c -- "$3" "$work/$4")"
}

# filter RULES: nftables' rules of the host, in place of all others; none ends them.
filter() {
	on near nft flush ruleset
	[ -z "$1" ] || on near nft "$1" || exit 2
}

unreadable() {
	filter 'table ip t { chain o { type filter hook output priority 0
		tcp sport 7001 tcp flags & (syn|rst) == 0 tcp doff set 1
	}
	}'
	run ack_number.beyond_snd_nxt_is_answered/established_far
	is "unreadable: status" 1 "$status"
	count "unreadable: by name" 1 "RFC9293 3.1 doff: the host sent a segment that cannot" out
	filter ''
	run ack_number.beyond_snd_nxt_is_answered/established_far
	is "readable: status" 0 "$status"
}

# The host is silent from the first case that goes on until the run has said so, or for good.
silent() {
	what=$1
	run_silent --evidence "$work/evidence" wrap_in &
	pid=$!
	soon test -d "$work/evidence" || exit 2
	filter 'table netdev x { chain i { type filter hook ingress device n0 priority 0
		policy drop
	}
	}'
	if [ "$what" = back ]; then
		soon grep -q "does not answer any more" "$work/err"
		filter ''
	fi
	wait $pid
	filter ''
	status=$(cat "$work/status")
	rm -rf "$work/evidence"
	count "$what: found once" 1 "the host does not answer any more" err
}

run_silent() {
	run "$@"
	echo "$status" >"$work/status"
}

mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
world
unreadable
silent back
is "back: status" 0 "$status"
count "back: the run goes on" 1 "the host answers again" err
begun=$(date +%s)
silent gone
is "gone: status" 4 "$status"
count "gone: the run ends" 1 "the run ends here" err
is "gone: it ends soon" yes "$([ $(($(date +%s) - begun)) -lt 40 ] && echo yes || echo no)"
echo "$tried answers"
exit $failed
