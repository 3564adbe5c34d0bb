#!/bin/sh
# settings.sh LASTACK AGENT SERVICES [quick|full] [NAME...]: an honest kernel with settings that are
# not the usual ones is judged in a lab, on a host with an agent, and by an open port alone. Prints
# a table of settings, ways and verdicts. What a setting takes away makes a claim about it skip, for
# a reason of the table's, and nothing fails that does not fail with the usual settings. A setting
# that this kernel has not is left out, and the table says so. quick: some settings and families.
set -u
if [ "${SETTINGS_INSIDE:-}" != yes ]; then
	SETTINGS_INSIDE=yes
	export SETTINGS_INSIDE
	map=
	[ "$(id -u)" = 0 ] || map=-Ur
	# shellcheck disable=SC2086 # nothing or one word
	exec unshare $map -n -m -p -f --mount-proc --kill-child sh "$0" "$@"
fi
lastack=$1
agent=$2
services=$3
tier=${4:-quick}
[ $# -lt 4 ] || shift
shift 3
here=$(cd "$(dirname "$0")" && pwd) || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
tried=0
at=10.9.0.2:7000
wanted="$*"

. "$here/../host/hosts.sh"

# What the quick tier runs: a few settings, fewer of them on a host, and families of claims that
# need what these settings take away, or something near to it.
quick_names='timestamps_off ecn_off ecn_asked sack_off scaling_off cookies_always rmem_small
	rmem_large wmem_small'
quick_hosts='timestamps_off ecn_asked cookies_always'
quick_cases='ecn_setup active_open passive_open checksum_sent.of_all_else cookie_options
	mss_received.options_count paws.newer_data_is_taken timestamps_offer time_wait_reuse
	window_scale_offer window_scale_in.of_a_syn_ack_is_not_scaled window_scale_out isn_kept
	delayed_ack.full_segments_in_a_row challenge_ack_answered urgent.long_sequence
	first_segment.second_syn_opens receive_window.is_taken_up_to_its_last_byte
	syn_received.without_ack_is_dropped reset.in_the_window_is_challenged'

# set_host HOST NAME=VALUE,...: the sysctls of its namespace; false: this kernel has them not.
set_host() {
	echo "$2" | tr ',' '\n' | while read -r one; do
		on "$1" sysctl -qw "$one" 2>/dev/null || exit 1
	done
}

# brief LINES: of each the case, its verdict and why.
brief() {
	printf '%s\n' "$1" | sed -n 's/^{"case":"\([^"]*\)","over":"\([^"]*\)",/\1 \2 /
		s/"verdict":"\([^"]*\)".*"message":"\(.*\)","evidence.*/\1: \2/p'
}

# count FILE PATTERN
count() {
	grep -c "$2" "$1"
}

# row WAY STATUS: a line of the table, from the JSON lines in $work/out, and what it must be.
row() {
	way=$1
	cases=$work/cases
	grep '^{"case"' "$work/out" >"$cases"
	surprises=$(grep '"expected":false' "$cases" | grep -v '"verdict":"inconclusive"')
	strange=$(grep '"verdict":"skip"' "$cases" | grep -vE "${usual:-nothing}" |
		grep -vE "${reasons:-nothing}")
	printf '%-18s %-9s' "$name" "$way"
	for verdict in pass deviation fail skip inconclusive error; do
		printf ' %6s' "$(count "$cases" "\"verdict\":\"$verdict\"")"
	done
	printf ' %10s %4s\n' "$(printf %s "$surprises" | grep -c .)" "$2"
	: >"$work/out"
	# A machine that is busy elsewhere makes a few cases inconclusive, and the exit status 4.
	unsure=$(count "$cases" '"verdict":"inconclusive"')
	[ "$unsure" -gt 0 ] && [ "$2" = 4 ] || is "$name $way: exit status" 0 "$2"
	is "$name $way: most are judged" yes \
		"$([ $((unsure * 20)) -le "$(count "$cases" .)" ] && echo yes)"
	is "$name $way: surprises" "" "$(brief "$surprises")"
	is "$name $way: skipped for another reason" "" "$(brief "$strange")"
}

in_lab() {
	usual=
	set --
	for one in $(echo "$sysctls" | sed 's/ /~/g; s/,/ /g'); do
		set -- "$@" --sysctl "$(echo "$one" | tr '~' ' ')"
	done
	# shellcheck disable=SC2086 # a word each
	"$lastack" run --quick --seed 7 --format json "$@" $cases_wanted >"$work/out" 2>"$work/err"
	row lab $?
}

# A host that has these settings already when the run begins.
by_agent() {
	mkfifo "$work/ready.$name"
	# shellcheck disable=SC2086 # "lastack agent" is two words
	ip netns exec near $agent --token "$work/token" --listen $at >"$work/ready.$name" \
		2>"$work/log" &
	pid=$!
	read -r _ <"$work/ready.$name"
	usual="needs|is not allowed here|takes hours|which a lab alone|fills the DUT"
	# shellcheck disable=SC2086
	on here "$lastack" run --quick --seed 7 --format json --profile linux -4 \
		--target 10.9.0.2 --agent $at --token "$work/token" $cases_wanted \
		>"$work/out" 2>"$work/err"
	row agent $?
	kill $pid
	wait $pid 2>/dev/null
}

by_port() {
	usual="needs|is not allowed here|takes hours|which a lab alone|fills the DUT"
	# shellcheck disable=SC2086
	on here "$lastack" run --quick --seed 7 --format json --profile linux -4 \
		--target 10.9.0.2 --port 7104 --closed-port 99 $cases_wanted \
		>"$work/out" 2>"$work/err"
	row "black box" $?
}

world() {
	mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
	for host in here near spare; do
		ip netns add "$host" && ip -n "$host" link set lo up || exit 2
	done
	wired here h0 near n0 10.9.0.1/24 10.9.0.2/24 fd00:9::1/64 fd00:9::2/64
	# Segments as TCP makes them: none is cut or merged on the way.
	ip -n near link set n0 gso_max_segs 1 && ip -n here link set h0 gso_max_segs 1 || exit 2
	(umask 077 && echo "a secret of this test" >"$work/token")
	on near sysctl -qa 2>/dev/null | grep '^net\.ipv4\.tcp_' >"$work/usual"
	mkfifo "$work/services"
	on near "$services" 7100 >"$work/services" &
	read -r _ <"$work/services" || exit 2
}

# on_host: a host that is set so, with an agent and without, and is set back.
on_host() {
	set_host near "$sysctls"
	by_agent
	by_port
	echo "$sysctls" | tr ',' '\n' | while IFS='=' read -r key _; do
		on near sysctl -qw "$(grep "^$key = " "$work/usual" | sed 's/ = /=/')"
	done
}

# setting WAY...: name, sysctls and reasons are set. The namespace "spare" says what there is.
setting() {
	if ! set_host spare "$sysctls"; then
		printf '%-18s this kernel has not: %s\n' "$name" "$sysctls"
		return
	fi
	for way_ in "$@"; do
		case $way_ in
		lab) in_lab ;;
		host)
			[ -n "$hosts" ] && ! echo "$hosts" | grep -qw "$name" || on_host
			;;
		esac
	done
}

# settings WAY...: the table's rows that are wanted.
settings() {
	while IFS=: read -r name sysctls reasons; do
		name=$(echo $name)
		case $name in '' | '#'*) continue ;; esac
		# shellcheck disable=SC2086 # a word each
		[ -z "$wanted" ] || echo $wanted | grep -qw "$name" || continue
		sysctls=$(echo $sysctls)
		reasons=$(echo $reasons)
		setting "$@" </dev/null
	done <"$here/table"
}

# Labs beside hosts: a lab is a world of its own.
both_at_once() {
	mkdir "$work/labs"
	(
		work=$work/labs
		settings lab
		echo "$tried $failed" >"$work/end"
	) >"$work/said" 2>&1 &
	labs=$!
	# It starts processes, too.
	settings host
	wait "$labs"
	cat "$work/said"
	read -r more bad <"$work/labs/end" && tried=$((tried + more)) && [ "$bad" = 0 ] || failed=1
}

cases_wanted=
hosts=
if [ "$tier" = quick ]; then
	cases_wanted=$quick_cases
	hosts=$quick_hosts
	wanted=${wanted:-$quick_names}
fi
world
printf '%-18s %-9s %6s %6s %6s %6s %6s %6s %10s %4s\n' setting way pass deviat fail skip inconc \
	error unexpected exit
if [ "$tier" = quick ]; then
	both_at_once
else
	settings lab host
fi
echo "$tried answers"
exit $failed
