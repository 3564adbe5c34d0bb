#!/bin/sh
# Runs under load: RUNS whole runs (20) in a row with four busy loops beside them, and every verdict
# that an idle run before them did not give.
#
# IDLE=FILE keeps the verdicts of the idle run there, and takes them from there if they are kept.
#
#   RUNS=20 sh tests/bench/loaded_runs.sh build/lastack [arguments of lastack run]
set -eu
lastack=${1:?usage: loaded_runs.sh PATH-OF-LASTACK [ARGUMENTS]}
shift
folder=$(mktemp -d)
loops=
cleanup() {
	for pid in $loops; do
		kill "$pid" 2>/dev/null || true
	done
	rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Case, family and verdict of every line, sorted.
verdicts() {
	sed -n 's/^{"case":"\([^"]*\)","over":"\([^"]*\)","verdict":"\([^"]*\)".*/\1 \2 \3/p' "$1" |
		sort
}

one_run() {
	"$lastack" run --format json "$@" >"$folder/lines" || true
	tail -n 1 "$folder/lines" >&2
	verdicts "$folder/lines"
}

if [ -s "${IDLE:-}" ]; then
	cp "$IDLE" "$folder/idle"
else
	one_run "$@" >"$folder/idle"
	[ -z "${IDLE:-}" ] || cp "$folder/idle" "$IDLE"
fi
[ -s "$folder/idle" ] || { echo "the idle run gave no verdict" >&2; exit 4; }
for i in 1 2 3 4; do
	sh -c 'while :; do :; done' &
	loops="$loops $!"
done
differences=0
run=1
while [ "$run" -le "${RUNS:-20}" ]; do
	one_run "$@" >"$folder/loaded"
	if ! diff "$folder/idle" "$folder/loaded" >"$folder/diff"; then
		echo "run $run differs (< idle, > loaded):"
		grep '^[<>]' "$folder/diff"
		# What it says, and its ladder, are in its line.
		sed -n 's/^> \([^ ]*\) \([^ ]*\) .*/{"case":"\1","over":"\2",/p' "$folder/diff" |
			grep -F -f - "$folder/lines" || true
		differences=$((differences + 1))
	fi
	run=$((run + 1))
done
echo "$((run - 1)) loaded runs of $(wc -l <"$folder/idle") verdicts, $differences of them differ"
[ "$differences" -eq 0 ]
