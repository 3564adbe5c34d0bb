# What path.sh tries, a function each. "here" asks; "near" is behind a wire with faults, "left" is
# on the link, "far" is behind "router". $family is 4 or 6. shellcheck shell=sh disable=SC2154

world() {
	for host in here near middle left router far; do
		ip netns add "$host" && ip -n "$host" link set lo up || exit 2
		on "$host" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	on middle sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip link add name h0 netns here type veth peer name m0 netns middle || exit 2
	ip link add name n0 netns near type veth peer name m1 netns middle || exit 2
	ip -n here addr add 10.9.0.1/24 dev h0
	ip -n here addr add fd00:9::1/64 dev h0 nodad
	ip -n near addr add 10.9.0.2/24 dev n0
	ip -n near addr add fd00:9::2/64 dev n0 nodad
	for pair in here:h0 middle:m0 middle:m1 near:n0; do
		ip -n "${pair%:*}" link set "${pair#*:}" up
	done
	wired here h1 router r0 10.8.0.1/24 10.8.0.254/24 fd00:8::1/64 fd00:8::fe/64
	wired router r1 far f0 10.7.0.254/24 10.7.0.2/24 fd00:7::fe/64 fd00:7::2/64
	wired here h2 left l0 10.6.0.1/24 10.6.0.2/24 fd00:6::1/64 fd00:6::2/64
	on router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n here route add 10.7.0.0/24 via 10.8.0.254
	ip -n here route add fd00:7::/64 via fd00:8::fe
	ip -n far route add default via 10.7.0.254
	ip -n far route add default via fd00:7::fe
	for host in near left far; do
		mkfifo "$work/$host"
		on "$host" "$services" 7000 >"$work/$host" &
		read -r _ <"$work/$host" || exit 2
	done
}

# address HOST: sets target.
address() {
	case $1.$family in
	near.4) target=10.9.0.2 ;;
	near.6) target=fd00:9::2 ;;
	left.4) target=10.6.0.2 ;;
	left.6) target=fd00:6::2 ;;
	far.4) target=10.7.0.2 ;;
	far.6) target=fd00:7::2 ;;
	esac
}

# wire_with FAULT...: until wire_end.
wire_with() {
	[ -p "$work/wire" ] || mkfifo "$work/wire"
	# Not by a function of the shell: $! is the program itself.
	ip netns exec middle "$wire" 7 m0 m1 "$@" >"$work/wire" &
	wire_pid=$!
	read -r _ <"$work/wire" || exit 2
}

wire_end() {
	kill "$wire_pid"
	wait "$wire_pid" 2>/dev/null
}

# found WHAT LINE PATTERN: in the line of facts that begins so.
found() {
	is "$1: $2 $3" yes "$(grep "^$2: " "$work/out" | grep -q -- "$3" && echo yes)"
}

# measured HOST [OPTION...]: by check and monitor.
measured() {
	address "$1"
	on here timeout -s KILL 30 "$facts" "$target" 7004 2500 99 >"$work/out" 2>"$work/err"
	is "$target: exit status of facts" 0 $?
	found "$target" left '^left: 0$'
}

# tested STATUS HOST OPTION...: a run with one case.
tested() {
	want=$1
	address "$2"
	shift 2
	on here timeout -s KILL 60 "$lastack" run --seed 7 --target "$target" --port 7004 \
		--closed-port 99 --service silent --show all "$@" >"$work/out" 2>"$work/err"
	is "$target $*: exit status" "$want" $?
	is "$target $*: one line" 1 "$(wc -l <"$work/err")"
}

told() {
	is "$target: says $1" yes "$(grep -q -- "$1" "$work/err" && echo yes)"
}

not_told() {
	is "$target: does not say $1" '' "$(grep -o -- "$1" "$work/err")"
}

case=third_segment.data_completes_the_handshake

clean() {
	wire_with
	measured near
	for line in check monitor; do
		found clean $line 'none lost, duplicated or reordered; round trip [0-9]'
	done
	found clean check 'directly connected; 100 echo requests'
	wire_end
}

# spoils WIRE WORDS OTHERS: this fault of the wire is told in these words, and no other is.
spoils() {
	wire_with "$1"
	measured near
	for line in check monitor; do
		found "$1" $line "$2"
		is "$1: $line: nothing else" '' "$(grep "^$line" "$work/out" | grep -o "$3")"
	done
	wire_end
}

lossy() {
	spoils 'loss 20%' 'the path lost [1-9][0-9]* of ' 'duplicated\|out of order'
}

spoilt() {
	lossy
	spoils 'duplicate 20%' 'the path duplicated [1-9][0-9]* of ' 'lost\|out of order'
	spoils 'jitter 30ms' 'the path delivered [1-9][0-9]* of .* out of order' 'lost\|duplicated'
	wire_with 'delay 40ms'
	measured near
	for line in check monitor; do
		found delay $line 'none lost, duplicated or reordered; round trip [89][0-9]\.'
	done
	wire_end
}

# drops HOST HOOK RULE: until drops_end.
drops() {
	on "$1" nft "add table inet drops
		add chain inet drops c { type filter hook $2 priority 0; }
		add rule inet drops c $3" || exit 2
}

drops_end() {
	on "$1" nft delete table inet drops
}

# What a host does not answer is not taken for a loss.
asked_by() {
	icmp='icmp type echo-request drop'
	[ "$family" = 4 ] || icmp='icmpv6 type echo-request drop'
	drops left input "$icmp"
	measured left
	found "no echo" check '100 neighbour requests, none lost'
	found "no echo" monitor 'neighbour requests, none lost'
	drops_end left
	# On the link, SYNs that get lost are the host's own; behind a router nobody can tell.
	drops left input 'tcp dport 7004 tcp flags syn numgen inc mod 5 == 0 drop'
	tested 0 left closed_port.ack_gets_rst/ack
	told 'none lost'
	drops_end left
	[ "$family" = 6 ] || return 0
	drops far input "$icmp"
	measured far
	found "no echo, routed" check '100 SYNs, none lost'
	found "no echo, routed" monitor 'SYNs, none lost'
	drops_end far
	drops router forward 'tcp dport 7004 tcp flags syn numgen inc mod 5 == 0 drop'
	tested 0 far closed_port.ack_gets_rst/ack
	told 'the path lost [1-9]'
	measured far
	found "SYNs lost behind a router" check 'the path lost [1-9]'
	drops_end router
	drops far input 'meta l4proto { icmp, icmpv6, tcp } drop'
	address far
	ip netns exec here "$facts" "$target" 7004 1 99 >"$work/out" 2>"$work/err" &
	silent=$!
	soon grep -q . "$work/out"
	found "a silent host" check 'answers no request any more'
	kill $silent 2>/dev/null
	wait $silent 2>/dev/null
	drops_end far
}

skipped() {
	grep -c '^skip ' "$work/out"
}

# filtered HOST: the filter of a host, by what it drops; and what is none.
filtered() {
	place=$1
	strays='closed_port.ack_gets_rst/fin_ack closed_port.ack_gets_rst/ack'
	# shellcheck disable=SC2086 # a word each
	tested 0 "$place" $strays
	not_told filter
	is "$target: no filter: skipped" 0 "$(skipped)"
	drops "$place" input 'ct state invalid drop'
	on "$place" sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
	# shellcheck disable=SC2086
	tested 0 "$place" $strays
	told 'a stateful filter drops segments of no connection, but for ACKs'
	is "$target: filter: skipped" 1 "$(skipped)"
	# shellcheck disable=SC2086
	tested 1 "$place" $strays --no-filter
	on "$place" sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
	# shellcheck disable=SC2086
	tested 0 "$place" $strays
	told 'a stateful filter drops segments of no connection, ACKs too'
	is "$target: strict filter: skipped" 2 "$(skipped)"
	drops_end "$place"
	drops "$place" input 'ct state invalid reject with icmpx type admin-prohibited'
	# shellcheck disable=SC2086
	tested 0 "$place" $strays
	told 'a stateful filter rejects segments of no connection'
	is "$target: filter that rejects: skipped" 2 "$(skipped)"
	drops_end "$place"
	drops "$place" input 'ct state new tcp flags != syn reject with icmpx type admin-prohibited'
	on "$place" sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
	# shellcheck disable=SC2086
	tested 0 "$place" $strays
	told 'a stateful filter rejects ACKs of no connection'
	is "$target: filter that rejects ACKs: skipped" 1 "$(skipped)"
	drops_end "$place"
	# The host's own: nothing else than a FIN+ACK is dropped.
	drops "$place" input 'tcp flags == fin|ack drop'
	# shellcheck disable=SC2086
	tested 1 "$place" $strays
	not_told filter
	drops_end "$place"
}

# answers HOST RULE: a host, or what is right before it, changes its answers.
answers_wrongly() {
	for rule in 'tcp flags & (syn|ack) == syn|ack tcp ackseq set 77' \
		'tcp option timestamp tsecr set 5' '@th,100,4 set 2'; do
		drops left output "tcp sport { 7004, 99 } $rule"
		on here timeout -s KILL 60 "$lastack" run --seed 7 --target "$(address left
			echo "$target")" --port 7004 --closed-port 99 --service silent $case \
			>"$work/out" 2>"$work/err"
		is "left: $rule: nothing on the path" '' \
			"$(grep 'something on the path' "$work/err")"
		is "left: $rule: cases ran" 1 "$(grep -c 'judged: ' "$work/out")"
		drops_end left
		drops far output "tcp sport { 7004, 99 } $rule"
		tested 4 far $case
		told 'something on the path .*, or the host does: port .* arrives unchanged at'
		told '--path direct judges the host'
		on here timeout -s KILL 60 "$lastack" run --seed 7 --target "$target" --port 7004 \
			--closed-port 99 --service silent --path direct $case \
			>"$work/out" 2>"$work/err"
		is "far: $rule: --path direct" '' "$(grep 'something on the path' "$work/err")"
		is "far: $rule: cases ran" 1 "$(grep -c 'judged: ' "$work/out")"
		drops_end far
	done
}

# An address of the link behind which a router translates.
translated() {
	family=4
	ip -n router addr add 10.8.0.80/24 dev r0
	on router nft 'add table ip nat
		add chain ip nat c { type nat hook prerouting priority -100; }
		add rule ip nat c ip daddr 10.8.0.80 tcp dport 7004 dnat to 10.7.0.2' || exit 2
	on here timeout -s KILL 60 "$lastack" run --seed 7 --target 10.8.0.80 --port 7004 \
		--closed-port 99 $case >"$work/out" 2>"$work/err"
	is "translated: exit status" 4 $?
	target=10.8.0.80
	told "answers in the target's place: port 7004 is 1 hops away, port 99 0"
	on here timeout -s KILL 60 "$lastack" run --seed 7 --target 10.8.0.80 --port 7004 \
		--service silent listening.rst_is_ignored/rst >"$work/out" 2>"$work/err"
	is "translated, one port: exit status" 0 $?
	not_told 'directly connected'
	on router nft delete table ip nat
}

# A process that has ended may wait for its parent: that is the first one of this namespace.
no_process() {
	! ps -eo stat=,comm= | grep -q '^[^Z].* lastack$'
}

half_open() {
	[ -n "$(on left ss -Htan state syn-recv '( sport = :7004 )')" ]
}

# What measures the path ends with the run, however that ends.
ended() {
	family=4
	address left
	for how in KILL TERM; do
		ip netns exec here "$lastack" run --target "$target" --port 7004 --service silent \
			second_segment.sent_again_with_doubling_intervals \
			>"$work/out" 2>"$work/err" &
		run=$!
		is "SIG$how: it runs" yes "$(soon half_open && echo yes)"
		kill "-$how" $run
		wait $run 2>/dev/null
		is "SIG$how: nothing is left" yes "$(soon no_process && echo yes)"
	done
}
