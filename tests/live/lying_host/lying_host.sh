#!/bin/sh
# lying_host.sh BUILD quick | full|table [RESULTS [MUTATION...]]: runs "lastack run --target"
# against a host that breaks one rule, for each mutation of tests/meta and of received.c, and prints
# which case catches it: without an agent ("port": a service that only discards, and a closed port)
# and with one ("agent"). A mutation of segments is applied by a forwarder between the host and the
# tester, one of replies by the agent's own server.
#
# Each run has namespaces of its own. Its results stay in RESULTS, and a run is not repeated if they
# are newer than the programs: the same command continues a table that was interrupted. JOBS runs
# go on at a time (1); WAYS are the ways ("port agent"). full: all mutations, or those that are
# named. quick: a few, each in few cases. table: print only.
#
# Each mutation must be caught in one way or the other, or the file "unseen" says why it cannot be;
# and without an agent nine in ten of those that change segments which such a host sends, if what is
# lawful for such a host is not counted. The exit status is 1 if not, 2 if a run could not be made.
set -u
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
build=$1
lastack=$build/lastack
spoil=$build/tests/live/lying_host/live_spoil
agent=$build/tests/live/lying_host/live_lying_agent
services=$build/tests/live/live_services
liars=$build/tests/meta/liars
tier=$2
ways=${WAYS:-port agent}
shift 2

# The namespaces of one run: "here" tests "near", and "wire" stands between them. The agent's own
# connection has a link of its own, where nothing is changed.
world() {
	mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
	for host in here wire near; do
		ip netns add "$host" && ip -n "$host" link set lo up || exit 2
	done
	on wire sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip link add name h0 netns here type veth peer name w0 netns wire || exit 2
	ip link add name n0 netns near type veth peer name w1 netns wire || exit 2
	ip -n here addr add 10.9.0.1/24 dev h0
	ip -n near addr add 10.9.0.2/24 dev n0
	for end in here:h0 wire:w0 wire:w1 near:n0; do
		ip -n "${end%:*}" link set "${end#*:}" up gso_max_segs 1 || exit 2
	done
	wired here c0 near c1 10.8.0.1/24 10.8.0.2/24 fd00:8::1/64 fd00:8::2/64
	mkfifo "$work/wire" "$work/services" "$work/agent"
	(umask 077 && echo "a secret of this test" >"$work/token")
}

# one MUTATION WAY CASES: a run. Its results are RESULTS/WAY/MUTATION.*; "status" comes last.
one() {
	. "$here/../host/hosts.sh"
	work=$(mktemp -d) || exit 2
	trap 'rm -rf "$work"' EXIT
	out=$results/$2/$1
	world
	frames=none # also for none.2
	kind=$("$spoil" --list | awk -v name="$1" '$1 == name { print $2 }')
	case $kind in sent | unasked | received) frames=$1 ;; esac
	on wire "$spoil" "$frames" "$work/frames" w0 w1 >"$work/wire" &
	read -r _ <"$work/wire" || exit 2
	if [ "$2" = port ]; then
		on near "$services" 7100 >"$work/services" &
		read -r _ <"$work/services" || exit 2
		set -- "$1" "$2" "$3" --port 7101 --service discard --closed-port 99
	else
		[ "$kind" != reply ] || export MUTATION="$1" COUNTER="$work/replies"
		on near "$agent" --token "$work/token" --listen 10.8.0.2:7000 >"$work/agent" &
		read -r _ <"$work/agent" || exit 2
		set -- "$1" "$2" "$3" --agent 10.8.0.2:7000 --token "$work/token"
	fi
	cases=$3
	shift 3
	# shellcheck disable=SC2086 # a word each
	on here timeout -s KILL 300 "$lastack" run --quick --seed 7 --profile none -4 \
		--retries 1 --target 10.9.0.2 "$@" --format json $cases >"$out.json" 2>"$out.err"
	status=$?
	counter=frames
	[ "$kind" != reply ] || counter=replies
	od -An -tu8 "$work/$counter" | tr -d ' ' >"$out.applied"
	echo $status >"$out.status"
}

# What the results say of one case, a line each: case, verdict, requirement.
verdicts() {
	sed -n 's/^{"case":"\([^"]*\)".*"verdict":"\([^"]*\)".*"requirements":\["\([^"]*\)".*/'\
'\1~\2~\3/p' "$1"
}

# judged MUTATION WAY: "caught", "excused", "unseen" or "no occasion", and by which case or why.
judged() {
	out=$results/$2/$1
	{
		for honest in "$results/$2/none.json" "$results/$2/none."[0-9]*.json; do
			[ ! -e "$honest" ] || verdicts "$honest" | sed 's/^/honest~/'
		done
		verdicts "$out.json" | sed 's/^/lying~/'
	} | awk -F '~' -v status="$(cat "$out.status")" -v applied="$(cat "$out.applied")" \
		-v why="$(sed -n '$p' "$out.err" | sed 's/^lastack: //' | tr '~' '-')" '
		function rank(verdict) {
			return index("pass deviation fail inconclusive", verdict)
		}
		# The worst of several honest runs.
		$1 == "honest" {
			if (rank($3) >= rank(honest[$2]))
				honest[$2] = $3
			next
		}
		{ judged++ }
		($3 == "fail" || $3 == "deviation") && rank($3) > rank(honest[$2]) {
			caught++
			if (rank($3) > best) {
				best = rank($3)
				by = $2 " (" $4 ", " $3 ")"
			}
		}
		$3 == "inconclusive" || $3 == "error" { unsure++ }
		END {
			if (!applied)
				print "no-occasion"
			else if (caught)
				print "caught", by (caught > 1 ? " and " caught - 1 " more" : "")
			else if (!judged)
				print "excused", why
			else if (status == 4 || unsure)
				print "excused", unsure + 0, "inconclusive"
			else
				print "unseen"
		}'
}

# What the quick tier runs: a mutation, a way, and cases that must catch it.
quick_runs='syn_ack_acks_nothing port passive_open.three_segments
syn_ack_seq_more port passive_open.three_segments
reserved_set port closed_port.ack_gets_rst
rst_ack_more port closed_port.without_ack_gets_rst_ack
echo_wrong port timestamps_offer.syn_ack_echoes_the_offer
rst_unheeded port reset.at_rcv_nxt_resets
fin_not_again port service_ends.fin_is_sent_again_with_doubling_intervals
unknown_options_refused port open_port_options
syn_ack_seq_more agent passive_open.three_segments
read_changed agent passive_open.third_segment_carries_data
syn_received_as_established agent passive_open.three_segments'

# Some of the cases that claim to catch a mutation in a lab, or some of all kinds.
claimed() {
	found=$("$liars" --claims | awk -v name="$1" '$1 == name { $1 = ""; print }' |
		cut -d ' ' -f -7)
	echo "${found:-closed_port listening handshake passive_open active_open passive_close
		active_close reset paws timestamps_offer ack_number outside_window early_data}"
}

# is_done MUTATION WAY: there are results, of these programs.
is_done() {
	[ "$results/$2/$1.status" -nt "$lastack" ] && [ "$results/$2/$1.status" -nt "$spoil" ]
}

# each MUTATION KIND: the runs that are still to be done. With an agent first those cases that
# should catch it, and all that are quick if they do not.
each() {
	for way in $ways; do
		[ "$2 $way" != "reply port" ] && ! is_done "$1" "$way" || continue
		if [ "$way" = port ]; then
			inside "$1" port ''
			continue
		fi
		inside "$1" agent "$(claimed "$1")"
		case $(judged "$1" agent) in
		caught*) ;;
		*) [ "$tier" != full ] || inside "$1" agent '' ;;
		esac
	done
	printf '%s\n' "$1" >&2
}

# inside MUTATION WAY CASES: one run, in namespaces that end with it.
inside() {
	map=
	[ "$(id -u)" = 0 ] || map=-Ur
	# shellcheck disable=SC2086 # nothing or one word
	unshare $map -n -m -p -f --mount-proc --kill-child \
		sh "$0" "$build" --one "$results" "$@" || exit 2
}

# line MUTATION KIND WAY: the line of one way, and the numbers that are added up.
line() {
	[ -e "$results/$3/$1.status" ] || return 0
	found=$(judged "$1" "$3")
	printf '%-34s %-8s %-5s %s\n' "$1" "$2" "$3" "$found"
	printf '%s %s %s %s\n' "$1" "$2" "$3" "${found%% *}" >>"$results/found"
}

# The table, its totals, and what is not as it should be.
table() {
	: >"$results/found"
	"$spoil" --list | while IFS='	' read -r name kind _; do
		[ "$kind" = reply ] || line "$name" "$kind" port
		line "$name" "$kind" agent
	done
	awk -v tier="$tier" '
	FILENAME ~ /unseen$/ {
		if ($0 !~ /^#/ && (at = index($0, ": ")))
			reason[substr($0, 1, at - 1)] = substr($0, at + 2)
		next
	}
	{ n[$3 " " $4]++; kinds[$1] = $2; what[$1 " " $3] = $4; names[++all_names] = $1 }
	END {
		for (i = 1; i <= all_names; i++) {
			name = names[i]
			if (name in done)
				continue
			done[name] = 1
			all++
			port = what[name " port"]
			caught = port == "caught" || what[name " agent"] == "caught"
			any += caught
			if (!caught && name in reason)
				printf "%s is not caught: %s\n", name, reason[name]
			if (!caught && !(name in reason)) {
				printf "%s IS NOT CAUGHT\n", name
				bad++
			}
			if (caught && name in reason) {
				printf "%s IS CAUGHT: \"unseen\" need not name it\n", name
				bad++
			}
			if (kinds[name] != "sent" || !port || port == "no-occasion")
				continue
			seen++
			named += port == "caught"
			lawful += port != "caught" && name " lawful" in reason
		}
		split("port agent", ways, " ")
		for (i = 1; i <= 2; i++)
			printf "%s: %d caught, %d excused, %d unseen, %d without occasion\n",
				ways[i], n[ways[i] " caught"], n[ways[i] " excused"],
				n[ways[i] " unseen"], n[ways[i] " no-occasion"]
		printf "%d of %d mutations are caught by name in one way or the other\n", any, all
		printf "%d of %d that change segments of the host are caught without an agent",
			named, seen
		printf ", %d others are lawful there\n", lawful
		exit bad > 0 || named * 10 < (seen - lawful) * 9
	}' "$here/unseen" "$results/found"
}

case $tier in
--one)
	results=$1
	one "$2" "$3" "$4"
	exit
	;;
--each)
	results=$1
	tier=$2
	each "$3" "$4"
	exit
	;;
esac
# The quick tier keeps nothing.
if [ "$tier" = quick ]; then
	results=$(mktemp -d) || exit 2
	trap 'rm -rf "$results"' EXIT
else
	results=${1:-$build/lying_host}
	[ $# = 0 ] || shift
fi
mkdir -p "$results/port" "$results/agent" || exit 2
results=$(cd "$results" && pwd -P) || exit 2
wanted=" ${*:-} "
case $tier in
full)
	for way in $ways; do
		# What an honest host is blamed for on a busy machine is no catch.
		for honest in none none.2 none.3; do
			is_done $honest "$way" || inside $honest "$way" ''
		done
	done
	"$spoil" --list | while IFS='	' read -r name kind _; do
		[ "$wanted" = "  " ] || case $wanted in *" $name "*) ;; *) continue ;; esac
		echo "$name $kind"
	done | xargs -r -L 1 -P "${JOBS:-1}" sh "$0" "$build" --each "$results" "$tier" || exit 2
	;;
quick)
	for way in port agent; do
		inside none "$way" "$(echo "$quick_runs" | sed -n "s/.* $way //p")"
	done
	echo "$quick_runs" | while read -r name way cases; do
		# On a busy machine a run may be inconclusive.
		for _ in 1 2 3; do
			inside "$name" "$way" "$cases" </dev/null || exit 2
			case $(judged "$name" "$way") in caught*) break ;; esac
		done
	done || exit 2
	;;
esac
table
