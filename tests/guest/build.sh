#!/bin/sh
# build.sh ROOT WORK: what harness/guest/build does on machines that differ. A machine is a folder
# of programs; make is one that configures and builds at a glance, and nothing comes from a network.
set -u
root=$1
work=$2
cache=$work/cache
place=$cache/lastack/kernels/linux-source-9.9
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

machine() {
	rm -rf "$work"
	mkdir -p "$work/bin" || exit 2
	for name in sh sed head tail cat rm mkdir mktemp mv cp dirname grep tr nproc \
		chmod; do
		ln -s "$(command -v $name)" "$work/bin/$name"
	done
	: >"$work/calls"
	for name in gcc flex bison bc xz; do
		program $name </dev/null
	done
	program nice <<-'END'
		exec "$@"
	END
	program uname <<-'END'
		echo "${FAKE_MACHINE:-x86_64}"
	END
	program apt-get <<-'END'
		[ -z "${FAKE_OFFLINE:-}" ] || { echo "E: Unable to fetch"; exit 100; }
		: >source.deb
	END
	program dpkg-deb <<-'END'
		mkdir -p "$3/usr/src"
		: >"$3/usr/src/linux-source-9.9.tar.xz"
	END
	program tar <<-'END'
		[ -z "${FAKE_FULL:-}" ] || { echo "no space left"; exit 2; }
	END
	program make <<-'END'
		for last; do
			case $last in O=*) out=${last#O=} ;; esac
		done
		case $last in
		tinyconfig) echo "# CONFIG_MODULES is not set" >"$out/.config" ;;
		olddefconfig) sed -i "/CONFIG_${FAKE_LOSES:-NOTHING}=/d" "$out/.config" ;;
		linux)
			[ -z "${FAKE_BROKEN:-}" ] || { echo "error: broken"; exit 2; }
			printf '#!/bin/sh\n%s\n' "${FAKE_KERNEL:-echo}" >"$out/linux"
			chmod +x "$out/linux"
			;;
		esac
	END
}

# build [NAME=VALUE...] -- ARGUMENT...: run it on the machine.
build() {
	settings=
	while [ "$1" != -- ]; do
		settings="$settings $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # one word a setting
	env -i PATH="$work/bin" XDG_CACHE_HOME="$cache" $settings \
		"$work/bin/sh" "$root/harness/guest/build" "$@" >"$work/out" 2>"$work/err"
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

# refused WHAT STATUS PATTERN: it ended so, its last line is such, and nothing is left behind.
refused() {
	is "$1" "$2 1" "$status $(tail -n 1 "$work/err" | grep -c -- "$3")"
	is "$1: nothing printed" "" "$(cat "$work/out")"
	is "$1: nothing left behind" "" "$(find "$cache" -type f 2>/dev/null)"
}

machine
build -- linux-image-9.9
refused "no source" 3 "no package with a kernel's source: linux-image-9.9$"
build -- linux-source-
refused "no version" 3 "no package with a kernel's source"
build -- linux-source-9/../..
refused "a path" 3 "no package with a kernel's source"
build --
is "no package" "3 usage" "$status $(sed -n '1s/:.*//p' "$work/err")"
is "nothing done by then" "" "$(cat "$work/calls")"
build FAKE_MACHINE=aarch64 -- linux-source-9.9
refused "another processor" 4 "for x86-64 only, and this processor is aarch64$"
build FAKE_OFFLINE=1 -- linux-source-9.9
refused "no network" 4 "apt cannot bring linux-source-9.9: Unable to fetch; its lists"
build FAKE_FULL=1 -- linux-source-9.9
refused "no room" 4 "the unpacking of linux-source-9.9 failed$"
build FAKE_BROKEN=1 -- linux-source-9.9
refused "the build breaks" 4 "the build of linux-source-9.9 failed$"
is "with its log's end" 1 "$(grep -c '^error: broken$' "$work/err")"
build FAKE_LOSES=VETH -- linux-source-9.9
refused "an option is lost" 4 "cannot be configured with CONFIG_VETH=y $"
build FAKE_KERNEL=false -- linux-source-9.9
refused "a kernel that does not start" 4 "does not start here"
rm "$work/bin/flex"
build -- linux-source-9.9
refused "no flex" 4 "missing on this machine: apt-get install flex$"
rm "$work/bin/bison" "$work/bin/bc" "$work/bin/xz" "$work/bin/dpkg-deb"
: >"$work/calls"
build -- linux-source-9.9
refused "none of them" 4 "missing on this machine: apt-get install flex bison bc xz-utils dpkg$"
is "none of them: nothing was asked of the network" "" "$(grep -v ^uname "$work/calls")"

machine
build -- linux-source-9.9
is "built" "0 $place/linux" "$status $(cat "$work/out")"
is "with time travel" 1 "$(grep -c '^CONFIG_UML_TIME_TRAVEL_SUPPORT=y$' "$place/config")"
is "no working folder left" 0 "$(find "$cache" -name '.work*' | grep -c .)"
: >"$work/calls"
build -- linux-source-9.9
is "a second call only prints" "0 $place/linux  " \
	"$status $(cat "$work/out") $(cat "$work/err") $(cat "$work/calls")"

rm -rf "$work"
echo "$tried looked at"
exit $failed
