#!/bin/sh
# Two kernels side by side: the package's, and a copy of it under another name. Nothing differs,
# each has its evidence, and an interruption ends all with what is known.
set -eu
lastack=${1:?usage: kernels.sh PATH-OF-LASTACK}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
	echo "$1"
	cat "$folder/out" "$folder/err"
	exit 1
}
says() {
	grep -q -- "$1" "$folder/out" || fail "not told: $1"
}
# compare ARGUMENT...: its status in $status.
compare() {
	status=0
	"$lastack" run --kernels "uml,$folder/a copy" --seed 7 "$@" \
		>"$folder/out" 2>"$folder/err" || status=$?
}

cp /usr/bin/linux.uml "$folder/a copy" || fail "the package user-mode-linux is not installed"

compare passive_open --evidence "$folder/evidence"
[ "$status" -eq 0 ] || fail "status $status"
[ ! -s "$folder/err" ] || fail "something on stderr"
says '^\[1\] uml: [0-9.]* (user-mode Linux.*: 4 pass in '
says '^\[2\] .*/a copy: '
says '^No verdict differs in 4 cases$'
n=$(find "$folder/evidence" -path '*/passive_open.three_segments.ipv4/wire.pcap' | wc -l)
[ "$n" -eq 2 ] || fail "evidence of $n kernels"
[ -d "$folder/evidence/uml" ] || fail "no folder of its own"
[ "$(find "$folder/evidence" -mindepth 1 -maxdepth 1 | wc -l)" -eq 2 ] || fail "other files"

compare passive_open.three_segments -4 --format json
[ "$status" -eq 0 ] || fail "status $status"
says '^{"case":"passive_open.three_segments","over":"ipv4","verdicts":{"uml":"pass","'
says "/a copy\":\"pass\"},\"differs\":false}\$"
says '^{"summary":\[{"kernel":"uml",'
[ "$(wc -l <"$folder/out")" -eq 2 ] || fail "other lines"

# Nothing that is made for a run stays when there is none.
compare passive_open --sysctl net.ipv4.no_such=1 --evidence "$folder/none"
[ "$status" -eq 3 ] || fail "status $status"
[ ! -s "$folder/out" ] && [ "$(wc -l <"$folder/err")" -eq 1 ] || fail "not one line on stderr"
[ ! -e "$folder/none" ] || fail "a folder is left"

# begin KERNELS: a run in the background, of which the first kernel's has begun: it has evidence.
begin() {
	"$lastack" run --kernels "$1" --evidence "$folder/$2" >"$folder/out" 2>"$folder/err" &
	pid=$!
	i=0
	while [ -z "$(ls -A "$folder/$2/uml" 2>/dev/null)" ]; do
		i=$((i + 1))
		[ "$i" -le 3000 ] || fail "the run did not start"
		kill -0 "$pid" 2>/dev/null || fail "the run ended"
		sleep 0.02
	done
}
# ended STATUS
ended() {
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq "$1" ] || fail "status $status"
	# How long the machine takes to end some hundred processes is its own affair. A kernel that
	# nobody ended would go on for minutes.
	i=0
	while running; do
		i=$((i + 1))
		[ "$i" -le 600 ] || fail "a kernel is still running"
		sleep 0.05
	done
}
# Does a process run the copied kernel? By inode, not by name.
running() {
	for exe in /proc/[0-9]*/exe; do
		[ ! "$exe" -ef "$folder/a copy" ] || return 0
	done
	return 1
}

# This machine's own kernel waits for the others. SIGINT is ignored in a shell's background.
begin "uml,$folder/a copy,host" cut
kill -TERM "$pid"
ended 143
says '^\[3\] host: did not run: interrupted'
says '^A run was cut short'

# One run's process is lost, and the other goes on.
begin "uml,$folder/a copy" lost
child=$(sed 's/ .*//' "/proc/$pid/task/$pid/children")
[ -n "$child" ] || fail "no process of a run"
kill -KILL "$child"
kill -TERM "$pid"
ended 143
grep -q 'ended by signal 9' "$folder/err" || fail "a lost run is not told of"
# The evidence's folder is there before the run's first event.
says '^\[1\] uml: .*without a summary$\|^    .*summary$\|^\[1\] uml: the run did not begin$'

begin "uml,$folder/a copy" killed
kill -KILL "$pid"
ended 137
echo "two kernels, side by side"
