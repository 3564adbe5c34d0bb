# What the tests of probe share: a host called far, and what a probe said. The caller is in
# namespaces of its own, and has set lastack. shellcheck shell=sh disable=SC2154

. "$(dirname "$0")/../soon.sh"

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
tried=0

# n0 leads to the host far, which has the numbers 2 of 10.9.0.0/24 and fd00:9::/64; we have 1.
far() {
	mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
	ip netns add far || exit 2
	ip link set lo up
	ip -n far link set lo up
	ip link add n0 index 100 type veth peer name f0 index 200 netns far || exit 2
	ip addr add 10.9.0.1/24 dev n0
	ip addr add fd00:9::1/64 dev n0 nodad
	ip -n far addr add 10.9.0.2/24 dev f0
	ip -n far addr add fd00:9::2/64 dev f0 nodad
	ip link set n0 up && ip -n far link set f0 up || exit 2
}

# far_services PROGRAM: its services there, from port 7000 on.
far_services() {
	mkfifo "$work/services"
	ip netns exec far "$1" 7000 >"$work/services" &
	read -r _ <"$work/services" || exit 2
}

# probe STATUS OPTION...: and its exit status. Where this machine was too slow to judge by, again.
# $from: options for each probe, or nothing.
from=
probe() {
	want=$1
	shift
	tried=$((tried + 1))
	what=$*
	for try in 1 2 3 4 5 6; do
		# shellcheck disable=SC2086 # nothing or two words
		"$lastack" probe $from "$@" >"$work/out" 2>"$work/err"
		got=$?
		[ $got = "$want" ] && return
		grep -Eq 'stood still for|own side was .* late' "$work/err" || break
	done
	echo "probe $what: want exit status $want, got $got"
	sed 's/^/  /' "$work/out" "$work/err"
	failed=1
}

# says COUNT PATTERN [FILE]: so many lines of the last probe's output have this.
says() {
	tried=$((tried + 1))
	got=$(grep -c -- "$2" "$work/${3:-out}")
	[ "$got" = "$1" ] && return
	echo "probe $what: want $1 times '$2', got $got times"
	sed 's/^/  /' "$work/out" "$work/err"
	failed=1
}
