#!/bin/sh
# What takes hours: the tests, or whole runs, many times over and beside a load. Each run's result
# is kept below build/soak/PART/N. A run that is done is not done again, and one that was killed
# starts again: call the same command once more to go on. Remove build/soak/PART to start afresh.
set -u
unset CDPATH
root=$(cd "$(dirname "$0")/.." && pwd -P) || exit 4

usage='usage: sh tests/soak.sh PART [COUNT]

  loaded    "bootstrap test" COUNT times (10), beside four busy loops and a second
            "bootstrap test" in a copy of this checkout
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

# The sources of this checkout, in a folder below build/ that keeps its own build.
copy() {
	mkdir -p "$1" || exit 4
	find "$1" -mindepth 1 -maxdepth 1 ! -name 'build*' -exec rm -rf {} + || exit 4
	tar -C "$root" -cf - --exclude='./build*' --exclude=./.git . | tar -C "$1" -xf - || exit 4
}

# tested TREE NAME: "bootstrap test" there; its log and results are $folder/NAME.log and NAME.xml.
tested() {
	rm -f "$1/build/bootstrap-tests.xml"
	sh "$1/harness/bootstrap" test >"$folder/$2.log" 2>&1
	result=$?
	cp "$1/build/bootstrap-tests.xml" "$folder/$2.xml" 2>/dev/null
	echo "$result" >"$folder/$2.status"
}

# The names of the tests of a result that did not pass, or why there is no result.
not_passed() {
	if [ -f "$folder/$1.xml" ]; then
		grep -E ' status="(fail|notrun|disabled)"' "$folder/$1.xml" |
			sed -n 's/.*<testcase name="\([^"]*\)".*/\1/p'
	else
		tail -n 1 "$folder/$1.log"
	fi
}

one_loaded() {
	copy "$root/build/soak/beside"
	busy_loops
	begin sh "$0" --tested "$root/build/soak/beside" beside "$folder"
	beside=$!
	begin sh "$0" --tested "$root" tests "$folder"
	wait $!
	wait "$beside"
	finish
	for which in tests beside; do
		[ "$(cat "$folder/$which.status")" = 0 ] ||
			not_passed $which | sed "s/\$/ ($which)/" >>"$folder/failed"
	done
}

one_runs() {
	# It builds what is to be run.
	sh "$root/harness/bootstrap" run --help >"$folder/log" 2>&1 &&
		begin env RUNS=1 "IDLE=$root/build/soak/runs/idle" \
			sh "$root/tests/bench/loaded_runs.sh" "$root/build/lastack" \
			>>"$folder/log" 2>&1 && wait $! && return
	{ grep '^> ' "$folder/log" || tail -n 1 "$folder/log"; } >"$folder/failed"
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
		($(NF - 2) > 0 || $NF != 0 && $NF != 4) { print $1, $2 }' >"$folder/failed"
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
	grep -E 'IS (NOT )?CAUGHT|without an agent$' "$folder/log" >"$folder/failed" ||
		tail -n 1 "$folder/log" >"$folder/failed"
}

# soak PART COUNT
soak() {
	green=0
	n=1
	while [ "$n" -le "$2" ]; do
		folder=$root/build/soak/$1/$n
		if [ ! -e "$folder/done" ]; then
			say "$1, run $n of $2"
			rm -rf "$folder"
			mkdir -p "$folder" || exit 4
			: >"$folder/failed"
			"one_$1"
			: >"$folder/done"
		fi
		[ -s "$folder/failed" ] || green=$((green + 1))
		n=$((n + 1))
	done
	say "$1: $green of $2 runs are green; their results are in $root/build/soak/$1"
	[ "$green" -ne "$2" ] || exit 0
	say "what failed, and how often:"
	n=1
	while [ "$n" -le "$2" ]; do
		cat "$root/build/soak/$1/$n/failed"
		n=$((n + 1))
	done | sort | uniq -c | sort -rn
	exit 1
}

case ${1:-} in
--tested) # for this script's own use
	folder=$4
	tested "$2" "$3"
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
