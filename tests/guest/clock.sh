#!/bin/sh
# clock.sh LIBRARY INIT [KERNEL...]: the clock shim in a real user-mode kernel. Waits of hours must
# take seconds, each must be as long as it should be by the guest's own clocks, and every run must
# give the same numbers, on a busy machine too.
set -u
library=$1
init=$2
shift 2
if [ $# = 0 ]; then
	kernel=$(command -v linux.uml) || {
		echo "no linux.uml on this machine: install user-mode-linux"
		exit 77
	}
	set -- "$kernel"
fi

work=$(mktemp -d)
loops=
# shellcheck disable=SC2086 # one word a process
trap 'kill $loops 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
failed=0

wrong() {
	echo "$@"
	failed=1
}

# boot KERNEL NAME: what the guest said is in $work/NAME then, its console in $work/console.
boot() {
	timeout 100 env LD_PRELOAD="$library" LASTACK_CLOCK=skip LASTACK_CLOCK_STATS=1 "$1" \
		mem=64M rootfstype=hostfs rootflags=/ ro init="$init" con=null con0=fd:0,fd:1 \
		quiet uml_dir="$work/" </dev/null >"$work/console" 2>&1
	tr -d '\r' <"$work/console" | grep -E '^[a-z_0-9.]+ -?[0-9]+$' >"$work/$2"
	[ "$(tail -n 1 "$work/$2")" = "end 0" ] || {
		wrong "$1: the guest did not come to its end"
		tail -n 20 "$work/console"
	}
}

# judge NAME WHAT FROM TO: this value is in these bounds, both included.
judge() {
	value=$(sed -n "s/^$2 //p" "$work/$1")
	[ -n "$value" ] && [ "$value" -ge "$3" ] && [ "$value" -le "$4" ] ||
		wrong "$1: $2 is ${value:-missing}, not in [$3, $4]"
}

judge_all() {
	# 2 is ENOENT: the file that is asked for is never there.
	judge "$1" freeze 2 2
	judge "$1" aligned 0 1000
	judge "$1" fraction 0 0
	for span in 10us 10ms 200ms 4.29s 4.3s 120s 7200s 7200s_again; do
		judge "$1" "sleep_$span" 0 1000
	done
	judge "$1" poll_1s 1000000000 1135000000
	# What does not sleep is let on by the tick, which comes each 10 ms.
	judge "$1" spin_on_the_clock 50000000 70000000
	judge "$1" spin_for_a_child 100000000 120000000
	judge "$1" beside_a_spin_in_memory 20000000 50000000
	judge "$1" compute 0 10000000
	judge "$1" drift 0 0
	judge "$1" registers_lost 0 0
	judge "$1" page_written 1 1
	judge "$1" page_of_nobody 2 2
	judge "$1" page_nowhere 2 2
	judge "$1" page_after_sleeps 0 0
	judge "$1" page_after_spins 0 0
}

# alike FILE FILE: the same lines, whose times differ by less than a microsecond: where a boot ended
# decides on a fraction of the guest's clock's step of 256 ns.
alike() {
	[ "$(wc -l <"$1")" = "$(wc -l <"$2")" ] || return 1
	paste -d ' ' "$1" "$2" | awk '
		{ d = $2 - $4; if ($1 != $3 || d >= 1000 || d <= -1000) { print; wrong = 1 } }
		END { exit wrong }'
}

for kernel; do
	for run in 1 2 3 4 5; do
		if [ $run = 4 ]; then
			for n in 1 2; do
				sh -c 'while :; do :; done' &
				loops="$loops $!"
			done
		fi
		boot "$kernel" $run
		judge_all $run
		[ $run != 1 ] || cp "$work/$run" "$work/first"
		alike "$work/first" "$work/$run" ||
			wrong "$kernel: run $run is not like the first"
	done
	# shellcheck disable=SC2086 # one word a process
	kill $loops
	loops=
	grep -q '^lastack-clock: [0-9]* idle jumps, 14[0-9.]* s skipped' "$work/console" ||
		wrong "$kernel: no line of statistics"
	grep '^lastack-clock: ' "$work/console"
done

# Without being asked to, the library lets every program be.
LD_PRELOAD=$library stat /.lastack-clock >/dev/null 2>&1 && wrong "a folder for everybody"
LD_PRELOAD=$library LASTACK_CLOCK=registers sleep 0.01 || wrong "registers stops a program"
# A child ends with its parent, however that ends, and is not left to the first process of all.
env LD_PRELOAD="$library" LASTACK_CLOCK=skip perl -e '
	pipe my $in, my $out;
	if (!fork) { print { $out } "x"; exec "sleep", "60" }
	sysread $in, my $said, 1;
	kill "KILL", $$' >"$work/child" 2>&1 &
parent=$!
wait $parent 2>"$work/killed"
n=0
while pgrep -g "$(ps -o pgid= -p $$ | tr -d ' ')" -x sleep >"$work/child"; do
	n=$((n + 1))
	[ $n -lt 100 ] || { wrong "a child is left"; break; }
	sleep 0.05
done
[ $failed = 0 ] && cat "$work/first"
exit $failed
