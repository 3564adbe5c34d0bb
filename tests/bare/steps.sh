#!/bin/sh
# steps.sh run|test|all: what README says, on the bare system that run.sh made, as its first
# process. Each step is a command, the exit status that it must have, and text that it must print.
set -u
cd /src/lastack || exit 4
failed=0
out=/tmp/out

# step STATUS PATTERN COMMAND...: runs it. The pattern is an extended regular expression.
step() {
	want=$1
	pattern=$2
	shift 2
	began=$(date +%s)
	"$@" >$out 2>&1
	status=$?
	took=$(($(date +%s) - began))
	if [ $status = "$want" ] && grep -qE -- "$pattern" $out; then
		printf 'ok    %4d s  %s\n' $took "$*"
		return 0
	fi
	printf 'FAIL  %4d s  %s\n' $took "$*"
	tail -n "${tail:-40}" $out | sed 's/^/  | /'
	printf '  exit status %d, want %d, and text like: %s\n' $status "$want" "$pattern"
	failed=$((failed + 1))
	return 1
}

install() {
	for _ in 1 2; do
		DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends install "$@" \
			</dev/null >$out 2>&1 && return
		# There are no package lists yet.
		apt-get -q update >/dev/null 2>&1
	done
	tail -n 20 $out
	echo "cannot install $*"
	exit 4
}

# The host for an agent: a namespace with a way to here. ip is a tool of this script's, which is
# removed again: nothing that README names may lean on it.
with_agent() {
	install iproute2
	ip netns add host &&
		ip link add t0 type veth peer name t1 netns host &&
		ip addr add 10.77.0.1/24 dev t0 && ip link set t0 up &&
		ip -n host addr add 10.77.0.2/24 dev t1 && ip -n host link set t1 up || exit 4
	cp build/lastack-agent /tmp/ || return 1
	(umask 077 && head -c 32 /dev/urandom | base64 >/tmp/token)
	ip netns exec host /tmp/lastack-agent --listen 10.77.0.2:7000 --token /tmp/token \
		>/tmp/ready 2>&1 &
	agent=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		grep -q listening /tmp/ready && break
		sleep 0.2
	done
	step 0 '^exit 0: as expected' build/lastack run --target 10.77.0.2 \
		--agent 10.77.0.2:7000 --token /tmp/token --source 10.77.0.9 --quick isn_kept
	kill $agent
	wait $agent
	ip netns del host
	ip link del t0 2>/dev/null
	DEBIAN_FRONTEND=noninteractive apt-get -y -q purge --auto-remove iproute2 >$out 2>&1
}

part_run() {
	step 0 '^exit 0: as expected' sh harness/bootstrap run --quick || return
	step 0 '^4 pass in ' sh harness/bootstrap run isn_kept
	step 0 '4 pass in .* virtual time' build/lastack run --kernel uml isn_kept
	step 0 'No verdict differs' build/lastack run --kernels uml,host isn_kept
	step 0 '^lastack: lwIP' build/lastack run --stack lwip --quick
	step 0 '^lastack: libslirp' build/lastack run --stack slirp --quick
	step 0 'virtual time' build/lastack run --stack lwip --kernel uml --quick closed_port
	step 4 'no /usr/bin/runsc; install the package runsc' \
		build/lastack run --stack gvisor --quick closed_port
	step 0 'open; rtt' build/lastack probe --lab 80
	step 0 'lastack run can work here' build/lastack doctor
	step 0 'virtual time  *user-mode Linux .* boots' build/lastack doctor
	step 0 'RFC9293' build/lastack list
	step 0 'MUST-' build/lastack list --requirements
	step 0 'requirement' build/lastack show isn_kept.syn_ack_sent_again
	step 0 '"' build/lastack run --format json isn_kept
	step 0 '' build/lastack run --report-junit /tmp/junit.xml --evidence /tmp/evidence isn_kept
	step 0 '<testsuite' cat /tmp/junit.xml
	step 0 'kernels/trixie/linux.uml' sh harness/guest/fetch trixie
	with_agent
}

part_test() {
	install sudo passwd
	useradd --create-home --shell /bin/sh user || exit 4
	echo 'user ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/user
	rm -rf build
	chown -R user .
	tail=400
	step 0 '100% tests passed' setpriv --reuid user --regid user --init-groups \
		env HOME=/home/user USER=user sh harness/bootstrap test
}

case $1 in
run) part_run ;;
test) part_test ;;
*)
	part_run
	part_test
	;;
esac
[ $failed = 0 ] || echo "$failed steps failed"
[ $failed = 0 ]
