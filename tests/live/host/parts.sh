# What host.sh tries, a function each. shellcheck shell=sh

# way TARGET: as a phantom and as the machine itself.
way() {
	to="--target $1 --port 7001 --closed-port 99"
	# shellcheck disable=SC2086 # a word each
	judge 0 "$1" $to $quick
	is "$1: cases" 3 "$(grep -c '^pass' "$work/out")"
	says "$1" "$1 by 'h[01]'.*, as .*; round trip .* ms; the service on port 7001 was \
found to be discard"
	# shellcheck disable=SC2086
	judge 0 "$1 as its own" $to --source own $quick
	is "$1 as its own: cases" 3 "$(grep -c '^pass' "$work/out")"
	says "$1 as its own" "as .* (this machine's own)"
}

# What a service is shows by what it does; what it is not is refused.
kinds() {
	port=7000
	for kind in echo discard greet http silent; do
		judge 0 "$kind" --target fd00:9::2 --port $port --closed-port 99 \
			closed_port.ack_gets_rst/ack
		says "$kind" "the service on port $port was found to be $kind\$"
		port=$((port + 1))
	done
	judge 0 "an echo" --target 10.9.0.2 --port 7000 --service echo service_sends
	is "an echo: cases" 3 "$(grep -c '^pass' "$work/out")"
	judge 0 "a greeting" --target 10.9.0.2 --port 7002 service_greets
	is "a greeting: cases" 2 "$(grep -c '^pass' "$work/out")"
	judge 0 "a page" --target 10.9.0.2 --port 7003 service_closes
	is "a page: cases" 3 "$(grep -c '^pass' "$work/out")"
	judge 4 "no echo" --target 10.9.0.2 --port 7001 --service echo $quick
	says "no echo" 'port 7001 is not as declared by --service echo: it looks like discard'
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
	judge 4 "a taken source" --target 10.9.0.2 --port 7000 --source 10.9.0.3 $quick
	says "a taken source" 'has that address'
	on here setpriv --bounding-set -net_raw --inh-caps -net_raw "$lastack" run \
		--target 10.9.0.2 --port 7000 $quick >"$work/out" 2>"$work/err"
	is "no CAP_NET_RAW" 4 $?
	says "no CAP_NET_RAW" 'root.*setcap.*lab'
}

refused_ports() {
	judge 4 "nobody there" --target 10.3.0.99 --port 80 $quick
	says "nobody there" 'does not answer ARP'
	judge 4 "nobody there" --target fd00:3::99 --port 80 $quick
	says "nobody there" 'does not answer neighbour solicitations'
	judge 4 "a black hole" --target 10.7.0.99 --port 80 $quick
	says "a black hole" 'does not answer a SYN'
	judge 4 "a closed port" --target 10.9.0.2 --port 99 $quick
	says "a closed port" 'port 99 is closed'
	judge 4 "an open closed port" --target 10.9.0.2 --port 7000 --closed-port 7001 $quick
	says "an open closed port" 'closed-port 7001 is open'
}

# hand PATTERN HOOK RULE...: the router changes what goes to the ports of this part.
hand() {
	pattern=$1
	hook=$2
	shift 2
	on router nft "add table inet hand; add chain inet hand c { type filter hook $hook \
		priority -150; }; add rule inet hand c tcp dport { 7020, 98 } $*" || exit 2
	for target in 10.7.0.2 fd00:7::2; do
		judge 4 "$target: $*" --target $target --port 7020 --closed-port 98 $quick
		says "$target: $*" "$pattern"
	done
	on router nft delete table inet hand
}

other_hands() {
	gateway='something on the path changes segments before \(10.8.0.254\|fd00:8::fe\) (hop 1): '
	hand "${gateway}options mss 14[46]0,.* became mss 1000," prerouting \
		tcp flags syn tcp option maxseg size set 1000
	hand "${gateway}options .* became mss 14[46]0,sackOK,nop" prerouting \
		reset tcp option timestamp
	hand "${gateway}flags S became SEW" prerouting \
		tcp flags syn tcp flags set 'syn|ecn|cwr'
	hand 'something on the path changes sequence numbers' prerouting tcp sequence set 77
	hand "answers in the target's place: port 7020 is 1 .* port 98 0" forward \
		tcp dport 98 reject with tcp reset
	# Behind the last router it may be the host's own wish.
	on router nft "add table inet hand; add chain inet hand c { type filter hook forward \
		priority -150; }; add rule inet hand c tcp dport 7020 reset tcp option timestamp"
	judge 0 "no timestamps" --target 10.7.0.2 --port 7020 --closed-port 98 \
		closed_port.ack_gets_rst/ack
	is "no timestamps: what it says" 1 "$(grep -c 'its SYN-ACK has no TS:' "$work/err")"
	on router nft delete table inet hand
}

# A path that loses segments is to blame, and never the host.
lossy() {
	on router nft "add table ip loss; add chain ip loss every { type filter hook forward \
		priority 0; }; add rule ip loss every tcp sport 7011 numgen inc mod 5 == 0 drop" ||
		exit 2
	judge 4 "a path that loses segments" --target 10.7.0.2 --port 7011 --service discard \
		--closed-port 99 --quick third_segment listening isn_kept passive_open
	is "nothing fails by a loss" 0 "$(grep -c '^fail' "$work/out")"
	is "but is inconclusive" yes "$(grep -q '^inconclusive' "$work/out" && echo yes)"
	says "a path that loses segments" 'the path lost [1-9].* of .* segments'
	on router nft delete table ip loss
}

# A round trip is added to what is waited for, and to what is tolerated.
slow() {
	judge 0 "$1" --target "$1" --port 7004 --closed-port 99 --service silent --quick \
		third_segment reset listening closed_port
	says "$1" "$1 by 'h2'.*; round trip 6[0-9].* ms"
	is "$1: cases" yes "$([ "$(grep -c '^pass' "$work/out")" -gt 30 ] && echo yes)"
}

# clean HOST PORT: nothing is half open there, or open.
clean() {
	[ -z "$(on "$1" ss -Htan state syn-recv state established "( sport = :$2 )")" ]
}

# Two terminals, and each is as if it were alone.
at_once() {
	one="--target 10.9.0.2 --port 7014 --service silent --closed-port 99 --quick"
	for n in 1 2 3 4; do
		[ $n -lt 3 ] && source= || source="--source own"
		# shellcheck disable=SC2086 # a word each
		on here "$lastack" run $one $source third_segment handshake reset \
			>"$work/$n" 2>&1 &
		eval "pid$n=$!"
	done
	for n in 1 2 3 4; do
		eval "wait \$pid$n"
		is "terminal $n of four: $(tail -n 20 "$work/$n")" 0 $?
	done
	is "nothing is left open" yes "$(soon clean near 7014 && echo yes)"
}

half_open() {
	[ -n "$(on left ss -Htan state syn-recv '( sport = :7000 )')" ]
}

no_table() {
	[ -z "$(on there nft list tables)" ]
}

# However a run ends, nothing is left of it.
ended() {
	slow="--target 10.6.0.2 --port 7000 --service echo second_segment.sent_again_with"
	for how in INT TERM KILL; do
		for source in "" "--source own"; do
			what="SIG$how $source"
			# shellcheck disable=SC2086 # a word each
			exec_on there "$lastack" run ${slow}_doubling_intervals $source \
				>"$work/out" 2>"$work/err" &
			run=$!
			is "$what: half open" yes "$(soon half_open && echo yes)"
			kill "-$how" $run
			wait $run
			is "$what: clean" yes "$(soon clean left 7000 && echo yes)"
			is "$what: no table" yes "$(soon no_table && echo yes)"
		done
	done
}

# A host that breaks its promise fails.
breaks() {
	on left sysctl -qw net.ipv4.tcp_synack_retries=1
	on there "$lastack" run --target 10.6.0.2 --port 7000 --service echo \
		second_segment.sent_again_with_doubling_intervals >"$work/out" 2>"$work/err"
	is "a host that gives up early" 1 $?
}

endings() {
	ended
	breaks
}

# No failure of a host is expected unless a profile names it, and the report says how.
expectations() {
	known="--target 10.9.0.2 --port 7004 --service silent
		syn_received.rst_outside_is_dropped/right"
	# shellcheck disable=SC2086 # a word each
	judge 0 "a known failure" $known
	is "a known failure: no hint" 0 "$(grep -c 'No failure is expected' "$work/out")"
	is "a known failure: the path" 1 "$(grep -c '^path: ' "$work/out")"
	for profile in "" "--profile none"; do
		# shellcheck disable=SC2086
		on here timeout -s KILL 100 "$lastack" run --seed 7 $profile $known \
			>"$work/out" 2>"$work/err"
		is "nothing is known of a host: $profile" 1 $?
		is "nothing is known of a host: $profile: hint" 1 \
			"$(grep -c '^No failure is expected; --profile linux' "$work/out")"
	done
}

link_local() {
	to="--port 7001 --closed-port 99"
	local=$(ip -n near -6 -o addr show dev n0 scope link | sed 's/.*inet6 \([^/]*\).*/\1/')
	# shellcheck disable=SC2086 # a word each
	judge 0 "link-local" --target "$local%h0" $to $quick
	# shellcheck disable=SC2086
	judge 3 "link-local without a link" --target "$local" $to $quick
	says "link-local without a link" "say which by $local%INTERFACE"
}

# Where the kernel has VLANs.
vlan() {
	ip -n here link add link h0 name h0.5 type vlan id 5 2>/dev/null || return 0
	ip -n near link add link n0 name n0.5 type vlan id 5
	ip -n here addr add 10.5.0.1/24 dev h0.5
	ip -n near addr add 10.5.0.2/24 dev n0.5
	ip -n here addr add fd00:5::1/64 dev h0.5 nodad
	ip -n near addr add fd00:5::2/64 dev n0.5 nodad
	ip -n here link set h0.5 up
	ip -n near link set n0.5 up
	for address in 10.5.0.2 fd00:5::2; do
		# shellcheck disable=SC2086 # a word each
		judge 0 "VLAN" --target $address --port 7001 --closed-port 99 $quick
		is "VLAN: cases" 3 "$(grep -c '^pass' "$work/out")"
	done
}

# A machine that forwards does not forward what is for the peer.
forwards() {
	on here sysctl -qw net.ipv4.ip_forward=1
	# shellcheck disable=SC2086 # a word each
	judge 0 "a machine that forwards" --target 10.9.0.2 --port 7001 --closed-port 99 $quick
	is "a machine that forwards: cases" 3 "$(grep -c '^pass' "$work/out")"
	on here sysctl -qw net.ipv4.ip_forward=0
}
