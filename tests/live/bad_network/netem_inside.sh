#!/bin/sh
# netem_inside.sh QUALITY WIRE: the part of netem.sh that runs in the user-mode kernel. The same
# frames go over a pair of interfaces with netem, and over a wire with the engine's faults; what
# became of them must agree.
set -u
quality=$1
wire=$2
work=$(mktemp -d) || exit 2
frames=10000
failed=0

# pair A B
pair() {
	ip link add name "$1" type veth peer name "$2" && ip link set "$1" up &&
		ip link set "$2" up || exit 2
}

# agree NAME TOLERANCE: the number of that name in both results; the tolerance is absolute.
agree() {
	a=$(sed -n "s/^$1 //p" "$work/netem")
	b=$(sed -n "s/^$1 //p" "$work/engine")
	printf '| %-24s %-10s netem %-12s engine %s\n' "$fault" "$1" "$a" "$b"
	awk -v a="$a" -v b="$b" -v most="$2" \
		'BEGIN { exit !(a != "" && b != "" && a - b <= most && b - a <= most) }' || {
		echo "| they differ by more than $2"
		failed=1
	}
}

# compare FAULT NETEM... Tolerances are five standard deviations of the difference or more: netem's
# random numbers are others in each run. Times are exact but for the random ones.
compare() {
	fault=$1
	shift
	tc qdisc add dev x0 root netem limit 100000 "$@" || exit 2
	"$quality" $frames 1000 x0 x1 >"$work/netem" || exit 2
	tc qdisc del dev x0 root || exit 2
	mkfifo "$work/ready"
	"$wire" 7 m0 m1 "$fault" >"$work/ready" &
	pid=$!
	read -r _ <"$work/ready" || exit 2
	rm "$work/ready"
	"$quality" $frames 1000 a0 b0 >"$work/engine" || exit 2
	kill $pid
	wait $pid 2>/dev/null
	agree lost "$tolerance"
	agree in_a_row 1.1
	agree duplicated 0.015
	agree late 0.03
	agree least 0.5
	agree mean 0.7
	agree worst 0.5
}

# From here on only waiting takes time: see harness/guest/clock/shim.h.
[ ! -e /.lastack-clock/freeze ] || exit 2
sysctl -qw net.ipv6.conf.default.disable_ipv6=1
pair x0 x1
pair a0 m0
pair m1 b0
tolerance=0.012
compare 'loss 3%' loss 3%
compare 'duplicate 5%' duplicate 5%
compare 'delay 40ms' delay 40ms
compare 'jitter 30ms' delay 15ms 15ms
# Frames that are lost together say less about the rate.
tolerance=0.075
compare 'burst-loss 20% 4' loss gemodel 6.25% 25% 100% 0%
exit $failed
