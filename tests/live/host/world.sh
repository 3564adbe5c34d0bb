# The hosts of host.sh: "here" and "there" judge; "near" and "left" are on their links, "far" is
# behind "router". shellcheck shell=sh

# For the background: $! is the program itself, and SIGINT is not ignored there.
exec_on() {
	host=$1
	shift
	exec ip netns exec "$host" env --default-signal=INT "$@"
}

# serve HOST PORT...: the services begin at each of the ports.
serve() {
	host=$1
	shift
	mkfifo "$work/$host"
	on "$host" "$services" "$@" >"$work/$host" &
	read -r _ <"$work/$host" || exit 2
}

# A wire of 30 ms between two hosts.
slow_wire() {
	wired here h2 middle m0 10.4.0.1/24 10.4.9.1/32 fd00:4::1/64 fd00:4:9::1/128
	wired slow s0 middle m1 10.4.0.2/24 10.4.9.2/32 fd00:4::2/64 fd00:4:9::2/128
	on middle sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	ip -n middle -4 addr flush scope global
	mkfifo "$work/delay"
	on middle "$delay" 30 m0 m1 >"$work/delay" &
	read -r _ <"$work/delay" || exit 2
}

world() {
	mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
	for host in here there near left router far slow middle; do
		ip netns add "$host" && ip -n "$host" link set lo up || exit 2
		on "$host" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	wired here h0 near n0 10.9.0.1/24 10.9.0.2/24 fd00:9::1/64 fd00:9::2/64
	wired there t0 left l0 10.6.0.1/24 10.6.0.2/24 fd00:6::1/64 fd00:6::2/64
	# A link where no other part runs, whose peers take addresses at random.
	wired here h3 left l3 10.3.0.1/24 10.3.0.2/24 fd00:3::1/64 fd00:3::2/64
	wired here h1 router r0 10.8.0.1/24 10.8.0.254/24 fd00:8::1/64 fd00:8::fe/64
	wired router r1 far f0 10.7.0.254/24 10.7.0.2/24 fd00:7::fe/64 fd00:7::2/64
	ip -n near addr add 10.9.0.3/24 dev n0
	slow_wire
	on router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n here route add 10.7.0.0/24 via 10.8.0.254
	ip -n here route add fd00:7::/64 via fd00:8::fe
	ip -n far route add default via 10.7.0.254
	ip -n far route add default via fd00:7::fe
	# What resets of its own or none would show: the ports of each part.
	serve near 7000 7010 7020
	serve far 7000 7010 7020
	serve left 7000
	serve slow 7000
}
