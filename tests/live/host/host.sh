#!/bin/sh
# host.sh LASTACK SERVICES: lastack run --target against a Linux host in a namespace, on-link and
# behind a router, and against hosts that are not there. Everything is in namespaces of its own and
# ends with the script.
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
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
tried=0
quick='closed_port.ack_gets_rst/ack listening.rst_is_ignored/rst third_segment.data_completes_the_handshake'

# is WHAT WANT GOT
is() {
	tried=$((tried + 1))
	[ "$2" != "$3" ] || return 0
	printf '%s: want "%s", got "%s"\n' "$1" "$2" "$3"
	tail -n 30 "$work/err" "$work/out" | sed 's/^/  /'
	failed=1
}

on() {
	host=$1
	shift
	ip netns exec "$host" "$@"
}

# For the background: $! is the program itself, and SIGINT is not ignored there.
exec_on() {
	host=$1
	shift
	exec ip netns exec "$host" env --default-signal=INT "$@"
}

# soon COMMAND...: it comes true within 5 s.
soon() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 100 ] || return 1
		sleep 0.05
	done
}

# judge STATUS WHAT OPTION...: a run from the machine, and its exit status.
judge() {
	want=$1
	what=$2
	shift 2
	on here timeout -s KILL 100 "$lastack" run --seed 7 "$@" >"$work/out" 2>"$work/err"
	is "$what" "$want" $?
}

# says WHAT PATTERN: the run's last line on stderr, and there is one line only.
says() {
	is "$1: what it says" 1 "$(grep -c -- "$2" "$work/err")"
	is "$1: one line" 1 "$(wc -l <"$work/err")"
}

world() {
	mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
	for host in here near router far; do
		ip netns add "$host" && ip -n "$host" link set lo up || exit 2
		on "$host" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	wired here h0 near n0 10.9.0.1/24 10.9.0.2/24 fd00:9::1/64 fd00:9::2/64
	wired here h1 router r0 10.8.0.1/24 10.8.0.254/24 fd00:8::1/64 fd00:8::fe/64
	wired router r1 far f0 10.7.0.254/24 10.7.0.2/24 fd00:7::fe/64 fd00:7::2/64
	ip -n near addr add 10.9.0.3/24 dev n0
	on router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n here route add 10.7.0.0/24 via 10.8.0.254
	ip -n here route add fd00:7::/64 via fd00:8::fe
	ip -n far route add default via 10.7.0.254
	ip -n far route add default via fd00:7::fe
	for host in near far; do
		mkfifo "$work/$host"
		on "$host" "$services" 7000 >"$work/$host" &
		read -r _ <"$work/$host" || exit 2
	done
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

half_open() {
	[ "$(on near ss -Htan state syn-recv | wc -l)" -gt 0 ]
}

clean() {
	[ "$(on near ss -Htan state syn-recv | wc -l)" = 0 ] &&
		[ "$(on near ss -Htan state established | wc -l)" = 0 ]
}

no_table() {
	[ -z "$(on here nft list tables)" ]
}

ways() {
	to="--port 7001 --service discard --closed-port 99"
	# shellcheck disable=SC2086 # a word each
	for target in 10.9.0.2 fd00:9::2 10.7.0.2 fd00:7::2; do
		judge 0 "$target" --target "$target" $to $quick
		is "$target: cases" 3 "$(grep -c '^pass' "$work/out")"
		judge 0 "$target as its own" --target "$target" --source own $to $quick
		is "$target as its own: cases" 3 "$(grep -c '^pass' "$work/out")"
	done
	is "no table is left" "" "$(on here nft list tables)"
	local=$(ip -n near -6 -o addr show dev n0 scope link | sed 's/.*inet6 \([^/]*\).*/\1/')
	# shellcheck disable=SC2086
	judge 0 "link-local" --target "$local%h0" $to $quick
	# shellcheck disable=SC2086
	judge 3 "link-local without a link" --target "$local" $to $quick
	if ip -n here link add link h0 name h0.5 type vlan id 5; then
		ip -n near link add link n0 name n0.5 type vlan id 5
		ip -n here addr add 10.5.0.1/24 dev h0.5
		ip -n near addr add 10.5.0.2/24 dev n0.5
		ip -n here link set h0.5 up
		ip -n near link set n0.5 up
		# shellcheck disable=SC2086
		judge 0 "VLAN" --target 10.5.0.2 $to $quick
	fi
	on here sysctl -qw net.ipv4.ip_forward=1
	# shellcheck disable=SC2086
	judge 0 "a machine that forwards" --target 10.9.0.2 $to $quick
	on here sysctl -qw net.ipv4.ip_forward=0
	is "no address is left" 1 "$(ip -n here -4 -o addr show dev h0 | wc -l)"
}

refused() {
	for target in 255.255.255.255 10.9.0.255 10.9.0.0 224.0.0.1 ff02::1 0.0.0.0 :: \
		10.9.0.0/24 127.0.0.1 10.9.0.1; do
		judge 3 "$target" --target "$target" --port 7000 $quick
		says "$target" ': '
	done
	judge 3 "no port" --target 10.9.0.2 $quick
	says "no port" '--port'
	judge 3 "options without a target" --port 80 $quick
	says "options without a target" '--target'
	judge 4 "no route" --target 203.0.113.9 --port 80 $quick
	says "no route" 'no route to 203.0.113.9'
	judge 4 "no interface" --target 10.9.0.2 --interface none7 --port 80 $quick
	says "no interface" "no interface 'none7'"
	judge 4 "nobody there" --target 10.9.0.99 --port 80 $quick
	says "nobody there" 'does not answer ARP'
	judge 4 "nobody there" --target fd00:9::99 --port 80 $quick
	says "nobody there" 'does not answer neighbour solicitations'
	judge 4 "a black hole" --target 10.7.0.99 --port 80 $quick
	says "a black hole" 'does not answer a SYN'
	judge 4 "a closed port" --target 10.9.0.2 --port 99 $quick
	says "a closed port" 'port 99 is closed'
	judge 4 "an open closed port" --target 10.9.0.2 --port 7000 --closed-port 7001 $quick
	says "an open closed port" 'closed-port 7001 is open'
	judge 4 "a taken source" --target 10.9.0.2 --port 7000 --source 10.9.0.3 $quick
	says "a taken source" 'has that address'
	on here setpriv --bounding-set -net_raw --inh-caps -net_raw "$lastack" run \
		--target 10.9.0.2 --port 7000 $quick >"$work/out" 2>"$work/err"
	is "no CAP_NET_RAW" 4 $?
	says "no CAP_NET_RAW" 'root.*setcap.*lab'
}

at_once() {
	one="--target 10.9.0.2 --port 7004 --service silent --closed-port 99 --quick"
	for source in "" "--source own"; do
		# shellcheck disable=SC2086
		{
			on here "$lastack" run $one $source loss handshake states >"$work/other" 2>&1 &
			judge 0 "one of two $source" $one $source loss handshake states
			wait $!
			is "the other of two $source" 0 $?
		}
	done
	is "nothing is left open" yes "$(soon clean && echo yes)"
}

ended() {
	slow="--target 10.9.0.2 --port 7000 second_segment.sent_again_with_doubling_intervals"
	for how in INT TERM KILL; do
		for source in "" "--source own"; do
			what="SIG$how $source"
			# shellcheck disable=SC2086
			exec_on here "$lastack" run $slow $source >"$work/out" 2>"$work/err" &
			run=$!
			is "$what: half open" yes "$(soon half_open && echo yes)"
			kill "-$how" $run
			wait $run
			is "$what: clean" yes "$(soon clean && echo yes)"
			is "$what: no table" yes "$(soon no_table && echo yes)"
		done
	done
}

# A host that breaks its promise fails, and one behind a path that loses segments does not.
blame() {
	on near sysctl -qw net.ipv4.tcp_synack_retries=1
	judge 1 "a host that gives up early" --target 10.9.0.2 --port 7000 isn_kept.syn_ack_sent_again
	on near sysctl -qw net.ipv4.tcp_synack_retries=5
	on router nft -f - <<-'END' || exit 2
		add table ip loss
		add chain ip loss every { type filter hook forward priority 0; }
		add rule ip loss every tcp sport 7001 numgen inc mod 4 == 0 drop
	END
	judge 4 "a path that loses segments" --target 10.7.0.2 --port 7001 --service discard \
		--closed-port 99 third_segment.data_completes_the_handshake listening \
		isn_kept passive_open
	is "nothing fails by a loss" 0 "$(grep -c '^fail' "$work/out")"
	on router nft delete table ip loss
}

world
ways
refused
at_once
ended
blame
echo "$tried answers"
exit $failed
