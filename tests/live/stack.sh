#!/bin/sh
# Another stack is started and judged: every case that needs no agent, and what its profile
# foresees; without the profile what it breaks comes out as failures.
# stack.sh PATH-OF-LASTACK STACK FAILURE...: cases that must fail, each over both families.
set -eu
lastack=${1:?usage: stack.sh PATH-OF-LASTACK STACK FAILURE...}
stack=${2:?usage: stack.sh PATH-OF-LASTACK STACK FAILURE...}
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
	echo "$1"
	cat "$folder/err"
	tail -n 1 "$folder/out"
	exit 1
}

status=0
"$lastack" run --stack "$stack" --format json >"$folder/out" 2>"$folder/err" || status=$?
grep '"expected":false' "$folder/out" && fail "verdicts that nobody foresaw"
[ "$status" -eq 0 ] || fail "exit status $status"
grep -q '"inconclusive":0,"fail":[1-9][0-9]*,"error":0' "$folder/out" || fail "not all is judged"
passed=$(grep -c '"verdict":"pass"' "$folder/out") || fail "nothing passed"
[ "$passed" -ge 200 ] || fail "$passed passed"
cat "$folder/err"
tail -n 1 "$folder/out"

status=0
"$lastack" run --stack "$stack" --profile none --format json "$@" >"$folder/out" \
	2>"$folder/err" || status=$?
[ "$status" -eq 1 ] || fail "exit status $status with --profile none"
for name in "$@"; do
	for over in ipv4 ipv6; do
		grep "\"case\":\"$name\",\"over\":\"$over\"" "$folder/out" |
			grep -q '"verdict":"fail","expected":false' || fail "$name over $over"
	done
done

# Nothing goes on when it is killed, the stacks neither: by their files, and not those before it.
mkdir "$folder/copy"
cp "$lastack" "$(dirname "$lastack")/lastack-lwip" "$folder/copy"
running() {
	for exe in /proc/[0-9]*/exe; do
		for file in "$folder"/copy/* /usr/bin/slirp4netns; do
			[ "$exe" -ef "$file" ] && echo "$exe"
		done
	done
	return 0
}
running >"$folder/before"
since() {
	running | grep -vxF -f "$folder/before" || true
}
"$folder/copy/lastack" run --stack "$stack" loss >"$folder/out" 2>"$folder/err" &
pid=$!
i=0
while [ "$(since | wc -l)" -lt 20 ]; do
	i=$((i + 1))
	[ "$i" -le 500 ] || fail "the run did not start"
	sleep 0.02
done
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
i=0
while [ -n "$(since)" ]; do
	i=$((i + 1))
	[ "$i" -le 150 ] || fail "still running: $(since)"
	sleep 0.02
done
