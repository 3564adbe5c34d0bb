#!/bin/sh
# plays.sh LASTACK SERVICES [PART...]: what plays and probes leave at a target (no connection), and
# what they need: twenty in a row from one address, an interface without an address. Everything is
# in namespaces of its own and ends with the script.
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
services=$2
shift 2
parts=$*
. "$(dirname "$0")/far.sh"

# t0, which has no IPv4 address and no route, leads to far as well.
world() {
	far
	ip link add t0 index 101 type veth peer name f1 index 201 netns far || exit 2
	ip -n far addr add 10.77.0.2/24 dev f1
	ip -n far addr add fd00:77::2/64 dev f1 nodad
	ip link set t0 up && ip -n far link set f1 up || exit 2
	ip netns exec far sysctl -qw net.ipv4.tcp_timestamps=1
	far_services "$services"
}

opened() {
	ip netns exec far ss -Htano state connected exclude time-wait
}

none_open() {
	[ -z "$(opened)" ]
}

# What a RST has closed is gone within a moment; a connection that is left stays for minutes.
nothing_left() {
	tried=$((tried + 1))
	soon none_open && return
	echo "probe $what leaves at the target:"
	opened
	sed 's/^/  /' "$work/out" "$work/err"
	ip netns exec far ss -K state connected >"$work/killed" 2>&1
	failed=1
}

# closes STATUS HOST PORT STEPS
closes() {
	probe "$1" --source "$address" "$2:$3" --play "$4"
	nothing_left
}

# The data that was sent with a number of its own; what RFC 5961 challenges; data in the SYN; a
# timestamp that PAWS rejects; a window that is full; a connection that is half open.
closing() {
	closes 0 "$1" 7000 'S; < SA; A; PA seq +1 data "x"; < A'
	closes 0 "$1" 7000 'S; < SA; A; PA seq +1 data "x"'
	closes 0 "$1" 7000 'S; < SA; A; R seq +100; < A ack +1'
	closes 0 "$1" 7000 'S; < SA; A; R seq +100'
	closes 0 "$1" 7000 'S data "x"; < SA ack +1; A'
	closes 0 "$1" 7000 'S data "x"'
	closes 0 "$1" 7000 "S <mss 1460,TS val 100000 ecr 0>; < SA; A
		PA <nop,nop,TS val 50 ecr 0> data \"x\"; < A ack +1"
	closes 0 "$1" 7004 "S; < SA; A; repeat 90 data \"$kilobyte\"; wait 300ms"
	closes 0 "$1" 7001 "S; < SA; A; repeat 9 data \"$kilobyte\""
	closes 0 "$1" 7000 'S; < SA'
	closes 0 "$1" 7000 'S'
	closes 0 "$1" 7000 'S; < SA; A ack +1000; < R'
	closes 0 "$1" 7000 'S win 0; < SA; A win 0; data "x"; < A'
	closes 0 "$1" 7000 'S; < SA; A; data "gap" seq +100; < A ack +1'
	closes 0 "$1" 7004 'S; < SA; A; F; < A'
	closes 0 "$1" 7000 'S; < SA; A; F; < FA|A'
	closes 0 "$1" 7002 'S; < SA; A; < data within 2s'
	closes 1 "$1" 7000 'S; < SA; A; PA seq +1 data "x"; < R'
	closes 2 "$1" 7001 'S; < SA; A; PA seq +1 data "x"; < A; < data within 50ms'
	closes 1 "$1" 7000 'S; < R'
	probe 0 --source "$address" "$1:7001" --handshake -A --seq +1 --data x
	nothing_left
	probe 0 --source "$address" "$1:7001" --handshake -R --seq +100
	nothing_left
	probe 0 --source "$address" "$1:7001"
	nothing_left
	# The SYN-ACK comes when the probe has gone.
	if ip netns exec far tc qdisc replace dev f0 root netem delay 60ms 2>"$work/err"; then
		probe 2 --source "$address" -W 20ms "$1:7001"
		nothing_left
		ip netns exec far tc qdisc del dev f0 root
	fi
}

# ended SIGNAL HOST PORT STEPS: the signal comes when the steps have got so far.
ended() {
	what="SIG$1 in --play $4"
	tried=$((tried + 1))
	: >"$work/out" # what the last probe said is not looked at
	"$lastack" probe --json --source "$address" "$2:$3" --play "$4" >"$work/out" 2>"$work/err" &
	pid=$!
	soon grep -q '"sent".*length 1"' "$work/out" ||
		{ echo "$what does not get there"; failed=1; }
	kill "-$1" $pid
	wait $pid
	nothing_left
}

signals() {
	ended TERM "$1" 7001 'S; < SA; A; PA seq +1 data "x"; wait 60s'
	ended INT "$1" 7001 'S; < SA; A; PA seq +1 data "x"; < A; < silence 60s'
	ended KILL "$1" 7001 'S; < SA; A; PA seq +1 data "x"; wait 60s'
}

# How many frames of TCP a capture has, and how many of them are RSTs.
frames() {
	od -An -v -tu1 -w1 "$1" | awk '
	NR <= 24 { next }
	left == 0 { head++; if (head == 9) len = $1; if (head == 10) len += 256 * $1
		if (head == 16) { left = len; at = head = 0 }; next }
	{ at++; left-- }
	at == 13 { flags = $1 == 8 ? 48 : 68; protocol = $1 == 8 ? 24 : 21; tcp = 0 }
	at == protocol { tcp = $1 == 6 }
	at == flags && tcp { all++; resets += int($1 / 4) % 2 }
	END { print all + 0, resets + 0 }'
}

# Both FINs are acknowledged: nothing follows.
orderly() {
	for steps in 'S; < SA; A; data "a\r\n\r\n"; < A; < data within 2s; < FA; A; F; < A' \
		'S; < SA; A; data "a\r\n\r\n"; < A; < data within 2s; < FA; F; < A' \
		'S; < SA; A; F; wait 200ms; A ack +2'; do
		port=7003
		[ "${steps#*data}" != "$steps" ] || port=7000
		probe 0 -w "$work/closed.pcap" --source "$address" "$1:$port" --play "$steps"
		arrows=$(grep -c -- '->|\||<-' "$work/out")
		[ "$(frames "$work/closed.pcap")" = "$arrows 0" ] && continue
		echo "probe $what: $(frames "$work/closed.pcap") frames and RSTs, and its ladder:"
		sed 's/^/  /' "$work/out"
		failed=1
	done
}

# Segments into a live connection of this machine, whose port is in use: a SYN is challenged and
# changes nothing, and a RST with the number of the challenge ends the connection at the target.
injected() {
	[ -p "$work/end" ] || mkfifo "$work/end"
	: >"$work/live"
	bash -c 'exec 3<>"/dev/tcp/$0/7000" && echo stands && read -r _ <"$1"' "$2" \
		"$work/end" >"$work/live" &
	pid=$!
	soon grep -q stands "$work/live" || { echo "no connection to $1"; failed=1; }
	port=$(ss -Htn state established dst "$1" | awk '{ sub(".*:", "", $3); print $3 }')
	probe 4 --source own -s "$port" "$1:7000" --handshake
	says 1 "source port $port is in use on this machine: name another port, or none" err
	probe 4 --source own -s "$port" "$1:7000" --play 'S; < SA'
	probe 0 --source own -s "$port" --json "$1:7000"
	says 1 '"meaning":"challenge ACK"'
	seq=$(sed -n 's/.*"event":"reply".*"ack":\([0-9]*\).*/\1/p' "$work/out")
	outside=$(((seq + 100000000) % 4294967296)) # of the window
	probe 2 --source own -s "$port" -W 50ms -R --seq $outside "$1:7000"
	tried=$((tried + 1))
	[ -n "$(opened)" ] || { echo "probe $what: the connection is gone"; failed=1; }
	probe 2 --source own -s "$port" -W 50ms -R --seq "$seq" "$1:7000"
	nothing_left
	kill $pid
	wait $pid 2>"$work/killed"
}

# The rule of a borrowed address has gone with the command.
no_table() {
	tried=$((tried + 1))
	tables=$(nft list tables)
	[ -z "$tables" ] && return
	echo "probe $what leaves $tables"
	failed=1
}

# Does a process wait for the lock on an address?
waits_for_lock() {
	ss -xlH | awk '/@lastack/ && $3 > 0 { found = 1 } END { exit !found }'
}

# Probes and plays one after the other from one address: nobody has it any more when one returns.
in_a_row() {
	for i in 1 2 3 4 5; do
		probe 0 --source "$address" -q "$1:7000"
		probe 0 --source "$address" -q "$1:7001" --play 'S; < SA; A; data "x"; < A'
		probe 0 --source "$address" -q -s 3333 "$1:7000" --handshake --data x
		probe 0 --source own -q -s 3333 "$1:7000"
		no_table
		probe 0 --source own -q "$1:7000"
		no_table
	done
	for i in 1 2 3; do
		what='SIGKILL, and a probe right after it'
		: >"$work/out"
		"$lastack" probe --json --source "$address" "$1:7000" --play 'S; < SA; wait 60s' \
			>"$work/out" 2>"$work/err" &
		pid=$!
		soon grep -q '"heard"' "$work/out" || { echo "$what: nothing heard"; failed=1; }
		kill -KILL $pid
		probe 0 --source "$address" -q "$1:7000"
		wait $pid
	done 2>"$work/killed"
	# Somebody who has the address, and keeps it.
	: >"$work/held"
	"$lastack" probe --json --source "$address" "$1:7000" --play 'S; < SA; wait 60s' \
		>"$work/held" &
	pid=$!
	soon grep -q '"heard"' "$work/held" || { echo 'nothing heard'; failed=1; }
	keeper=$(pgrep -P $pid)
	probe 4 --source "$address" -q "$1:7000"
	says 1 "somebody on 'n0' has the address $address already" err
	# Nor does it lose the address by not answering.
	kill -STOP "$keeper"
	probe 4 --source "$address" -q "$1:7000"
	says 1 "somebody on 'n0' has the address $address already" err
	# When it was killed, its end is waited for.
	kill -KILL $pid
	wait $pid 2>"$work/killed"
	"$lastack" probe --source "$address" -q "$1:7000" >"$work/out" 2>"$work/err" &
	pid=$!
	what='the end of a killed one is waited for'
	soon waits_for_lock || { echo "$what: it does not wait"; failed=1; }
	kill -CONT "$keeper"
	tried=$((tried + 1))
	wait $pid || { echo "$what: exit status $?"; cat "$work/err"; failed=1; }
	# A whole run needs the address, too.
	for i in 1 2; do
		tried=$((tried + 1))
		"$lastack" run --target "$2" --port 7001 --service discard --source "$address" \
			--quick passive_open >"$work/out" 2>"$work/err" || {
			echo "run $i --source $address"
			sed 's/^/  /' "$work/out" "$work/err" | tail -5
			failed=1
		}
	done
}

# t0 has no address, and no route leads there.
bare() {
	probe 0 -I t0 --source "$1" -q "$2:7000"
	probe 0 -I t0 --source "$1" "$2:7000" --play 'S; < SA; A; data "x"; < A'
	probe 4 -I t0 -q "$2:7000"
	says 1 "interface 't0' has no IPv. address .* --source ADDR" err
	# Of IPv4 the kernel takes another interface's address.
	case $1 in *:*)
		probe 4 -I t0 -q --source own "$2:7000"
		says 1 "interface 't0' has no IPv6 address to borrow: .* --source ADDR" err
		;;
	esac
	probe 4 -q --source "$1" "$2:7000"
	says 1 "no route to $3: name the interface by --interface, and .* --source" err
	tried=$((tried + 1))
	"$lastack" run --interface t0 --source "$1" --target "$3" --port 7001 --service discard \
		--quick passive_open >"$work/out" 2>"$work/err" || {
		echo "run --interface t0 --source $1"
		sed 's/^/  /' "$work/out" "$work/err" | tail -5
		failed=1
	}
	# The gateway sends nothing on.
	ip route add "$4" via "$3" dev t0 onlink
	what="run --interface t0 --source $1 --target ${4%/*}"
	"$lastack" run --interface t0 --source "$1" --target "${4%/*}" --port 9 --quick \
		passive_open >"$work/out" 2>"$work/err"
	says 1 "does not answer a SYN sent on 't0' from $1 by the gateway $3 (" err
}

# Numbers, times and options of steps, as the lab's kernel sees them.
steps() {
	probe 0 --lab 80 "$1" --play 'S; < SA; S; < SA'
	says 2 'S ----*>|  seq 0, win'
	probe 0 --lab 80 "$1" --play 'repeat 3 { S; wait 50ms }'
	says 3 'S ----*>|  seq 0, win'
	probe 0 --lab 80 "$1" --play \
		'S seq 1000; < SA ack 1001; A; data "x"; < A ack 1002; F; < A ack +3; F; wait 50ms'
	says 1 'S ----*>|  seq 0, win'
	says 2 'F\. ----*>|  seq 2, ack 1'
	probe 0 --lab 80 "$1" --absolute --play 'S seq 1000; < SA ack 1001; A; data "x"; < A'
	says 1 'S ----*>|  seq 1000, win'
	says 1 'seq 1001:1002, ack'
	probe 0 --lab 80 "$1" --play 'S; < SA; < silence 900ms; < SA within 300ms'
	probe 0 --lab 80 "$1" --play 'S; < SA; wait 1500ms; < SA'
	probe 0 --lab 80 "$1" --play 'S; < SA; < SA about 1s'
	probe 2 --lab 80 "$1" --play 'S; < SA; < silence 200ms; < SA within 200ms'
	says 1 '^ !! 0\.4.* nothing$'
	probe 0 --lab 80 "$1" --play 'S <>; < SA'
	says 1 'S ----*>|  seq 0, win 65535, length 0$'
	probe 1 --lab 80 "$1" --play 'S; < SA <>'
	says 1 'want no options, got'
	probe 0 --lab 80 "$1" --expect 'SA within 1s' --listen 1500ms
	probe 0 --lab 80 "$1" --handshake
	says 1 'established: rtt '
	probe 1 --lab 80 "$1" --handshake :81
	probe 0 --lab 80 "$1" --handshake --json
	says 1 '"ending":"established"'
	return 0
}

# Files that are - are standard output and input.
standard() {
	probe 0 --lab 80 -w - --play 'S; < SA; A'
	[ "$(frames "$work/out")" = '4 1' ] || {
		echo "probe $what: $(frames "$work/out") frames and RSTs"
		failed=1
	}
	says 1 'as expected: 3 steps' err
	echo 'S; < SA' | probe 0 --lab 80 --play @-
	printf abc | probe 0 --lab 80 --handshake --data @- --expect 'A ack +4'
	[ ! -e ./- ] || { echo 'a file called -'; failed=1; }
}

kilobyte=$(printf '%01000d' 0)
world
for part in ${parts:-closing signals orderly in_a_row injected bare steps standard}; do
	case $part in
	standard) standard ;;
	steps) steps -4 && steps -6 ;;
	bare)
		bare 10.77.0.99 10.77.0.2 10.77.0.2 10.55.0.1/32
		bare fd00:77::99 '[fd00:77::2]' fd00:77::2 fd00:55::1/128
		;;
	*)
		address=10.9.0.99
		$part 10.9.0.2 10.9.0.2
		address=fd00:9::99
		$part '[fd00:9::2]' fd00:9::2
		;;
	esac
done
echo "$tried checks"
exit $failed
