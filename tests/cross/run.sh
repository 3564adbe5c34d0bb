#!/bin/sh
# Builds everything for another processor, and runs there the unit tests that an emulator of user
# programs can run: 64 bits that are not x86's, and 32 bits. Compilers are this processor's, in a
# Debian of their own that also has the libraries of the other one.
set -u
unset CDPATH

usage='usage: tests/cross/run.sh arm64|armhf

Builds lastack for another processor with the cross compiler of Debian, without a warning, and runs
the unit tests by qemu-user-static. The system that has them is kept in build/roots.

Exit status: 0; 1 the build or a test failed; 3 usage; 4 the system could not be made.'

name=cross
root=$(cd "$(dirname "$0")/../.." && pwd -P) || exit 4
PATH=$PATH:/usr/sbin:/sbin
. "$root/tests/bare/root.sh"

case $#${1:-} in
1-h | 1--help)
	echo "$usage"
	exit 0
	;;
1arm64 | 1armhf) ;;
*)
	echo "$usage" >&2
	exit 3
	;;
esac
cache=$root/build/roots/$1
# What is linked with comes for the other processor; what runs, for this one.
libraries=$(sed -n 's/^\([a-z0-9-]*-dev\) .*/\1/p' "$root/harness/packages" |
	sed "s/\$/:$1/" | tr '\n' ',')
own=$(dpkg --print-architecture) || give_up "no dpkg on this machine"
[ "${LASTACK_APART:-}" != yes ] ||
	enter tests/cross/steps.sh "$1" --architectures="$own,$1" \
		--include="$libraries,crossbuild-essential-$1,cmake,ninja-build,pkg-config" \
		--include=qemu-user-static
apart "$root/tests/cross/run.sh" "$1"
