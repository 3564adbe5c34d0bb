#!/bin/sh
# streams.sh LASTACK: standard streams that are closed, full, or read by nobody. Results that did
# not arrive are exit status 4 and one line; all else goes on as usual.
set -u
lastack=$1
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0
tried=0
one="passive_open.three_segments"

# is WHAT WANT GOT
is() {
	tried=$((tried + 1))
	[ "$2" = "$3" ] && return
	failed=1
	echo "$1: want '$2', got '$3'"
	head -c 1000 err
}

# lost WORD...: with nowhere to print to.
lost() {
	"$lastack" "$@" >&- 2>err
	is "lastack $* >&-" "4 1" "$? $(wc -l <err)"
	"$lastack" "$@" >/dev/full 2>err
	is "lastack $* >/dev/full" "4 1" "$? $(wc -l <err)"
}

# prints WANT WORD...: the same, whatever else is closed.
prints() {
	want=$1
	shift
	"$lastack" "$@" >whole 2>err
	is "lastack $*" "$want yes" "$? $([ -s whole ] && echo yes)"
	: >err
	for closed in '<&-' '2>&-' '<&- 2>&-'; do
		eval '"$lastack" "$@" >out '"$closed"
		is "lastack $* $closed" "$want $(wc -l <whole)" "$? $(wc -l <out)"
	done
}

# gone WORD...: run a program whose standard error is a pipe that nobody reads.
gone() {
	{ sleep 0.2; "$@"; echo $? >status; } 2>&1 >out | :
	cat status
}

verbs() {
	for words in list "list --format json" "list --requirements" "list --requirements -fjson" \
		"show $one" --help --version "help run" "run --help" "probe --help" "agent --help" \
		"doctor --version"; do
		# shellcheck disable=SC2086 # a word each
		lost $words
		# shellcheck disable=SC2086
		prints 0 $words
	done
	for words in doctor "doctor --format json"; do
		# shellcheck disable=SC2086
		lost $words
	done
	"$lastack" no_verb 2>&-
	is "an error that nobody sees" 3 $?
	is "an error that nobody reads" 3 "$(gone "$lastack" no_verb)"
}

runs() {
	lost run -4 $one
	prints 0 run -4 $one
	is "a run whose log nobody reads" 0 "$(gone "$lastack" run -v -4 $one)"
	"$lastack" run -4 $one --report-json report --evidence evidence <&- >&- 2>&-
	is "a run without any stream" 4 $?
	timeout -s KILL 60 "$lastack" probe --lab 80 -w - >&- 2>err
	is "a capture to no standard output" "4 1 1" \
		"$? $(wc -l <err) $(grep -c 'standard output is closed' err)"
	is "its report" 1 "$(grep -c '"verdict":"pass"' report)"
	is "its evidence" 1 "$(grep -c '"verdict":"pass"' evidence/$one.ipv4/verdict.json)"
	# Report, capture and log each have a descriptor of their own.
	case $(od -A n -t x1 -N 4 evidence/$one.ipv4/wire.pcap) in
	' 4d 3c b2 a1' | ' a1 b2 3c 4d') ;;
	*) is "the start of its capture" "pcap with nanoseconds" another ;;
	esac
}

verbs
if "$lastack" doctor >out 2>err; then
	runs
fi
echo "$tried answers"
exit $failed
