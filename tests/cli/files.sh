#!/bin/sh
# files.sh LASTACK: where reports and evidence go, in a folder that another user can write: no link
# of that user is followed, no FIFO blocks, and a report is whole or not there.
set -u
lastack=$1
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0
tried=0
one=passive_open.three_segments
long=fin_wait_2.orphan_ends_after_fin_timeout_of_3s
another=4711 # a user

# is WHAT WANT GOT
is() {
	tried=$((tried + 1))
	[ "$2" = "$3" ] && return
	failed=1
	echo "$1: want '$2', got '$3'"
	cat err
	tail -n 2 out
}

# run STATUS WHAT OPTION...
run() {
	want=$1
	what=$2
	shift 2
	timeout -s KILL 60 "$lastack" run -4 "$@" $one >out 2>err
	is "$what" "$want" $?
}

# told WHAT PATTERN: one line on stderr says so.
told() {
	is "$1: it is told in one line" "1 1" "$(wc -l <err) $(grep -c -- "$2" err)"
}

# ends N: the last line of the report on stdout.
ends() {
	is "$what: the last line" 1 "$(tail -n 1 out | grep -c "exit $1:")"
}

# theirs LINK TARGET: a link that another user made.
theirs() {
	ln -s "$2" "$1" && chown -h $another "$1"
}

# private: the folder that nobody else may change holds what it held.
private() {
	is "$1: what is private" "kept" "$(cat private/* 2>/dev/null)"
}

links() {
	mkdir private open open/evidence && chmod 700 private && chmod 777 open open/evidence
	for file in wire.pcap ladder.txt verdict.json; do
		echo kept >private/$file
	done
	rm private/ladder.txt private/verdict.json
	theirs open/evidence/$one.ipv4 "$work/private"
	run 4 "evidence: a link for a case's folder" --evidence open/evidence
	told "evidence: a link for a case's folder" "$one.ipv4"
	private "evidence: a link for a case's folder"
	rm open/evidence/$one.ipv4
	theirs open/there "$work/private"
	run 3 "evidence: a link for the folder" --evidence open/there
	told "evidence: a link for the folder" "symbolic link of another user"
	run 3 "evidence: a link on the way" --evidence open/there/evidence
	private "evidence: a link on the way"
	theirs open/report "$work/private/wire.pcap"
	theirs open/dangling "$work/private/new"
	for report in open/report open/dangling open/there/new; do
		run 3 "a report at $report" --report-json $report
		told "a report at $report" "symbolic link of another user (uid $another)"
		private "a report at $report"
	done
	for capture in open/report open/dangling open/there/new; do
		timeout -s KILL 60 "$lastack" probe --lab 80 -w $capture >out 2>err
		is "a probe's capture at $capture" 4 $?
		told "a probe's capture at $capture" "symbolic link of another user"
		private "a probe's capture at $capture"
	done
	mkdir open/evidence/$one.ipv4
	for file in wire.pcap ladder.txt verdict.json; do
		theirs open/evidence/$one.ipv4/$file "$work/private/wire.pcap"
	done
	run 0 "evidence: links for the files" --evidence open/evidence
	private "evidence: links for the files"
	is "evidence: links are replaced" "" "$(find open/evidence/$one.ipv4 -type l)"
}

# A link that is put there while the case goes on.
late_link() {
	"$lastack" run -4 --evidence open/late $long >out 2>err &
	run=$!
	n=0
	until [ -e open/late/$long.ipv4/wire.pcap ] || [ $n -gt 500 ]; do
		n=$((n + 1))
		sleep 0.02
	done
	mv open/late/$long.ipv4 open/late/moved
	theirs open/late/$long.ipv4 "$work/private"
	wait $run
	is "a link while the case goes on" 4 $?
	told "a link while the case goes on" "$long.ipv4"
	private "a link while the case goes on"
}

ones_own() {
	mkdir mine
	ln -s mine/report link
	run 0 "one's own link" --report-json link
	is "one's own link" "1 link" "$(grep -c verdict mine/report) $(find . -name link -type l |
		cut -c3-)"
	mkfifo fifo
	run 3 "a FIFO that nobody reads" --report-json fifo
	told "a FIFO that nobody reads" "no process reads this FIFO"
	timeout -s KILL 60 "$lastack" probe --lab 80 -w fifo >out 2>err
	is "a probe's capture in a FIFO that nobody reads" 4 $?
	told "a probe's capture in a FIFO that nobody reads" "no process reads this FIFO"
	cat fifo >came &
	# Its reader is there once it is open at both ends.
	exec 8>fifo
	run 0 "a FIFO with a reader" --report-json fifo
	exec 8>&-
	wait $!
	is "a FIFO with a reader" 1 "$(grep -c '"verdict":"pass"' came)"
	head -c 1 fifo >came &
	exec 8>fifo
	run 4 "a FIFO whose reader goes" --report-tap fifo --report-json other
	exec 8>&-
	told "a FIFO whose reader goes" "report fifo: Broken pipe"
	ends 4
	is "the other report" 1 "$(grep -c '"verdict":"pass"' other)"
	"$lastack" run -4 --format tap --report-json /dev/fd/3 $one 3>&1 >out 2>err | cat >came
	is "a descriptor" 1 "$(grep -c '"verdict":"pass"' came)"
	"$lastack" run -4 --report-json /dev/stdout $one 2>err | cat >came
	is "/dev/stdout" 1 "$(grep -c '"verdict":"pass"' came)"
	run 0 "/dev/null" --report-json /dev/null
	run 3 "one file by two names" --report-json link --report-tap mine/report
	told "one file by two names" "cannot both go to mine/report"
	is "one file by two names: it stays" 1 "$(grep -c '"verdict":"pass"' mine/report)"
}

# from WHAT FILE WANT: a profile, a play and data are read from FILE.
from() {
	run "$3" "$1: a profile" --profile "$2"
	[ "$3" = 0 ] || told "$1: a profile" "--profile $2: no process writes to this FIFO"
	for option in '--play @' '--handshake --data @'; do
		# shellcheck disable=SC2086 # two words
		timeout -s KILL 60 "$lastack" probe --lab 80 $option"$2" >out 2>err
		is "$1: $option" "$3" $?
		[ "$3" = 0 ] || told "$1: $option" "$2: no process writes to this FIFO"
	done
}

inputs() {
	rm -f fifo
	mkfifo fifo
	from "a FIFO that nobody writes" fifo 3
	echo '# nothing' >fifo &
	run 0 "a FIFO with a writer: a profile" --profile fifo
	wait $!
	echo '123456789' >fifo &
	timeout -s KILL 60 "$lastack" probe --lab 80 --handshake --data @fifo >out 2>err
	is "a FIFO with a writer: data" 0 $?
	is "a FIFO with a writer: all of it" 1 "$(grep -c 'length 10$' out)"
	wait $!
	timeout -s KILL 60 bash -c '"$0" probe --lab 80 --play @<(sleep 0.3; echo "S; < SA")' \
		"$lastack" >out 2>err
	is "what the shell gives: a play" 0 $?
	timeout -s KILL 60 bash -c '"$0" run -4 --profile <(echo "# none") '$one "$lastack" \
		>out 2>err
	is "what the shell gives: a profile" 0 $?
	timeout -s KILL 60 bash -c '"$0" run -4 --profile <(true) '$one "$lastack" >out 2>err
	is "what the shell gives: an empty profile" 0 $?
}

full() {
	run 4 "a full device" --report-json /dev/full
	told "a full device" "report /dev/full: No space left on device"
	ends 4
	echo older >report
	what="a limit of a file's size"
	(ulimit -f 1 && exec "$lastack" run -4 -v --report-tap report --evidence cut \
		--quick passive_open) 2>err | cat >out
	is "$what: no report" "" "$(ls -A | grep -E 'report|lastack')"
	is "$what: it is told" 1 "$(grep -c 'report report: File too large' err)"
	is "$what: the last line" 1 "$(tail -n 1 out | grep -c 'exit 4:')"
	is "$what: no part of a file" "" "$(find cut -name '*.txt' -size +1 -o -name '.lastack*')"
}

[ "$("$lastack" doctor >out 2>err; echo $?)" = 0 ] || exit 77
if [ "$(id -u)" = 0 ]; then
	links
	late_link
fi
ones_own
inputs
full
echo "$tried answers"
exit $failed
