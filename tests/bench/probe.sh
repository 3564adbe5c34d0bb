#!/bin/sh
# What a probe costs, beside hping3, nping and scapy (Debian's, installed by hand; the one that is
# missing is named), over a veth between two namespaces that end with the script:
#
#   cmake --build build --target bench_probe        TIMES=20, a command each
#
# The whole command for one SYN to a port that is open at the other end; a port that drops; 1,000
# probes back to back, and whose replies were whose; the round trip that is told, and the capture's.
set -u
lastack=${1:?usage: probe.sh LASTACK ELAPSED PACKET-SOCKET}
elapsed=${2:?usage: probe.sh LASTACK ELAPSED PACKET-SOCKET}
packet_socket=${3:?usage: probe.sh LASTACK ELAPSED PACKET-SOCKET}
if [ "${PROBE_INSIDE:-}" != yes ]; then
	[ "$(id -u)" = 0 ] || { echo "root, please: the others want it" >&2; exit 4; }
	PROBE_INSIDE=yes exec unshare -n -m -p -f --mount-proc --kill-child sh "$0" "$@"
fi
times=${TIMES:-20}
work=$(mktemp -d) || exit 4
trap 'rm -rf "$work"' EXIT

mount -t tmpfs none /run && mkdir -p /run/netns || exit 4
ip netns add far || exit 4
ip link set lo up
ip link add n0 index 100 type veth peer name f0 index 200 netns far || exit 4
ip addr add 10.9.0.1/24 dev n0
ip addr add fd00:9::1/64 dev n0 nodad
ip -n far addr add 10.9.0.2/24 dev f0
ip -n far addr add fd00:9::2/64 dev f0 nodad
ip link set n0 up && ip -n far link set f0 up || exit 4
# A RST from a closed port is as good an answer, and needs no server.
port=80

there() {
	command -v "$1" >/dev/null 2>&1 && return
	echo "not there: $1 (apt-get install $2)"
	return 1
}

set -- \
	'lastack probe, in a lab' "$lastack probe --lab 80 -q" \
	'lastack probe --source own, IPv4' "$lastack probe --source own -q 10.9.0.2:$port" \
	'lastack probe --source own, IPv6' "$lastack probe --source own -q [fd00:9::2]:$port" \
	'lastack probe, a free address' "$lastack probe -q 10.9.0.2:$port"
if there hping3 hping3; then
	set -- "$@" 'hping3 -S -c 1' "hping3 -S -c 1 -p $port 10.9.0.2"
fi
if there nping nmap; then
	set -- "$@" 'nping --tcp -c 1 --delay 0' \
		"nping --tcp -c 1 --delay 0 -p $port 10.9.0.2"
fi
if there python3 python3-scapy && /usr/bin/python3 -c 'import scapy' 2>/dev/null; then
	cat >"$work/one.py" <<-END
		from scapy.all import *
		sr1(IP(dst="10.9.0.2")/TCP(dport=$port, flags="S"), verbose=0, timeout=1)
	END
	set -- "$@" 'scapy sr1()' "/usr/bin/python3 $work/one.py"
else
	echo 'not there: scapy (apt-get install python3-scapy)'
fi
echo "One SYN and its answer, the whole command, $times times each in turn:"
"$elapsed" "$times" "$@"

echo
echo 'A black hole, with a timeout of 200 ms (a segment whose checksum is wrong is dropped):'
"$elapsed" "$times" 'lastack probe --lab -W 200ms' \
	"$lastack probe --lab 80 -q -W 200ms --bad-checksum" \
	'lastack probe --source own -W 200ms' \
	"$lastack probe --source own -q -W 200ms --bad-checksum 10.9.0.2:$port"

echo
echo '1,000 probes back to back:'
"$lastack" probe --lab 80 :81 -c 1000 -i 0 --json >"$work/json"
awk '
	function field(name) {
		if (!match($0, "\"" name "\":[0-9]+"))
			return ""
		return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
	}
	/"event":"sent"/ { seq[field("probe")] = field("seq") }
	/"event":"reply"/ {
		replies++
		wrong += field("ack") + 0 != (seq[field("probe")] + 1) % 4294967296
	}
	END { printf "lastack probe -i 0: %d replies, %d of another probe\n", replies, wrong }
' "$work/json"
if there hping3 hping3; then
	hping3 -i u1000 -S -c 100 -p $port 10.9.0.2 >"$work/hping3" 2>&1
	awk '
	/seq=/ {
		match($0, /seq=[0-9]+/)
		seq = substr($0, RSTART + 4, RLENGTH - 4)
		replies++
		wrong += seq != replies - 1
	}
	END { printf "hping3 -i u1000 -c 100: %d replies, %d out of their place\n", replies, wrong }
	' "$work/hping3"
fi

echo
echo 'What opening a capture costs:'
"$packet_socket" n0
