#!/bin/sh
# tests/soak.sh on a tree with a made-up bootstrap: what is done is not done again, what was killed
# is, and what failed is named.
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
# It notes its call, and fails, passes or hangs as the file "plan" of the first checkout says.
cat >"$work/harness/bootstrap" <<'FAKE'
here=$(cd "$(dirname "$0")/.." && pwd -P)
first=${here%/build/soak/beside}
mkdir -p "$here/build"
[ "$here" = "$first" ] || { echo "$here" >>"$first/beside"; exit 0; }
echo call >>"$first/calls"
case $(sed -n "$(wc -l <"$first/calls")p" "$first/plan") in
pass) exit 0 ;;
hang) exec sleep 1000 ;;
esac
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
calls() {
	[ "$(wc -l <"$work/calls")" = "$1" ] || wrong "$(wc -l <"$work/calls") calls, want $1"
}

for bad in '' nothing 'loaded 0' 'loaded x' 'loaded 1 2'; do
	# shellcheck disable=SC2086 # several words
	soak $bad
	[ "$status" = 3 ] || wrong "'$bad': status $status, want 3"
done

printf '%s\n' pass fail hang pass fail >"$work/plan"
: >"$work/calls"
soak loaded 1
[ "$status" = 0 ] || wrong "a green run: status $status"
calls 1
[ "$(wc -l <"$work/beside")" = 1 ] || wrong "no second test went on beside it"
soak loaded 2
[ "$status" = 1 ] || wrong "a failed run: status $status"
calls 2
says '1 of 2 runs are green'
says '1 live.bad (tests)'
grep -q 'a.good' "$work/out" && wrong "a test that passed is among those that failed"

# The third run is killed, and everything that it started goes with it.
sh "$work/tests/soak.sh" loaded 4 >"$work/out" 2>&1 &
pid=$!
n=0
until [ "$(wc -l <"$work/calls")" = 3 ]; do
	n=$((n + 1))
	[ "$n" -le 600 ] || { wrong "the third run does not start"; break; }
	sleep 0.05
done
loops=$(pgrep -P "$pid")
kill -TERM "$pid"
wait "$pid"
[ $? = 130 ] || wrong "a killed soak does not say so"
n=0
for loop in $loops; do
	while kill -0 "$loop" 2>/dev/null && [ "$n" -le 600 ]; do
		n=$((n + 1))
		sleep 0.05
	done
done
[ -n "$loops" ] && [ "$n" -le 600 ] || wrong "what it started is still running"
soak loaded 4
[ "$status" = 1 ] || wrong "going on: status $status"
calls 5
says '2 of 4 runs are green'
says '2 live.bad (tests)'
soak loaded 4
calls 5
exit "$failed"
