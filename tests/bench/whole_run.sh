#!/bin/sh
# The whole run: wall time against its longest case, and the memory it takes at its peak.
#
#   sh tests/bench/whole_run.sh build/lastack [arguments of lastack run]
#
# Memory is what the machine has less of while the run goes on (MemAvailable), so that what the
# kernel holds for namespaces and capture rings is counted; run it on an otherwise idle machine.
set -eu
lastack=${1:?usage: whole_run.sh PATH-OF-LASTACK [ARGUMENTS]}
shift
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

available() {
	awk '/^MemAvailable:/ { print $2 }' /proc/meminfo
}

before=$(available)
least=$before
start=$(date +%s.%N)
"$lastack" run --format json "$@" >"$lines" &
pid=$!
while kill -0 "$pid" 2>/dev/null; do
	now=$(available)
	[ "$now" -ge "$least" ] || least=$now
	sleep 0.05
done
status=0
wait "$pid" || status=$?
end=$(date +%s.%N)

# A case's line ends its seconds with a comma; the summary's is the last line.
longest=$(sed -n 's/^{"case".*"seconds":\([0-9.]*\),.*/\1/p' "$lines" | sort -n | tail -n 1)
awk -v start="$start" -v end="$end" -v longest="$longest" -v kib="$((before - least))" 'BEGIN {
	printf "wall %.1f s, longest case %.1f s, difference %.1f s, peak memory %.0f MiB\n",
		end - start, longest, end - start - longest, kib / 1024
}'
tail -n 1 "$lines"
exit "$status"
