#!/bin/sh
# replies.sh LASTACK ODD-TARGET SERVICES: what lastack probe makes of answers: a kernel's, and those
# of a host that answers oddly, late, twice, to another, or not at all. Everything is in namespaces
# of its own and ends with the script.
set -u
if [ "${PROBE_INSIDE:-}" != yes ]; then
	PROBE_INSIDE=yes
	export PROBE_INSIDE
	map=
	[ "$(id -u)" = 0 ] || map=-Ur
	# shellcheck disable=SC2086 # nothing or one word
	exec unshare $map -n -m -p -f --mount-proc --kill-child sh "$0" "$@"
fi
lastack=$1
odd_target=$2
services=$3
. "$(dirname "$0")/far.sh"

world() {
	far
	for address in 10.9.0.9 fd00:9::9; do
		mkfifo "$work/$address"
		ip netns exec far "$odd_target" f0 $address >"$work/$address" &
		read -r _ <"$work/$address" || exit 2
	done
	far_services "$services"
}

# To a host, from this machine's own address.
from='--source own'

# A reply's number is its probe's: by the probe's number, its sequence number and the reply's
# acknowledgement.
matched() {
	awk -v want="$1" '
	function field(name) {
		if (!match($0, "\"" name "\":[0-9]+"))
			return ""
		return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
	}
	/"event":"sent"/ {
		seq[field("probe")] = field("seq")
		port[field("probe")] = field("source_port")
	}
	/"event":"reply"/ {
		replies++
		if (field("ack") + 0 != (seq[field("probe")] + 1) % 4294967296 ||
		    field("dest_port") != port[field("probe")])
			wrong++
	}
	END {
		if (replies == want && !wrong)
			exit 0
		printf "%d replies, %d of another probe\n", replies, wrong
		exit 1
	}' "$work/out" && return
	echo "probe $what"
	failed=1
}

odd() {
	probe 0 "$1:9001"
	says 1 ' open; rtt .*, matched by its acknowledgement$'
	probe 2 -W 50ms "$1:9002"
	says 1 'malformed, TCP segment below 20 bytes'
	says 1 'nothing that can be read within 50 ms'
	probe 2 -W 50ms "$1:9003"
	says 1 "malformed, .*length past the frame's end"
	probe 1 "$1:9004"
	says 1 "malformed: TCP data offset past the segment's end"
	probe 1 "$1:9005"
	says 1 'malformed: TCP data offset below 5'
	probe 0 "$1:9006"
	says 1 'open, with malformed options;'
	probe 1 "$1:9007"
	says 1 'not to be believed: its checksum is wrong'
	# The second comes at once, or when its sender is let go on.
	[ "$2" = 6 ] || { probe 0 --listen 600ms "$1:9008" && says 1 'a duplicate: open'; }
	probe 0 --listen 600ms "$1:9009"
	says 1 'sent again: open; 4[0-9][0-9]\..* after the one before'
	says 1 '1 sent, 1 answered, 1 sent again'
	probe 2 -W 50ms "$1:9010"
	says 1 'filtered, or lost: no answer within 50 ms'
	says 1 '1 sent, 0 answered, 100 % lost'
	probe 0 "$1:9011"
	says 1 'open, but acknowledges +1001, and +1 is right; .* matched by its ports$'
	probe 0 "$1:9012"
	says 1 'closed: RST without the ACK that is due'
	probe 0 "$1:9013"
	says 1 'challenge ACK; .* matched by its ports'
	probe 0 -c 8 -i 1ms --json "$1:9014"
	matched 8
	probe 1 "$1:9015"
	says 1 'lost: ICMP.*; .* matched by its quoted header$'
	probe 1 --play 'S; < SA within 50ms' "$1:9015"
	says 1 'ICMP.* exceeded'
	says 1 'no segment arrived; .*; an ICMP error came instead'
	probe 0 --play 'S; < icmp within 500ms' "$1:9015"
	says 1 'as expected: 2 steps'
	case $1 in *]) time_exceeded=3/0 ;; *) time_exceeded=11/0 ;; esac
	probe 0 --play "S; < icmp $time_exceeded; < silence 50ms" "$1:9015"
	probe 1 --play 'S; < icmp 1/4' "$1:9015"
	says 1 'another ICMP error came; expected an ICMP error, type 1, code 4 within'
	probe 2 --play "S; < icmp; < icmp within 50ms" "$1:9015"
	says 1 'no ICMP error arrived; expected an ICMP error within 50'
	probe 1 --play 'S; < icmp' "$1:9012"
	says 1 'a segment came; expected an ICMP error'
	probe 0 --expect "icmp $time_exceeded" "$1:9015"
	probe 1 --expect 'icmp 1/4' "$1:9015"
	probe 1 --expect icmp "$1:9012"
	probe 2 --play 'S; < SA within 50ms' "$1:9016"
	# What is heard is kept, and so is bounded: it is told until there.
	probe 4 --play 'S; wait 60s' "$1:9018"
	[ "$(grep -c 'ack 1, win 100, length 0$' "$work/out")" -gt 100 ] || {
		echo "$what: what was heard is not told"
		failed=1
	}
	grep -Eq 'the limit of 10000 segments|the capture dropped' "$work/err" || {
		echo "$what: $(cat "$work/err")"
		failed=1
	}
	probe 0 --play 'S; < SA; < RA ack +1' "$1:9019"
	says 1 'R\. .*seq 0 (absolute), ack 1'
	probe 1 --play 'S; < A ack +1' "$1:9012"
	says 1 'want ack 1, got none'
	probe 2 -W 50ms "$1:9016"
	says 1 '1 sent, 0 answered, 1 no answer to a probe'
	probe 2 -v -W 50ms "$1:9017"
	says 1 ' (no answer to a probe)$'
}

kernel() {
	probe 0 "$1:80"
	says 1 'closed: RST with the right numbers; rtt .* matched by its acknowledgement$'
	probe 0 -A "$1:80"
	says 1 'no connection: RST with the right numbers; rtt .* matched by its reset$'
	probe 0 --expect 'RA ack +1 within 500ms' "$1:80"
	says 1 ', as expected$'
	probe 1 --expect SA "$1:80"
	says 1 ', not as expected: want S., got R.'
	probe 0 -R --expect 'silence 50ms' "$1:80"
	probe 1 --expect 'silence 50ms' "$1:80"
	probe 1 --play 'S; < SA' "$1:80"
	says 1 'not as expected: want S., got R.'
	probe 2 --play 'R; < R within 50ms' "$1:80"
	says 1 'no segment arrived'
	probe 0 -c 1000 -i 1ms --json "$1:80"
	matched 1000
	# A web server, which closes by itself, maybe before we do.
	probe 0 "$1:7003" --play \
		'S; < SA; A; data "GET / HTTP/1.0\r\n\r\n"; < A; < data within 2s; F; < FA|A; A'
	says 1 'as expected: 9 steps'
	probe 0 "$1:7002" --handshake -A --expect 'data within 2s'
	printf 'S; < SA # answered\nA; data "abc"\n< A\n< data len 3 within 2s\n' >"$work/steps"
	probe 0 "$1:7000" --play "@$work/steps"
	says 1 'as expected: 6 steps'
	probe 1 "$1:7001" --play 'S; < SA; A; data "abc"; < data within 50ms'
	says 1 ' !! '
	probe 2 "$1:7001" --play 'S; < SA; A; data "abc"; < A; < data within 50ms'
	says 1 'no segment arrived; expected . length 1'
	# Whatever the end was, nothing is left open there, unless that was said.
	[ "$(opened "$2")" = 0 ] || { echo "left open by $what"; failed=1; }
	probe 0 "$1:7001" --leave --handshake -A --data x --seq +1
	[ "$(opened "$2")" = 1 ] || { echo 'closed in spite of --leave'; failed=1; }
}

# How many connections from this address the host has; what both sides closed is in TIME-WAIT.
opened() {
	ip netns exec far ss -Htan state connected exclude time-wait | grep -cF "$1]"
}

# Addresses of nobody: the one that is given, one that somebody has, and any.
phantoms() {
	from=
	probe 0 --source "$1" "$4"
	says 2 "$1"
	probe 4 --source "$2" "$4"
	grep -q "somebody on 'n0' has the address $2 already" "$work/err" || {
		echo "probe --source $2: $(cat "$work/err")"
		failed=1
	}
	for i in 1 2 3; do
		probe 0 -q "$4"
	done
	probe 0 -s 3333 "$4"
	says 1 "$3.*3333 > "
	from='--source own'
}

# The lab's own kernel, which listens.
lab() {
	from=
	for over in -4 -6; do
		probe 0 --lab 80 $over
		says 1 ' open; rtt .* matched by its acknowledgement$'
		probe 0 --lab 80 $over :81
		says 1 'closed: RST with the right numbers'
		probe 0 --lab 80 $over --json -c 1000 -i 0
		matched 1000
		probe 0 --lab 80 $over -S --listen 3500ms
		says 1 'sent again: open; 1\.0[0-9]* s after'
		says 1 'sent again: open; 2\.[0-9]* s after'
		probe 0 --lab 80 $over --handshake --data hello --expect 'A ack +6'
		probe 0 --lab 80 $over --handshake --seq +1000 --data x --expect 'A ack +1'
		says 1 'duplicate ACK: what comes before is missing; .* matched by its connection'
		probe 0 --lab 80 $over \
			--play 'S; < SA; A; data "hi"; < A ack +3; F; < FA|A; < silence 100ms'
		says 1 'as expected: 8 steps'
		probe 0 --lab 80 $over --play 'repeat 3 { S; < SA within 1s; R }'
	done
	probe 0 --lab 80 --seed 5 --json
	first=$(grep -o '"source_port":[0-9]*,"dest_port":80,"flags":"S","seq":[0-9]*' "$work/out")
	probe 0 --lab 80 --seed 5 --json
	says 1 "$first"
}

# The times that are told are those of the capture that is kept, and of another one beside it.
round_trips() {
	rm -f "$work/other.pcap"
	tshark -n -Q -i n0 -f 'port 80' -w "$work/other.pcap" 2>"$work/tshark" &
	tshark=$!
	n=0
	until [ -s "$work/other.pcap" ]; do
		n=$((n + 1))
		[ $n -lt 400 ] || { echo "tshark does not start"; cat "$work/tshark"; exit 2; }
		sleep 0.05
	done
	probe 0 -c "$2" -i 5ms --json -w "$work/own.pcap" 10.9.0.2:80
	cp "$work/out" "$work/told"
	n=0
	until [ "$(count_of "$work/other.pcap")" -ge $((2 * $2)) ]; do
		n=$((n + 1))
		[ $n -lt 20 ] || { echo "tshark did not hear all"; exit 2; }
		sleep 0.2
	done
	kill -INT $tshark
	wait $tshark
	for capture in own other; do
		tshark -n -r "$work/$capture.pcap" -T fields -e tcp.flags.reset -e tcp.srcport \
			-e tcp.dstport -e frame.time_epoch 2>/dev/null >"$work/read"
		compare_times "$1" $capture "$2" || failed=1
		tried=$((tried + 1))
	done
}

count_of() {
	tshark -n -r "$1" -T fields -e tcp.flags 2>/dev/null | wc -l
}

# Within so many microseconds. Whole seconds are left out: awk's numbers have 53 bits.
compare_times() {
	awk -v limit="$1" -v capture="$2" -v want="$3" '
	FNR == NR {
		split($4, at, ".")
		time = (at[1] % 1000) * 1e6 + substr(at[2], 1, 9) / 1e3
		if ($1 == "0" || $1 == "False")
			sent[$2] = time
		else
			rtt[$3] = time - sent[$3]
		next
	}
	/"event":"reply"/ {
		match($0, /"rtt":[0-9.e-]+/)
		told = substr($0, RSTART + 6, RLENGTH - 6) * 1e6
		match($0, /"dest_port":[0-9]+/)
		port = substr($0, RSTART + 12, RLENGTH - 12)
		off = told - rtt[port]
		off = off < 0 ? -off : off
		worst = off > worst ? off : worst
		n += port in rtt
	}
	END {
		printf "%d round trips, at most %.3f us from the %s capture\n", n, worst, capture
		exit n != want || worst > limit
	}' "$work/read" "$work/told"
}

world
odd 10.9.0.9 4
odd '[fd00:9::9]' 6
kernel 10.9.0.2 10.9.0.1
kernel '[fd00:9::2]' fd00:9::1
phantoms 10.9.0.200 10.9.0.9 'IP 10.9.0.' 10.9.0.2:80
phantoms fd00:9::200 fd00:9::9 'IP6 fd00:9::' '[fd00:9::2]:80'
# By libpcap, and by the plain socket that hears few probes.
round_trips 5 20
round_trips 5 10
lab
echo "$tried checks"
exit $failed
