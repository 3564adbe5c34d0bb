#!/bin/sh
# Guest kernels, as a user sees them: a run there, two that are the same, and every way in which a
# guest can fail to come to its end.
set -u
lastack=${1:?usage: guest.sh PATH-OF-LASTACK}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0

wrong() {
	echo "$*"
	failed=1
}
# What it printed, and with which status it ended.
run() {
	timeout 200 "$lastack" run "$@" >out 2>err
	status=$?
}
expect() {
	[ "$status" -eq "$1" ] || {
		wrong "$2: exit $status, want $1"
		cat out err
	}
}
# One line on stderr that says it.
says() {
	grep -q "$1" err && [ "$(wc -l <err)" -eq 1 ] || {
		wrong "want one line with '$1', got:"
		cat err
	}
}
# All processes end soon; one that nobody ended would go on for minutes.
left_behind() {
	n=0
	# The kernels of this test know their init by this folder's name.
	while pgrep -f "$1" >/dev/null; do
		n=$((n + 1))
		[ "$n" -le 300 ] || {
			wrong "processes are left: $(pgrep -af "$1" | head -n 3)"
			return
		}
		sleep 0.1
	done
}
# alike FILE FILE: the same text, except that times may differ by a microsecond, the last digit
# shown: which it is rounded to depends on a step of the guest's clock, of 256 ns.
alike() {
	for of in "$1" "$2"; do
		grep -oE '[0-9]+[.][0-9]+|[^0-9]+|[0-9]+' "$of" >"$of.parts"
	done
	paste "$1.parts" "$2.parts" | awk -F '\t' '
		$1 == $2 { next }
		$1 !~ /^[0-9]+[.][0-9]+$/ || $2 !~ /^[0-9]+[.][0-9]+$/ { exit 1 }
		{ d = $1 - $2; if (d * d > 1.5e-6 * 1.5e-6) exit 1 }'
}

# A copy of the program, so that its guests are known by name.
cp "$lastack" "$(dirname "$lastack")/liblastack-clock.so" .
lastack=$folder/lastack

# Two minutes of timers. A second run with the same seed is the same, to the microsecond.
run --kernel uml --seed 5 --format json --evidence first first_segment
expect 0 "a run in a guest"
grep '"case"' out | sed 's/"evidence":.*//' | sort >first.json
run --kernel uml --seed 5 --format json --evidence second first_segment
expect 0 "the same run again"
grep '"case"' out | sed 's/"evidence":.*//' | sort >second.json
[ -s first.json ] || wrong "no verdict came out of the guest"
alike first.json second.json || wrong "two runs with one seed differ"
for ladder in first/*/ladder.txt; do
	# The numbers of the DUT's own choosing are random: its ports, its ISN, its timestamps. With
	# their length varies where a long line is broken, also behind a comma without a space.
	for of in first second; do
		tr -s ' |\n' ' ' <"$of/${ladder#first/}" |
			sed -E 's/([ ,](port|val|ecr|raw seq|raw ack)) [0-9]+/\1/g; s/, /,/g' \
				>"$of.txt"
	done
	alike first.txt second.txt || wrong "$ladder differs from one run to the other"
done
[ -s first/first_segment.default_to_the_end.ipv4/wire.pcap ] || wrong "no capture came out"
left_behind "$folder/lastack"

# What is refused, before anything starts.
run --kernel "$folder/nothing" handshake
expect 3 "no such kernel"
says "No such file"
run --kernel /bin/true handshake
expect 3 "no kernel"
says "no user-mode Linux"
run --kernel uml no_such_case
expect 3 "no such case"
run --kernel uml --sysctl net.ipv4.no_such=1 active_open
expect 3 "an unknown sysctl of the guest"
says "no_such"
run --kernel uml --evidence /proc/nowhere active_open
expect 3 "an evidence folder that cannot be"
says "/proc/nowhere"

# A kernel that says what it is, and then does not do its work.
cat >fake <<'FAKE'
#!/bin/sh
case $1 in
--showconfig)
	for option in UML NET_NS PACKET UNIX VETH; do echo "CONFIG_$option=y"; done
	exit ;;
--version)
	echo 9.9
	exit ;;
esac
. "${0%/*}/behaviour"
FAKE
chmod +x fake
echo 'echo "Kernel panic - not syncing: no reason"; exit 1' >behaviour
run --kernel ./fake --evidence panic active_open
expect 4 "a panic at boot"
says "Kernel panic - not syncing: no reason"
grep -q 'Kernel panic' panic/console.txt || wrong "the console is not in the evidence"
echo 'kill -9 $$' >behaviour
run --kernel ./fake active_open
expect 4 "a kernel that is killed"
says "signal 9"
echo 'echo "lastack guest ready" >&3; read -r order <&3; echo "{\"pass\":1}" >&3; exit 0' >behaviour
run --kernel ./fake active_open
expect 4 "a kernel that talks nonsense"
grep -q pass out && wrong "a pass that was not heard"
left_behind "$folder/fake"

# Ended from outside: within a second, with what is known by then, and nobody stays.
for signal in INT KILL; do
	# A shell's background is deaf to SIGINT, and so would be what runs there.
	env --default-signal=INT "$lastack" run --kernel uml loss >out 2>err &
	pid=$!
	# Until its kernel is there.
	tries=0
	until pgrep -P "$pid" >/dev/null || [ "$tries" -ge 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	kill -s "$signal" "$pid"
	wait "$pid"
	status=$?
	[ "$signal" = KILL ] || expect 130 "interrupted"
	left_behind "$folder/lastack"
done
# And a kernel that dies in the middle of its work.
"$lastack" run --kernel uml loss >out 2>err &
pid=$!
tries=0
until [ "$(pgrep -f -c "$folder/lastack.*con=null")" -gt 20 ] || [ "$tries" -ge 300 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
pkill -KILL -P "$pid"
wait "$pid"
status=$?
expect 4 "a kernel that is killed in the middle"
says "signal 9"
left_behind "$folder/lastack"

# An ordinary user's guest is as good as root's.
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$folder"
	setpriv --reuid=65534 --regid=65534 --clear-groups -- \
		"$lastack" run --kernel uml active_open >out 2>err
	status=$?
	expect 0 "an ordinary user's guest"
	grep -q '^4 pass' out || wrong "an ordinary user's guest did not pass"
fi
exit "$failed"
