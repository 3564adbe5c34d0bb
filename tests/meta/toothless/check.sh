#!/bin/sh
# check.sh LIARS WORK: that liars, linked with the toothless cases, finds them, and lets the good
# one pass.
set -u
liars=$1
out=$2
failed=0

# status WANT ARGUMENT...
status() {
	want=$1
	shift
	"$liars" "$@" >"$out" 2>"$out.err"
	got=$?
	[ "$got" = "$want" ] || {
		echo "liars $*: want status $want, got $got"
		sed 's/^/  /' "$out" "$out.err"
		failed=1
	}
}

# says PATTERN...
says() {
	for pattern; do
		grep -q -- "$pattern" "$out" || {
			echo "the output has no line like: $pattern"
			sed 's/^/  /' "$out"
			failed=1
		}
	done
}

status 1 toothless
says '^toothless.judges_nothing: CANNOT FAIL on the wire$' \
	'^toothless.judges_the_state_alone: CANNOT FAIL on the wire$' \
	'^toothless.judges_well$' \
	'^toothless.judges_wrongly: THE TRUTH GAVE fail: ' \
	'^not as they should be: 3 cases, 0 lies$'
status 0 toothless.judges_well
says '^not as they should be: 0 cases, 0 lies$'
status 3 no_such_family
status 3 --no-such-option
exit $failed
