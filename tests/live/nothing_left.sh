#!/bin/sh
# kill -9 of lastack in the middle of a run leaves no process, no namespace, no rule and no file.
set -eu
lastack=${1:?usage: nothing_left.sh PATH-OF-LASTACK}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$lastack" "$folder/lastack"

# Processes that run this very file, by inode and not by name.
running() {
	for exe in /proc/[0-9]*/exe; do
		[ "$exe" -ef "$folder/lastack" ] && echo "$exe"
	done
	return 0
}
named() {
	ls /run/netns 2>/dev/null || true
}

before=$(named)
mkdir "$folder/work"
(cd "$folder/work" && exec "$folder/lastack" run loss) >"$folder/out" 2>&1 &
pid=$!
# Its cases are there when more than one process is.
i=0
while [ "$(running | wc -l)" -lt 10 ]; do
	i=$((i + 1))
	[ "$i" -le 500 ] || { echo "the run did not start"; cat "$folder/out"; exit 1; }
	sleep 0.02
done
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
i=0
while [ -n "$(running)" ]; do
	i=$((i + 1))
	[ "$i" -le 150 ] || { echo "still running:"; running; exit 1; }
	sleep 0.02
done
[ "$before" = "$(named)" ] || { echo "a namespace is left"; exit 1; }
[ -z "$(ls -A "$folder/work")" ] || { echo "files are left"; ls -A "$folder/work"; exit 1; }
echo "nothing is left"
