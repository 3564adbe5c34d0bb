#!/bin/sh
# bootstrap.sh ROOT WORK: what harness/bootstrap does on machines that differ. Each machine is a
# folder of programs that only note what they were asked for; nothing is installed or built.
set -u
root=$1
work=$2
tree="$work/a tree"
failed=0
tried=0

# program NAME: its body comes on stdin.
program() {
	{
		printf '#!/bin/sh\nwork="%s"\necho "%s $*" >>"$work/calls"\n' "$work" "$1"
		cat
	} >"$work/bin/$1"
	chmod +x "$work/bin/$1"
}

# machine: a Debian where root has every package, and nothing was built yet.
machine() {
	rm -rf "$work"
	mkdir -p "$work/bin" "$tree/harness" || exit 2
	cp "$root/harness/bootstrap" "$root/harness/packages" "$tree/harness" || exit 2
	for name in sh sed tr head tail cat rm mkdir dirname env chmod grep; do
		ln -s "$(command -v $name)" "$work/bin/$name"
	done
	: >"$work/calls"
	sed -n 's/^\([a-z][^ ]*\) .*/\1/p' "$tree/harness/packages" >"$work/installed"
	: >"$work/lists"
	program id <<-'END'
		echo "${FAKE_UID:-0}"
	END
	program dpkg-query <<-'END'
		for name; do
			grep -qx -- "$name" "$work/installed" && echo "installed $name"
		done
	END
	program apt-get <<-'END'
		case "$*" in
		*update) [ -n "${FAKE_OFFLINE:-}" ] || : >"$work/lists" ;;
		*) [ -f "$work/lists" ] || { echo "E: no lists"; exit 100; } ;;
		esac
	END
	# It knows the mirror once there are lists, and every package but FAKE_WITHOUT.
	program apt-cache <<-'END'
		echo " 100 /var/lib/dpkg/status"
		[ ! -f "$work/lists" ] || echo " 500 http://mirror/debian suite/main Packages"
		candidate=1
		[ -f "$work/lists" ] && [ "${2:-}" != "${FAKE_WITHOUT:-}" ] || candidate='(none)'
		echo "  Candidate: $candidate"
	END
	program sudo <<-'END'
		[ "$1" != -n ] || exit "${FAKE_SUDO:-1}"
		exec "$@"
	END
	program ninja </dev/null
	for name in linux.uml slirp4netns patchelf make flex bison bc xz ip nft tshark pgrep; do
		program $name </dev/null
	done
	program pkg-config <<-'END'
		exit "${FAKE_LIBRARIES:-1}"
	END
	program cc <<-'END'
		[ "$1" != --version ] || { echo "${FAKE_CC:-cc 1}"; exit 0; }
		exit "${FAKE_LIBRARIES:-1}"
	END
	program nproc <<-'END'
		echo 3
	END
	program cmake <<-'END'
		if [ "$1" = --build ]; then
			echo "$4" >"$2/target"
			[ -z "${FAKE_BROKEN:-}" ] || { echo "broken: $FAKE_BROKEN"; exit 2; }
			printf '#!/bin/sh\nprintf "(%%s)" "$@"\nexit 7\n' >"$2/lastack"
			chmod +x "$2/lastack"
			exit 0
		fi
		while [ "$1" != -S ]; do shift; done
		source=$2 build=$4
		shift 4
		{
			echo "CMAKE_HOME_DIRECTORY:INTERNAL=$source"
			echo "CMAKE_C_COMPILER:FILEPATH=$work/bin/cc"
			for value; do
				echo "$value" | sed 's/^-D\([^=]*\)=/\1:STRING=/'
			done
		} >"$build/CMakeCache.txt"
		: >"$build/build.ninja"
	END
	program ctest <<-'END'
		while [ "$1" != --output-junit ]; do shift; done
		printf '<testsuite\n\tdisabled="0"\n\tskipped="%s"\n' "${FAKE_SKIPPED:-0}" >"$2"
		echo "100% tests passed"
		exit "${FAKE_FAILED:-0}"
	END
}

# bootstrap [NAME=VALUE...] -- ARGUMENT...: run it on the machine.
bootstrap() {
	set -- "$@"
	settings=
	while [ "$1" != -- ]; do
		settings="$settings $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # one word a setting
	env -i PATH="$work/bin" $settings "$work/bin/sh" "$tree/harness/bootstrap" "$@" \
		>"$work/out" 2>"$work/err"
	status=$?
}

# is WHAT WANT GOT
is() {
	tried=$((tried + 1))
	[ "$2" != "$3" ] || return 0
	printf '%s: want "%s", got "%s"\n' "$1" "$2" "$3"
	sed 's/^/  err: /' "$work/err"
	sed 's/^/  call: /' "$work/calls"
	failed=1
}

# calls PATTERN: how many calls were like this.
calls() {
	grep -c -- "$1" "$work/calls"
}

says() {
	grep -c -- "$1" "$work/err"
}

arguments() {
	machine
	bootstrap --
	is "no verb" 3 "$status"
	bootstrap -- fly
	is "an unknown verb" 3 "$status"
	bootstrap -- test more
	is "test with an argument" 3 "$status"
	is "nothing built by a wrong command" 0 "$(calls '^cmake')"
	bootstrap -- --help
	is "--help" 0 "$status"
	is "--help on stdout" 1 "$(grep -c ^usage "$work/out")"
	bootstrap -- run 'mss.*' --port '1 2' ''
	is "lastack's own status" 7 "$status"
	is "lastack's arguments" '(run)(mss.*)(--port)(1 2)()' "$(cat "$work/out")"
	is "run builds the program only" lastack "$(cat "$tree/build/target")"
	is "a run needs no library of the tests" 1 "$(calls '^cmake .*-DBUILD_TESTING=OFF')"
}

second_call() {
	machine
	bootstrap -- run
	bootstrap -- run
	is "configured once" 1 "$(calls '^cmake .*-S')"
	is "a second call says nothing" "" "$(cat "$work/err")"
	bootstrap -- test
	: >"$work/calls"
	bootstrap -- run
	is "a run after the tests leaves them configured" 0 "$(calls '^cmake .*-S')"
	: >"$work/calls"
	bootstrap -- test
	is "the tests after a run are configured still" 0 "$(calls '^cmake .*-S')"
	machine
	bootstrap -- run
	bootstrap -- run
	is "no package asked for" 0 "$(calls '^apt-get')"
	bootstrap FAKE_CC=cc-2 -- run
	is "another version of the compiler" 2 "$(calls '^cmake .*-S')"
	bootstrap CC=gcc FAKE_CC=cc-2 -- run
	is "another compiler" 3 "$(calls '^cmake .*-S')"
	mv "$tree" "$work/moved"
	tree=$work/moved
	bootstrap -- run
	is "another path" "4 7" "$(calls '^cmake .*-S') $status"
	tree="$work/a tree"
}

packages() {
	machine
	echo 'only-a-test-wants-it program only-a-test-wants-it' >>"$tree/harness/packages"
	bootstrap -- run
	is "what tests want is not for a run" "7 0" "$status $(says 'missing:')"
	bootstrap -- test
	is "what tests want is for tests" "0 1" "$status $(says 'missing: only-a-test-wants-it$')"
	machine
	sed -i '/^libnet1-dev\|^libpcap-dev/d' "$work/installed"
	bootstrap -- run
	is "goes on after the installation" 7 "$status"
	is "names each package" "1 1" \
		"$(says 'missing: libnet1-dev$') $(says 'missing: libpcap-dev$')"
	is "installs these two" 2 "$(calls '^apt-get .* install libnet1-dev libpcap-dev$')"
	is "does not fetch the lists" 0 "$(calls 'update$')"
	rm "$work/lists"
	bootstrap FAKE_OFFLINE=1 -- run
	is "neither lists nor network" "4 2 1" \
		"$status $(says '^E: no lists$') $(says 'failed.*libnet1-dev libpcap-dev$')"
	: >"$work/calls"
	bootstrap FAKE_UID=1000 FAKE_SUDO=0 -- run
	is "fetches lists that are not there" 1 "$(calls '^apt-get .* update$')"
	is "through sudo" 1 "$(calls '^sudo env .*commends install libnet1-dev libpcap-dev$')"
	bootstrap FAKE_UID=1000 -- run
	is "no leave to install" "4 1 1" \
		"$status $(wc -l <"$work/err") $(says 'libnet1-dev libpcap-dev$')"
	bootstrap FAKE_UID=1000 FAKE_LIBRARIES=0 -- run
	is "libraries that came another way" 7 "$status"
	rm "$work/bin/dpkg-query" "$work/bin/apt-get"
	bootstrap FAKE_LIBRARIES=0 -- run
	is "no Debian, but all is there" 7 "$status"
	bootstrap -- run
	is "no Debian" "4 1 1" "$status $(wc -l <"$work/err") $(says 'libnet1-dev libpcap-dev')"
	rm "$work/bin/cc" "$work/bin/ninja" "$work/bin/make"
	bootstrap -- run
	is "no Debian, no compiler" "4 1" "$status $(says 'calls gcc ninja-build libc6-dev')"
}

# What only a part of lastack needs.
optional() {
	machine
	sed -i '/^liblwip-dev/d' "$work/installed"
	bootstrap -- run
	is "an optional package is installed" "7 1" \
		"$status $(calls '^apt-get .*recommends install liblwip-dev$')"
	: >"$work/calls"
	bootstrap FAKE_WITHOUT=liblwip-dev -- run
	is "one that is not in this Debian" "7 1 1" "$status $(wc -l <"$work/err") \
$(says 'liblwip-dev is not in this Debian: no lastack run --stack lwip$')"
	is "it is not asked for" 0 "$(calls '^apt-get .*install')"
	bootstrap FAKE_WITHOUT=liblwip-dev FAKE_UID=1000 -- run
	is "it is no matter of root" "7 1" "$status $(wc -l <"$work/err")"
	bootstrap FAKE_UID=1000 -- run
	is "no leave to install it" "7 1 1" "$status $(wc -l <"$work/err") \
$(says 'liblwip-dev is not installed: no lastack run --stack lwip$')"
	bootstrap FAKE_UID=1000 -- test
	is "the tests want it" "4 1" "$status $(says 'apt-get install liblwip-dev$')"
	bootstrap FAKE_WITHOUT=liblwip-dev -- test
	is "the tests of a Debian without it" 0 "$status"
	sed -i '/^libpcap-dev/d' "$work/installed"
	: >"$work/calls"
	bootstrap FAKE_WITHOUT=liblwip-dev -- run
	is "what is needed comes nevertheless" "7 1" \
		"$status $(calls '^apt-get .*recommends install libpcap-dev$')"
	rm "$work/lists"
	: >"$work/calls"
	bootstrap FAKE_WITHOUT=liblwip-dev -- run
	is "without lists they are fetched first" "7 1 1" "$status $(calls '^apt-get .*update$') \
$(calls '^apt-get .*recommends install libpcap-dev$')"
	rm "$work/lists" "$work/bin/apt-get"
	echo libpcap-dev >>"$work/installed"
	bootstrap -- run
	is "no apt-get" "7 1" "$status $(wc -l <"$work/err")"
	: >"$work/calls"
	bootstrap -- run
	is "a second call does not configure" 0 "$(calls '^cmake .*-S')"
	echo liblwip-dev >>"$work/installed"
	bootstrap -- run
	is "it came by another way" "1 7" "$(calls '^cmake .*-S') $status"
}

tests() {
	machine
	bootstrap -- test
	is "tests pass" 0 "$status"
	is "the whole is built" all "$(cat "$tree/build/target")"
	is "ctest's own end" "100% tests passed" "$(tail -n 1 "$work/out")"
	is "no test at all is an error" 1 "$(calls '^ctest .*--no-tests=error')"
	is "what takes hours is left out" 1 "$(calls '^ctest .*--label-exclude soak ')"
	bootstrap FAKE_FAILED=8 -- test
	is "a test fails" 1 "$status"
	bootstrap FAKE_SKIPPED=1 -- test
	is "a test is skipped" "1 1" "$status $(says '1 skipped')"
	bootstrap FAKE_BROKEN=hinge -- test
	is "the build fails" "4 1" "$status $(says 'broken: hinge')"
	is "one build but in CI" 1 "$(calls '^cmake .*-S')"
	program clang </dev/null
	bootstrap CI=true -- test
	is "CI builds with the sanitizers" 1 "$(calls '^cmake .*-DLASTACK_SANITIZE=ON')"
	is "CI builds with clang" 1 "$(calls '^cmake .*-DCMAKE_C_COMPILER=.*/clang')"
	is "CI takes no warning" 3 "$(calls '^cmake .*-DLASTACK_WERROR=ON')"
	: >"$work/calls"
	bootstrap CI=true FAKE_FAILED=8 -- test
	is "CI: the sanitizers' tests fail" "1 1" "$status $(calls '^ctest')"
	bootstrap CI=true FAKE_SKIPPED=1 -- test
	is "CI: one of them is skipped" 1 "$status"
}

arguments
second_call
packages
optional
tests
echo "$tried answers"
exit $failed
