#!/bin/sh
# tests/soak.sh on a tree with a made-up bootstrap: each run has another one beside it, what is done
# is not done again, what was killed is, and what failed is named.
set -u
root=${1:?usage: soak.sh ROOT WORK}
work=${2:?usage: soak.sh ROOT WORK}
failed=0

wrong() {
	echo "$*"
	cat "$work/out"
	failed=1
}

rm -rf "$work"
mkdir -p "$work/harness" "$work/tests/bench" || exit 1
cp "$root/tests/soak.sh" "$work/tests" || exit 1
# It notes the number of its run, told from where its output goes, waits until something runs beside
# it, and ends as plan/NUMBER says. One that does not count, or shall hang, goes on until it is
# killed.
cat >"$work/harness/bootstrap" <<'FAKE'
here=$(cd "$(dirname "$0")/.." && pwd -P)
first=${here%/build/soak/lane*}
[ "$here" != "$first" ] || { echo "not in a copy"; exit 1; }
mkdir -p "$here/build"
run=$(readlink "/proc/$$/fd/1" | sed -n 's,.*/loaded/\(.*\)/log$,\1,p')
echo "$$ $run" >>"$first/calls"
plan=$(cat "$first/plan/$run")
[ "$plan" ] && [ "$plan" != hang ] || exec sleep 1000
n=0
until cut -d ' ' -f 1 "$first/calls" | grep -vx "$$" | xargs -r ps -o pid= -p | grep -q .; do
	n=$((n + 1))
	[ "$n" -le 600 ] || { echo "alone"; exit 1; }
	sleep 0.05
done
[ "$plan" = fail ] || exit 0
cat >"$here/build/bootstrap-tests.xml" <<'XML'
	<testcase name="a.good" classname="a.good" time="0.1" status="run">
	<testcase name="live.bad" classname="live.bad" time="0.1" status="fail">
XML
exit 1
FAKE
soak() {
	sh "$work/tests/soak.sh" "$@" >"$work/out" 2>&1
	status=$?
}
says() {
	grep -q -e "$1" "$work/out" || wrong "not told: $1"
}
# made RUN TIMES: so often was this run begun.
made() {
	is=$(cut -d ' ' -f 2 "$work/calls" | grep -cx "$1")
	[ "$is" = "$2" ] || wrong "run $1 was made $is times, want $2"
}
# until_gone PID...: nothing of them is left.
until_gone() {
	n=0
	for pid; do
		while kill -0 "$pid" 2>/dev/null && [ "$n" -le 600 ]; do
			n=$((n + 1))
			sleep 0.05
		done
	done
	[ "$#" != 0 ] && [ "$n" -le 600 ] || wrong "what it started is still running"
}

for bad in '' nothing 'loaded 0' 'loaded x' 'loaded 1 2'; do
	# shellcheck disable=SC2086 # several words
	soak $bad
	[ "$status" = 3 ] || wrong "'$bad': status $status, want 3"
done

mkdir "$work/plan"
for run in 1:pass 2:fail 3:hang 4:pass 5:pass; do
	echo "${run#*:}" >"$work/plan/${run%:*}"
done
: >"$work/calls"
# Beside the only run goes one that does not count, and it ends with it.
soak loaded 1
[ "$status" = 0 ] || wrong "a green run: status $status"
made 1 1
# The lane of the only run may have begun another such one before it was ended.
grep -q '^[0-9]* $' "$work/calls" || wrong "nothing ran beside the only run"
# shellcheck disable=SC2046 # one word a process
until_gone $(cut -d ' ' -f 1 "$work/calls")

soak loaded 2
[ "$status" = 1 ] || wrong "a failed run: status $status"
made 1 1
made 2 1
says '1 of 2 runs are green'
says '1 live.bad$'
grep -q 'a.good' "$work/out" && wrong "a test that passed is among those that failed"

# The third run is killed, and everything that it started goes with it.
sh "$work/tests/soak.sh" loaded 5 >"$work/out" 2>&1 &
pid=$!
n=0
until [ -e "$work/build/soak/loaded/4/done" ] && [ -e "$work/build/soak/loaded/5/done" ]; do
	n=$((n + 1))
	[ "$n" -le 600 ] || { wrong "the other lane does not go on"; break; }
	sleep 0.05
done
started=$(pgrep -P "$pid")
kill -TERM "$pid"
wait "$pid"
[ $? = 130 ] || wrong "a killed soak does not say so"
# shellcheck disable=SC2046,SC2086 # one word a process
until_gone $started $(cut -d ' ' -f 1 "$work/calls")
[ -n "$started" ] || wrong "nothing was started"
made 3 1
echo fail >"$work/plan/3"
soak loaded 5
[ "$status" = 1 ] || wrong "going on: status $status"
says '3 of 5 runs are green'
says '2 live.bad$'
made 3 2
made 4 1
made 5 1
# All is done: nothing is begun.
before=$(wc -l <"$work/calls")
soak loaded 5
[ "$(wc -l <"$work/calls")" = "$before" ] || wrong "what is done is made again"
# A result that is taken away is made again.
rm -r "$work/build/soak/loaded/2"
echo pass >"$work/plan/2"
soak loaded 5
made 2 2
says '4 of 5 runs are green'
# Each part that the usage names can run.
soak --help
for part in $(sed -n 's/^  \([a-z_]\{1,\}\).*/\1/p' "$work/out"); do
	grep -q "^all_$part() {" "$work/tests/soak.sh" || wrong "nothing runs the part $part"
done
exit "$failed"
