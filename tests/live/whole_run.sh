#!/bin/sh
# Every case, both families, on this machine's kernel: what the profile foresees, and nothing else.
set -eu
lastack=${1:?usage: whole_run.sh PATH-OF-LASTACK}
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

status=0
"$lastack" run --format json >"$lines" || status=$?

# Whatever was not foreseen is worth a look, also where the exit status forgives it.
grep '"expected":false' "$lines" && { echo "verdicts that nobody foresaw"; exit 1; }
[ "$status" -eq 0 ] || { echo "exit status $status"; tail -n 1 "$lines"; exit 1; }
cases=$(grep -c '^{"case"' "$lines")
# What takes hours is for kernels whose idle time is skipped.
listed=$("$lastack" list --format json | grep -v '"virtual time"' | grep -o '"ipv[46]"' | wc -l)
[ "$cases" -eq "$listed" ] || { echo "$cases verdicts of $listed"; exit 1; }
grep -q '"skip":0,"inconclusive":0' "$lines" || { echo "skipped or inconclusive cases"; exit 1; }
tail -n 1 "$lines"
