# The networks of bad_network.sh, a function each. "here" runs lastack; the honest host is "host".
# A function makes the namespaces and links, and sets target4 and target6.
# shellcheck shell=sh disable=SC2034,SC2154

# On one link, joined by a pair of interfaces.
link_direct() {
	hosts here host
	wired here h0 host n0 10.9.0.1/24 10.9.0.2/24 fd00:9::1/64 fd00:9::2/64
	target4=10.9.0.2
	target6=fd00:9::2
}

# On one link, whose middle is a program that applies faults.
link_faults() {
	hosts here host middle
	on middle sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip link add name h0 netns here type veth peer name m0 netns middle || exit 2
	ip link add name n0 netns host type veth peer name m1 netns middle || exit 2
	up here h0 10.9.0.1/24 fd00:9::1/64
	up host n0 10.9.0.2/24 fd00:9::2/64
	up middle m0
	up middle m1
	mkfifo "$work/middle"
	on middle "$wire" "$seed" m0 m1 "$@" >"$work/middle" 2>"$work/wire" &
	read -r _ <"$work/middle" || exit 2
	# Segments as the wire carries them: the faults are all that is wrong.
	usual_lengths here h0
	target4=10.9.0.2
	target6=fd00:9::2
}

# Behind a router.
link_routed() {
	hosts here router host
	wired here h1 router r0 10.8.0.1/24 10.8.0.254/24 fd00:8::1/64 fd00:8::fe/64
	wired router r1 host n0 10.7.0.254/24 10.7.0.2/24 fd00:7::fe/64 fd00:7::2/64
	on router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n here route add 10.7.0.0/24 via 10.8.0.254
	ip -n here route add fd00:7::/64 via fd00:8::fe
	ip -n host route add default via 10.7.0.254
	ip -n host route add default via fd00:7::fe
	usual_lengths host n0
	usual_lengths here h1
	target4=10.7.0.2
	target6=fd00:7::2
}

# chain HOST TYPE HOOK RULE: a chain with one rule.
chain() {
	on "$1" nft "add table inet $3; add chain inet $3 c { type $2 hook $3 priority 0; };
		add rule inet $3 c $4" || exit 2
}

# loose HOST VALUE: whether conntrack takes up a connection whose SYN it has not seen.
loose() {
	on "$1" sysctl -qw "net.netfilter.nf_conntrack_tcp_loose=$2"
}

network_clean() {
	link_faults
}
network_loss() {
	link_faults 'loss 3%'
}
network_bursts() {
	link_faults 'burst-loss 3% 4'
}
network_duplicate() {
	link_faults 'duplicate 5%'
}
network_delay() {
	link_faults 'delay 40ms'
}
network_jitter() {
	link_faults 'jitter 30ms'
}
# A box merges what goes either way, for as long as an adapter does.
network_merged() {
	link_faults 'merge 65535 200us'
}
# The kernel's own: a pair of interfaces as it is made.
network_offloads() {
	link_direct
	on host ethtool -K n0 gro on 2>/dev/null
	on here ethtool -K h0 gro on 2>/dev/null
}
network_host_filter() {
	link_direct
	usual_lengths host n0
	chain host filter input 'ct state invalid drop'
}
network_host_filter_strict() {
	network_host_filter
	loose host 0
}
network_router_filter() {
	link_routed
	chain router filter forward 'ct state invalid drop'
}
network_router_filter_strict() {
	network_router_filter
	loose router 0
}
network_router_reject() {
	link_routed
	chain router filter forward \
		'ct state new tcp flags != syn reject with icmpx type admin-prohibited'
}
network_mss_clamp() {
	link_routed
	chain router filter forward 'tcp flags syn tcp option maxseg size set 1200'
}
# The host knows the peer by an address that is not the peer's: an agent is asked for another one.
network_snat() {
	link_routed
	chain router nat postrouting 'oifname r1 masquerade'
}
# virtual RULE: an address of the router's own, from which it sends on to the host.
virtual() {
	link_routed
	up router r0 10.8.0.80/24 fd00:8::80/64
	chain router nat prerouting "ip daddr 10.8.0.80 $1 dnat ip to 10.7.0.2"
	on router nft "add rule inet prerouting c ip6 daddr fd00:8::80 $1 dnat ip6 to fd00:7::2" ||
		exit 2
	target4=10.8.0.80
	target6=fd00:8::80
}
network_dnat() {
	virtual 'meta l4proto tcp'
}
# With "dnat" the host has no such address, so that an agent cannot use it. With "dnat_ports" the
# closed port, and what answers an echo request, are the router's, too.
network_dnat_ports() {
	virtual 'tcp dport { 7000, 7104 }'
}
all='clean loss bursts duplicate delay jitter merged offloads host_filter host_filter_strict
	router_filter router_filter_strict router_reject mss_clamp snat dnat dnat_ports'
