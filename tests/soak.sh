#!/bin/sh
# What takes hours: the tests, or whole runs, many times over and beside a load. Each run's result
# is kept below build/soak/PART/N. A run that is done is not done again, and one that was killed
# starts again: call the same command once more to go on. Remove build/soak/PART to start afresh,
# or build/soak/PART/N to make run N again.
set -u
unset CDPATH
root=$(cd "$(dirname "$0")/.." && pwd -P) || exit 4

usage='usage: sh tests/soak.sh PART [COUNT]

  loaded    "bootstrap test" COUNT times (10), beside four busy loops and two at a
            time, each of the two in a copy of this checkout
  runs      COUNT whole runs (20) beside four busy loops, by tests/bench/loaded_runs.sh
  bad_network
            COUNT runs (10) against an honest host behind each bad network of
            tests/live/bad_network, with another seed each, IPv4 and IPv6 in turn
  lying_host
            COUNT runs (1) against a host that breaks a rule, for each mutation of
            tests/meta, and the table of the cases that catch them; goes on in the
            middle of a run

Exit status: 0 every run was green; 1 one was not; 3 usage.'

say() {
	printf 'soak: %s\n' "$*"
}

# The processes of this script that have to be ended when it ends: process groups.
groups=
begin() {
	setsid "$@" &
	groups="$groups $!"
}
finish() {
	for group in $groups; do
		kill -s TERM -- "-$group" 2>/dev/null
		wait "$group" 2>/dev/null
	done
	groups=
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

busy_loops() {
	for i in 1 2 3 4; do
		begin sh -c 'while :; do :; done'
	done
}

# todo: is there a run that is not done and that nobody makes?
todo() {
	for n in $(seq "$count"); do
		[ -e "$root/build/soak/$part/$n" ] || return 0
	done
	return 1
}

# take: the next of these runs is the caller's, and its folder is $folder.
take() {
	for n in $(seq "$count"); do
		folder=$root/build/soak/$part/$n
		mkdir "$folder" 2>/dev/null || continue
		say "$part, run $n of $count"
		return 0
	done
	return 1
}

# The sources of this checkout, in a folder below build/ that keeps its own build.
copy() {
	mkdir -p "$1" || exit 4
	find "$1" -mindepth 1 -maxdepth 1 ! -name 'build*' -exec rm -rf {} + || exit 4
	tar -C "$root" -cf - --exclude='./build*' --exclude=./.git . | tar -C "$1" -xf - || exit 4
}

# tested TREE: "bootstrap test" there, with the sources of now; its output is the caller's.
tested() {
	copy "$1"
	rm -f "$1/build/bootstrap-tests.xml"
	sh "$1/harness/bootstrap" test
}

# The names of the tests that did not pass, or why there is no result.
not_passed() {
	if [ -f "$folder/tests.xml" ]; then
		grep -E ' status="(fail|notrun|disabled)"' "$folder/tests.xml" |
			sed -n 's/.*<testcase name="\([^"]*\)".*/\1/p'
	else
		tail -n 1 "$folder/log"
	fi
}

# lane TREE: one run after another. When no run is left, it goes on without counting, beside the
# other lane's last run, until soak() ends it.
lane() {
	while take; do
		git -C "$root" describe --always --dirty >"$folder/commit" 2>/dev/null
		tested "$1" >"$folder/log" 2>&1
		result=$?
		cp "$1/build/bootstrap-tests.xml" "$folder/tests.xml" 2>/dev/null
		if [ "$result" != 0 ]; then
			not_passed >"$folder/failed"
			[ -s "$folder/failed" ] || echo "status $result" >"$folder/failed"
		fi
		: >"$folder/done"
	done
	while :; do
		tested "$1" >"$1.log" 2>&1
	done &
}

all_loaded() {
	busy_loops
	lanes=
	for n in 1 2; do
		begin sh "$0" --lane "$root/build/soak/lane$n" "$count"
		lanes="$lanes $!"
	done
	for lane in $lanes; do
		wait "$lane"
	done
	finish
}

all_runs() {
	# It builds what is to be run.
	sh "$root/harness/bootstrap" run --help >"$root/build/soak/runs.log" 2>&1 || {
		tail -n 1 "$root/build/soak/runs.log"
		exit 4
	}
	while take; do
		begin env RUNS=1 "IDLE=$root/build/soak/runs/idle" \
			sh "$root/tests/bench/loaded_runs.sh" "$root/build/lastack" \
			>"$folder/log" 2>&1
		wait $! || { grep '^> ' "$folder/log" || tail -n 1 "$folder/log"; } \
			>"$folder/failed"
		: >"$folder/done"
	done
}

# A run in which a case fails that the profile does not name, or that ends before its cases do.
one_bad_network() {
	# It builds what is to be run.
	sh "$root/harness/bootstrap" test -R '^live[.]wire_form$' >"$folder/build.log" 2>&1 || {
		tail -n 1 "$folder/build.log" >"$folder/failed"
		return
	}
	begin env "SEED=$n" "FAMILY=$((4 + n % 2 * 2))" ctest --test-dir "$root/build" --verbose \
		-R '^soak[.]bad_network$' >"$folder/log" 2>&1
	wait $! && return
	sed -n 's/^[0-9]*: //p' "$folder/log" | awk '
		$NF ~ /^[0-9]+$/ && $(NF - 2) ~ /^[0-9]+$/ &&
		$NF != 0 && $NF != 4 { print $1, $2 }' >"$folder/failed"
	[ -s "$folder/failed" ] || tail -n 1 "$folder/log" >"$folder/failed"
}

# The results of the mutations that were run already are kept beside the folder of the run.
one_lying_host() {
	sh "$root/harness/bootstrap" test -R '^live[.]lying_host$' >"$folder/build.log" 2>&1 || {
		tail -n 1 "$folder/build.log" >"$folder/failed"
		return
	}
	begin sh "$root/tests/live/lying_host/lying_host.sh" "$root/build" full \
		"$root/build/soak/lying_host/results.$n" >"$folder/log" 2>&1
	wait $! && return
	grep -E 'IS (NOT )?CAUGHT|without an agent,' "$folder/log" >"$folder/failed" ||
		tail -n 1 "$folder/log" >"$folder/failed"
}

# The runs of a part that are not done, one after another.
one_by_one() {
	while take; do
		"one_$part"
		: >"$folder/done"
	done
}
all_bad_network() {
	one_by_one
}
all_lying_host() {
	one_by_one
}

# soak PART COUNT
soak() {
	part=$1
	count=$2
	results=$root/build/soak/$part
	mkdir -p "$results" || exit 4
	for n in $(seq "$count"); do
		[ -e "$results/$n/done" ] || rm -rf "${results:?}/$n"
	done
	! todo || "all_$part"
	bad=0
	for n in $(seq "$count"); do
		[ -e "$results/$n/done" ] || {
			mkdir -p "$results/$n"
			echo "no result" >"$results/$n/failed"
		}
		[ ! -s "$results/$n/failed" ] || bad=$((bad + 1))
	done
	say "$part: $((count - bad)) of $count runs are green; their results are in $results"
	[ "$bad" != 0 ] || exit 0
	say "what failed, and how often:"
	for n in $(seq "$count"); do
		cat "$results/$n/failed" 2>/dev/null
	done | sort | uniq -c | sort -rn
	exit 1
}

case ${1:-} in
--lane) # for this script's own use
	part=loaded
	count=$3
	lane "$2"
	exit
	;;
loaded | bad_network) count=${2:-10} ;;
runs) count=${2:-20} ;;
lying_host) count=${2:-1} ;;
-h | --help)
	echo "$usage"
	exit 0
	;;
*) count= ;;
esac
case $count in '' | *[!0-9]* | 0*) set -- ;; esac
[ $# = 1 ] || [ $# = 2 ] || {
	echo "$usage" >&2
	exit 3
}
soak "$1" "$count"
