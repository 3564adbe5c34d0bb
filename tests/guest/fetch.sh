#!/bin/sh
# fetch.sh ROOT WORK: what harness/guest/fetch does on machines that differ. A machine is a folder
# of programs; apt-get is one that hands out packages made here, and nothing comes from a network.
set -u
root=$1
work=$2
cache="$work/a cache"
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

# A kernel is a script here: it tells its version, unless it is for a newer C library.
machine() {
	rm -rf "$work"
	mkdir -p "$work/bin" "$work/package/usr/bin" "$work/libc/lib/x86_64-linux-gnu" \
		"$work/package/usr/lib/uml/modules/9.9" || exit 2
	for name in sh sed awk head tail cat rm mkdir mktemp mv cp dirname grep find touch chmod; do
		ln -s "$(command -v $name)" "$work/bin/$name"
	done
	: >"$work/calls"
	cat >"$work/package/usr/bin/linux.uml" <<-'END'
		#!/bin/sh
		[ -z "${FAKE_NEWER:-}" ] || [ -d "${0%/*}/lib" ] || exit 1
		[ -z "${FAKE_BROKEN:-}" ] || { echo "no such luck" >&2; exit 1; }
		[ "$1" != --version ] || echo 9.9
	END
	chmod +x "$work/package/usr/bin/linux.uml"
	touch "$work/package/usr/lib/uml/modules/9.9/modules.dep"
	touch "$work/libc/lib/x86_64-linux-gnu/libc.so.6"
	touch "$work/libc/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
	program uname <<-'END'
		echo "${FAKE_MACHINE:-x86_64}"
	END
	program apt-get <<-'END'
		for last; do :; done
		case " $* " in
		*" update ")
			[ -z "${FAKE_OFFLINE:-}" ] || { echo "E: Could not connect"; exit 100; }
			while [ "$1" != -c ]; do shift; done
			sed -n 's/^Dir::Etc::sourcelist "\(.*\)";$/\1/p' "$2" >"$work/list-is"
			cat "$(cat "$work/list-is")" >"$work/sources"
			;;
		*" download "*)
			if [ "$last" = "${FAKE_WITHOUT:-}" ]; then
				echo "E: Unable to locate"
				exit 100
			fi
			echo "$last" >"$last.deb"
			;;
		esac
	END
	program dpkg-deb <<-'END'
		[ -z "${FAKE_FULL:-}" ] || { echo "no space left"; exit 2; }
		case $(cat "$2") in
		libc6) cp -R "$work/libc" "$3" ;;
		*) cp -R "$work/package" "$3" ;;
		esac
	END
	program patchelf </dev/null
}

# fetch [NAME=VALUE...] -- ARGUMENT...: run it on the machine.
fetch() {
	settings=
	while [ "$1" != -- ]; do
		settings="$settings $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # one word a setting
	env -i PATH="$work/bin" XDG_CACHE_HOME="$cache" $settings \
		"$work/bin/sh" "$root/harness/guest/fetch" "$@" >"$work/out" 2>"$work/err"
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

# refused WHAT STATUS PATTERN: it ended so, with one such line, and left nothing behind.
refused() {
	is "$1: status, lines, the line itself" "$2 1 1" \
		"$status $(grep -vc '^fetch: bringing ' "$work/err") $(grep -c -- "$3" "$work/err")"
	is "$1: nothing printed" "" "$(cat "$work/out")"
	is "$1: nothing left behind" "" "$(find "$cache" -type f 2>/dev/null)"
}

machine
fetch -- nosuch
refused "an unknown suite" 3 "unknown suite nosuch: one of bullseye .*sid, or all"
fetch -- ../sid
refused "a path" 3 "unknown suite"
fetch --
is "no suite" "3 usage" "$status $(sed -n '1s/:.*//p' "$work/err")"
fetch -- --help
is "--help" "0 usage" "$status $(sed -n '1s/:.*//p' "$work/out")"
is "nothing asked of apt by then" "" "$(cat "$work/calls")"
fetch FAKE_MACHINE=aarch64 -- sid
refused "another processor" 4 "for x86-64 only, and this processor is aarch64$"
fetch FAKE_OFFLINE=1 -- sid
refused "no network" 4 "apt cannot read [^ ]*debian/\{0,1\} sid main: Could not connect$"
fetch FAKE_WITHOUT=user-mode-linux -- sid
refused "no such package" 4 "apt cannot bring user-mode-linux: Unable to locate$"
fetch FAKE_FULL=1 -- sid
refused "a package that cannot be unpacked" 4 "cannot unpack user-mode-linux"
fetch FAKE_BROKEN=1 -- sid
refused "a kernel that does not start" 4 "does not start here: no such luck$"
fetch FAKE_NEWER=1 FAKE_WITHOUT=libc6 -- sid
refused "no libc6" 4 "apt cannot bring libc6"
rm -r "$work/package/usr/lib"
fetch -- sid
refused "a package without modules" 4 "holds no kernel and modules$"
machine
rm "$work/bin/dpkg-deb"
fetch -- sid
refused "no dpkg" 4 "missing on this machine: apt-get install dpkg$"
machine
rm "$work/bin/patchelf"
fetch FAKE_NEWER=1 -- sid
refused "no patchelf" 4 "missing on this machine: apt-get install patchelf$"
rm "$work/bin/dpkg-deb"
: >"$work/calls"
fetch -- sid
refused "neither" 4 "missing on this machine: apt-get install dpkg patchelf$"
is "neither: nothing was asked of the network" "" "$(grep -v ^uname "$work/calls")"
machine
fetch XDG_CACHE_HOME=relative -- sid
refused "a relative cache folder" 4 "no absolute path: relative/lastack/kernels$"
fetch XDG_CACHE_HOME= HOME= -- sid
refused "no home" 4 "neither XDG_CACHE_HOME nor HOME is set$"
fetch XDG_CACHE_HOME=/proc/none -- sid
refused "a cache folder that cannot be" 4 "cannot write to /proc/none/lastack/kernels$"

machine
place=$cache/lastack/kernels/sid
fetch LASTACK_MIRROR=http://127.0.0.1:1/debian -- sid
is "fetched" "0 $place/linux.uml" "$status $(cat "$work/out")"
is "with its modules" 1 "$(find "$place/modules/9.9" -name modules.dep | grep -c .)"
is "from the mirror named" 1 "$(grep -c ' http://127.0.0.1:1/debian sid main$' "$work/sources")"
is "only what is signed" 1 "$(grep -c 'signed-by=/usr/share/keyrings/' "$work/sources")"
is "no working folder left" 0 "$(find "$cache" -name '.work*' | grep -c .)"
is "no C library where none is needed" 0 "$(find "$place" -name lib | grep -c .)"
: >"$work/calls"
fetch FAKE_OFFLINE=1 -- sid
is "a second call only prints" "0 $place/linux.uml  " \
	"$status $(cat "$work/out") $(cat "$work/err") $(cat "$work/calls")"
fetch FAKE_NEWER=1 -- trixie
place=$cache/lastack/kernels/trixie
is "a newer kernel" "0 $place/linux.uml" "$status $(cat "$work/out")"
is "with its C library" 2 "$(find "$place/lib" -name '*.so.*' | grep -c .)"
is "which it is told to use" 1 \
	"$(grep -c "^patchelf --set-interpreter $place/lib/ld-linux-x86-64.so.2 --set-rpath" \
		"$work/calls")"
fetch -- all
is "all, in the order of age" "0 bullseye bookworm trixie sid" \
	"$status $(sed 's/.*kernels.//; s/.linux.uml//' "$work/out" | tr '\n' ' ' | sed 's/ $//')"

rm -rf "$work"
echo "$tried looked at"
exit $failed
