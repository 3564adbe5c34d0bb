#!/bin/sh
# agent.sh LASTACK AGENT STRANGERS: a Linux host in a namespace, routed through a third, with AGENT
# (lastack-agent, or "lastack agent") there, judged by lastack run over both families as a lab is.
# Everything is in namespaces of its own and ends with the script.
set -u
if [ "${AGENT_INSIDE:-}" != yes ]; then
	AGENT_INSIDE=yes
	export AGENT_INSIDE
	map=
	[ "$(id -u)" = 0 ] || map=-Ur
	# shellcheck disable=SC2086 # nothing or one word
	exec unshare $map -n -m -p -f --mount-proc --kill-child sh "$0" "$@"
fi
lastack=$1
agent=$2
strangers=$3
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
tried=0
fin=net.ipv4.tcp_fin_timeout
at=10.7.0.2:7000
one=third_segment.data_completes_the_handshake
sets=fin_wait_2.orphan_ends_after_fin_timeout_of_3s # of 60
. "$(dirname "$0")/../host/hosts.sh"

world() {
	mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
	for host in here router far; do
		ip netns add "$host" && ip -n "$host" link set lo up || exit 2
	done
	wired here h0 router r0 10.8.0.1/24 10.8.0.254/24 fd00:8::1/64 fd00:8::fe/64
	wired router r1 far f0 10.7.0.254/24 10.7.0.2/24 fd00:7::fe/64 fd00:7::2/64
	on router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n here route add 10.7.0.0/24 via 10.8.0.254
	ip -n here route add fd00:7::/64 via fd00:8::fe
	ip -n far route add default via 10.7.0.254
	ip -n far route add default via fd00:7::fe
	(umask 077 && echo "a secret of this test" >"$work/token" &&
		echo "a secret of another one" >"$work/other")
	mkfifo "$work/ready"
}

# begin HOST OPTION...: an agent there; $pid is its process.
begin() {
	host=$1
	shift
	: >"$work/log"
	# shellcheck disable=SC2086 # "lastack agent" is two words
	ip netns exec "$host" $agent --token "$work/token" "$@" >"$work/ready" 2>>"$work/log" &
	pid=$!
	read -r listening <"$work/ready"
	is "where it listens" "listening on $at" "$listening"
}

# end WANT: SIGTERM, and its exit status.
end() {
	kill -TERM $pid
	wait $pid
	is "the agent's exit status" "$1" $?
}

# refuses WHAT PATTERN: the run's one line on stderr, and no verdict.
refuses() {
	says "$@"
	is "$1: no verdict" 0 "$(grep -cE '^(pass|fail|deviation)' "$work/out")"
}

fin_is() {
	[ "$(on far sysctl -n "$fin")" = "$1" ]
}

refused() {
	with="--agent $at --token $work/token"
	# shellcheck disable=SC2086 # a word each
	{
		judge 3 "no token" --target 10.7.0.2 --agent $at $one
		refuses "no token" '--token'
		judge 3 "a token for nobody" --target 10.7.0.2 --port 1 --token "$work/token" $one
		refuses "a token for nobody" '--agent'
		judge 3 "an agent for nobody" $with $one
		refuses "an agent for nobody" '--target'
		judge 3 "no address" --target 10.7.0.2 --agent far --token "$work/token" $one
		refuses "no address" "'far': want ADDR:PORT"
		judge 4 "no agent" --target 10.7.0.2 $with $one
		refuses "no agent" "the agent at $at: cannot connect: Connection refused"
		judge 4 "no token file" --target 10.7.0.2 --agent $at --token "$work/no" $one
		refuses "no token file" "$work/no: No such file"
		cp "$work/token" "$work/loose" && chmod 644 "$work/loose"
		judge 4 "a loose token" --target 10.7.0.2 --agent $at --token "$work/loose" $one
		refuses "a loose token" "$work/loose is open to others"
		on far $agent --listen $at --token "$work/loose" >"$work/out" 2>"$work/err"
		is "an agent with a loose token" 4 $?
		refuses "an agent with a loose token" "$work/loose is open to others"
		on far $agent --listen 10.7.0.3:1 --token "$work/token" >"$work/out" 2>"$work/err"
		is "an agent with another's address" 4 $?
		refuses "an agent with another's address" 'cannot listen on 10.7.0.3:1'
		on far $agent --listen $at --token "$work/token" --allow-sysctl net.no \
			>"$work/out" 2>"$work/err"
		is "an agent with no such sysctl" 4 $?
		refuses "an agent with no such sysctl" 'net.no'
		on far "$strangers" version $at "$work/token" >"$work/ready" &
		read -r _ <"$work/ready"
		judge 4 "another version" --target 10.7.0.2 $with $one
		refuses "another version" 'it speaks version 3'
		wait $!
	}
}

# verdicts PATTERN: of the lines that match, what was judged: case, family and verdict.
verdicts() {
	grep -- "$1" | sed -n \
		's/^{"case":"\([^"]*\)","over":"\([^"]*\)","verdict":"\([^"]*\)".*/\1 \2 \3/p' |
		grep -vE ' (inconclusive|skip)$'
}

# The same verdicts as a lab's, over both families.
same() {
	some="handshake half_gone reset urgent icmp_error"
	# shellcheck disable=SC2086 # a word each
	{
		"$lastack" run --quick --seed 7 --format json $some >"$work/lab" 2>"$work/err"
		for target in 10.7.0.2 fd00:7::2; do
			on here "$lastack" run --quick --seed 7 --format json --target $target \
				--agent $at --token "$work/token" $some 2>"$work/err"
		done >"$work/out"
	}
	# Where this machine is disturbed, a verdict of the lab's own may be none to compare with.
	verdicts '"expected":true' <"$work/lab" >"$work/lab.list"
	verdicts . <"$work/out" >"$work/out.list"
	judged=$(wc -l <"$work/out.list")
	is "verdicts of more than 200 cases: $judged" yes "$([ "$judged" -gt 200 ] && echo yes)"
	awk 'NR == FNR { lab[$1, $2] = $3; next }
		($1, $2) in lab && lab[$1, $2] != $3 { print $1, $2, lab[$1, $2], "not", $3 }' \
		"$work/lab.list" "$work/out.list" >"$work/differ"
	is "as in the lab" "" "$(cat "$work/differ")"
	echo "$judged verdicts as in a lab"
}

# A run that has set a sysctl, and goes on; $run is its process.
start_setting() {
	ip netns exec here "$lastack" run --target 10.7.0.2 --agent $at --token "$work/token" \
		$sets >"$work/out" 2>"$work/err" &
	run=$!
	is "a sysctl is set" yes "$(soon fin_is 3 && echo yes)"
}

# Sysctls are put back when a run ends in any way, and when the agent does.
put_back() {
	before=$(on far sysctl -n "$fin")
	begin far --listen $at --allow-sysctl $fin
	for target in 10.7.0.2 fd00:7::2; do
		judge 0 "a sysctl" --target $target --agent $at --token "$work/token" $sets
		is "a sysctl is put back" "$before" "$(on far sysctl -n "$fin")"
	done
	for how in INT TERM KILL; do
		start_setting
		kill "-$how" $run
		wait $run 2>/dev/null
		is "SIG$how: a sysctl is put back" yes "$(soon fin_is "$before" && echo yes)"
	done
	start_setting
	end 0
	is "SIGTERM for the agent: a sysctl is put back" "$before" "$(on far sysctl -n "$fin")"
	wait $run
	is "an agent that ends: the run" 4 $?
	is "an agent that ends: no verdict" 0 "$(grep -cE '^(pass|fail|deviation)' "$work/out")"
	is "an agent that ends: why" 1 "$(grep -c 'message .*the agent at 10' "$work/out")"
	judge 4 "no agent any more" --target 10.7.0.2 --agent $at --token "$work/token" $one
}

listens() {
	on far ss -Hltn "sport = :7000" | grep -q LISTEN
}

# Closed streams, and a log that nobody reads, end no agent: a stranger's line in the log would.
streams() {
	before=$(on far sysctl -n "$fin")
	for how in '<&-' '2>&-' '<&- >&- 2>&-' '2>&7'; do
		# What is at 7 has lost its reader.
		mkfifo "$work/gone"
		# shellcheck disable=SC2094 # the same FIFO, both ends
		exec 6<>"$work/gone" 7>"$work/gone" 6<&-
		rm "$work/gone"
		# shellcheck disable=SC2086 # "lastack agent" is two words
		eval 'ip netns exec far $agent --token "$work/token" --listen $at --allow-sysctl \
			$fin >"$work/said" '"$how"' &'
		pid=$!
		exec 7>&-
		is "$how: it listens" yes "$(soon listens && echo yes)"
		start_setting
		judge 4 "$how: another token" --target 10.7.0.2 --agent $at \
			--token "$work/other" $one
		says "$how: another token" 'the tokens differ'
		is "$how: the sysctl is still set" 3 "$(on far sysctl -n "$fin")"
		kill -INT $run
		wait $run 2>/dev/null
		is "$how: a sysctl is put back" yes "$(soon fin_is "$before" && echo yes)"
		kill -0 $pid || is "$how: the agent" goes-on ended
		kill -TERM $pid
		wait $pid
	done
}

world
: >"$work/log"
refused
begin far --listen $at
judge 4 "another token" --target 10.7.0.2 --agent $at --token "$work/other" $one
says "another token" 'the tokens differ'
is "another token is logged" 1 "$(grep -c 'refused.*its token is a different one' "$work/log")"
judge 4 "another host's agent" --target 10.8.0.254 --agent $at --token "$work/token" $one
says "another host's agent" 'its host has no address 10.8.0.254'
judge 0 "no leave for sysctls" --target 10.7.0.2 --agent $at --token "$work/token" $one $sets
is "no leave for sysctls" 1 "$(grep -c " 1  needs the DUT's sysctls" "$work/out")"
on here "$strangers" $at "$work/token" || is "strangers" 0 $?
same
for target in 10.7.0.2 fd00:7::2; do
	on here "$lastack" run --target $target --agent $at --token "$work/token" --quick \
		passive_open third_segment >"$work/out.$target" 2>&1 &
done
wait $! || is "one of two at once" 0 $?
end 0
put_back
streams
echo "$tried answers"
exit $failed
