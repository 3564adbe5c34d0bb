# What the tests share that make hosts of network namespaces and judge them. Their caller has set
# work, a folder, and lastack, the program; tried and failed are 0.
# shellcheck shell=sh disable=SC2034,SC2154

. "$(dirname "$0")/../soon.sh"

on() {
	host=$1
	shift
	ip netns exec "$host" "$@"
}

# wired HOST INTERFACE HOST INTERFACE ADDRESS4 ADDRESS4 ADDRESS6 ADDRESS6
wired() {
	ip link add name "$2" netns "$1" type veth peer name "$4" netns "$3" || exit 2
	ip -n "$1" addr add "$5" dev "$2"
	ip -n "$3" addr add "$6" dev "$4"
	ip -n "$1" addr add "$7" dev "$2" nodad
	ip -n "$3" addr add "$8" dev "$4" nodad
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# is WHAT WANT GOT
is() {
	tried=$((tried + 1))
	[ "$2" != "$3" ] || return 0
	printf '%s: want "%s", got "%s"\n' "$1" "$2" "$3"
	tail -n 30 "$work/err" "$work/out" "$work/log" 2>/dev/null | sed 's/^/  /'
	failed=1
}

# judge STATUS WHAT OPTION...: a run from the machine, and its exit status. The hosts are Linux.
judge() {
	want=$1
	what=$2
	shift 2
	on here timeout -s KILL 100 "$lastack" run --seed 7 --profile linux --show all \
		"$@" \
		>"$work/out" 2>"$work/err"
	is "$what" "$want" $?
}

# says WHAT PATTERN: the run's one line on stderr.
says() {
	is "$1: what it says" 1 "$(grep -c -- "$2" "$work/err")"
	is "$1: one line" 1 "$(wc -l <"$work/err")"
}
