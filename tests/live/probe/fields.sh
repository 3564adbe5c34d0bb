#!/bin/sh
# fields.sh LASTACK: every field and option that lastack probe can set is what tshark reads at the
# target's side. Everything is in namespaces of its own and ends with the script.
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
. "$(dirname "$0")/far.sh"
port=20000

give_up() {
	echo "$*"
	exit 2
}

# sent 'OPTION...' FIELD=VALUE...: a probe from a port of its own, and how tshark is to read it. A
# field of several frames has their values with commas between.
sent() {
	port=$((port + 1))
	options=$1
	shift
	printf '%s\t%s\t%s\n' "$port" "$options" "$*" >>"$work/want"
	# shellcheck disable=SC2086 # the options are words
	eval "\"\$lastack\" probe $target --source own -q --leave -W 5ms -s $port $options" \
		>"$work/out" 2>"$work/err"
	case $? in
	0 | 1 | 2) ;;
	*)
		echo "probe $options: $(cat "$work/err")"
		failed=1
		;;
	esac
}

tcp_fields() {
	sent '' tcp.flags=0x0002 tcp.hdr_len=24 tcp.options.mss_val="$1" tcp.checksum.status=1
	for each in S:0x0002 A:0x0010 F:0x0001 R:0x0004 P:0x0008 U:0x0020 E:0x0040 C:0x0080; do
		sent "-${each%:*}" "tcp.flags=${each#*:}"
	done
	sent '-S -F -P' tcp.flags=0x000b
	for each in S.:0x0012 SA:0x0012 syn,ack:0x0012 0x12:0x0012 FPU:0x0029 SEW:0x00c2 \
		none:0x0000 0x1ff:0x01ff psh+ack:0x0018; do
		sent "--flags ${each%:*}" "tcp.flags=${each#*:}"
	done
	sent '--seq 4294967295' tcp.seq_raw=4294967295
	sent '-A --seq 1 --ack 0x80000000' tcp.seq_raw=1 tcp.ack_raw=2147483648
	sent '-S --ack 77' tcp.flags=0x0002 tcp.ack_raw=77
	sent '--window 0' tcp.window_size_value=0
	sent '--window 12345' tcp.window_size_value=12345
	sent '-U --urgent 54321' tcp.urgent_pointer=54321
	sent '--urgent 7' tcp.flags=0x0002 tcp.urgent_pointer=7
	sent '--data-offset 15 --data hex:00112233' tcp.hdr_len=60
	sent '--data-offset 4' tcp.hdr_len=16
	sent '--reserved 5' tcp.flags=0x0a02
	sent '--checksum 0x1234' tcp.checksum=0x1234 tcp.checksum.status=0
	sent --bad-checksum tcp.checksum.status=0
	sent "-P -A --data 'GET / HTTP/1.0\\r\\n\\r\\n'" \
		tcp.payload=474554202f20485454502f312e300d0a0d0a tcp.checksum.status=1
	sent '-A --data hex:00ff10' tcp.payload=00ff10
	sent "-A --data @$work/payload" tcp.payload=66696c65
}

options() {
	sent "--option 'mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7'" \
		tcp.options=020405b40402080a000000010000000001030307 tcp.options.mss_val=1460 \
		tcp.options.timestamp.tsval=1 tcp.options.timestamp.tsecr=0 \
		tcp.options.wscale.shift=7 tcp.hdr_len=40
	sent "--option ''" tcp.hdr_len=20 tcp.options=
	sent "--option '<mss 9,nop,eol>'" tcp.options=0204000901000000
	sent "-A --option 'nop,nop,sack 1 {5:9}'" tcp.options=0101050a0000000500000009 \
		tcp.options.sack_le=5 tcp.options.sack_re=9
	sent "--option 'nop,nop,md5 00112233445566778899aabbccddeeff'" \
		tcp.options=0101131200112233445566778899aabbccddeeff
	sent "--option 'uto 300'" tcp.options=1c04012c
	sent "--option 'tfo cookiereq'" tcp.options=22020000
	sent "--option 'tfo cookie 0011223344556677'" tcp.options=220a00112233445566770000
	sent "--option '253:0102ab'" tcp.options=fd050102ab000000
	sent "--option 'mss/6 1460'" tcp.options=020605b4
	sent "--option '254/40:00'" tcp.options=fe280000
	sent "--option '3/0:07,nop'" tcp.options=03000701
}

ip4_fields() {
	sent '--ttl 3' ip.ttl=3
	sent '--tos 0xb8' ip.dsfield=0xb8
	sent '' ip.flags.df=1 ip.checksum.status=1
	sent --no-df ip.flags.df=0
	sent '--df --id 4660' ip.flags.df=1 ip.id=0x1234
	sent --bad-ip-checksum ip.checksum.status=0
	sent '--ip-length 41' ip.len=41
	sent "--ip-option '148:0000'" ip.hdr_len=24 ip.opt.type=148 tcp.flags=0x0002
	sent "--ip-option 'nop,7:04000000000000,eol'" ip.hdr_len=32 tcp.flags=0x0002
	sent '--fragment 8 --id 601 --data hex:00010203' ip.flags.mf=1,1,1,0 \
		ip.frag_offset=0,1,2,3 ip.flags.df=0,0,0,0 ip.len=28,28,28,24
	sent "--fragment 16 --id 602 --ip-option '148:0000'" ip.flags.mf=1,0 \
		ip.frag_offset=0,2 ip.hdr_len=24,24
}

ip6_fields() {
	sent '--ttl 3' ipv6.hlim=3
	sent '--tos 0xb8' ipv6.tclass=0x000000b8
	sent '--flow-label 0xabcde' ipv6.flow=0x0abcde
	sent '--ip-length 5' ipv6.plen=5
	sent "--ip-option '30:0102'" ipv6.opt.type=0x1e,0x00,0x00 tcp.flags=0x0002 ipv6.plen=32
	sent '--fragment 8 --flow-label 601 --data hex:00010203' ipv6.fraghdr.more=1,1,1,0 \
		ipv6.fraghdr.offset=0,1,2,3 ipv6.plen=16,16,16,12
}

# What is a fragment's port? Its identification or label says which probe it was.
compare() {
	awk -F '\t' '
	FNR == NR && FNR == 1 {
		for (i = 1; i <= NF; i++)
			place[$i] = i
		next
	}
	FNR == NR {
		port = $place["tcp.srcport"]
		id = $place["ip.id"] != "" ? $place["ip.id"] : $place["ipv6.flow"]
		if (port == "")
			port = owner[id]
		else
			owner[id] = port
		sub(/,.*/, "", port)
		for (name in place) {
			value = $place[name]
			if (name == "ipv6.fraghdr.offset" && value == "")
				continue
			got[port, name] = frames[port] ? got[port, name] "," value : value
		}
		frames[port]++
		next
	}
	{
		n = split($3, wants, " ")
		for (i = 1; i <= n; i++) {
			name = value = wants[i]
			sub(/=.*/, "", name)
			sub(/^[^=]*=/, "", value)
			checks++
			if (!frames[$1])
				said = "not there at all"
			else if (!(name in place))
				said = "tshark has no such field"
			else if (got[$1, name] == value)
				continue
			else
				said = got[$1, name]
			printf "probe %s: want %s=%s, got %s\n", $2, name, value, said
			bad = 1
		}
	}
	END {
		printf "%d probes, %d values read back\n", FNR, checks
		exit bad || checks < 100
	}' "$work/read" "$work/want"
}

fields='tcp.srcport tcp.flags tcp.seq_raw tcp.ack_raw tcp.window_size_value tcp.urgent_pointer
	tcp.hdr_len tcp.checksum tcp.checksum.status tcp.options tcp.payload tcp.options.mss_val
	tcp.options.timestamp.tsval tcp.options.timestamp.tsecr tcp.options.wscale.shift
	tcp.options.sack_le tcp.options.sack_re ip.ttl ip.dsfield ip.id ip.flags.df ip.flags.mf
	ip.frag_offset ip.len ip.hdr_len ip.checksum.status ip.opt.type ipv6.hlim ipv6.tclass
	ipv6.flow ipv6.plen ipv6.opt.type ipv6.fraghdr.more ipv6.fraghdr.offset'

far
printf file >"$work/payload"
ip netns exec far tshark -n -Q -i f0 -f 'dst host 10.9.0.2 or dst host fd00:9::2' \
	-w "$work/pcap" 2>"$work/tshark" &
tshark=$!
# Its file is there when it captures: a probe that it sees says so.
target=10.9.0.2:80
heard() {
	"$lastack" probe "$target" --source own -q -W 5ms -s 19999 --data "$1" \
		>"$work/out" 2>"$work/err"
	grep -qa "$1" "$work/pcap" 2>/dev/null
}
soon heard begin-of-all || give_up "tshark hears nothing: $(cat "$work/tshark" "$work/err")"
target=10.9.0.2:80
tcp_fields 1460
options
ip4_fields
target='[fd00:9::2]:80'
tcp_fields 1440
options
ip6_fields
soon heard end-of-all || give_up 'tshark does not hear the end'
kill -INT $tshark
wait $tshark
# shellcheck disable=SC2086,SC2046 # words
tshark -r "$work/pcap" -n -o tcp.relative_sequence_numbers:FALSE -o tcp.check_checksum:TRUE \
	-o ip.check_checksum:TRUE -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
	-o tcp.desegment_tcp_streams:FALSE -T fields -E header=y -E occurrence=a \
	$(printf -- '-e %s ' $fields) >"$work/read" 2>"$work/err" || give_up "$(cat "$work/err")"
compare || failed=1
exit $failed
