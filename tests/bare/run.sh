#!/bin/sh
# Follows README on a bare Debian: a root with nothing but the packages of priority required and
# apt. Nothing of this machine but its kernel, its network and the sources of the checkout is there,
# so that a package that README or harness/packages does not name is missed. The root lies in a
# tmpfs of a mount namespace that ends with this process, and so does every process in there.
set -u
unset CDPATH

usage='usage: tests/bare/run.sh [run|test|all]

Makes a bare Debian and follows README in it, as root: run is "sh harness/bootstrap run" and every
command that README says works after it; test is "sh harness/bootstrap test" as an ordinary user
with sudo; all, the default, is both. The bare system and the packages are kept in build/roots.

Exit status: 0; 1 a step failed; 3 usage; 4 the bare system could not be made.'

name=bare
root=$(cd "$(dirname "$0")/../.." && pwd -P) || exit 4
cache=$root/build/roots/bare
PATH=$PATH:/usr/sbin:/sbin
. "$root/tests/bare/root.sh"

part=${1:-all}
case $#$part in
1-h | 1--help)
	echo "$usage"
	exit 0
	;;
0all | 1run | 1test | 1all) ;;
*)
	echo "$usage" >&2
	exit 3
	;;
esac
[ "${LASTACK_APART:-}" != yes ] || enter tests/bare/steps.sh "$part"
apart "$root/tests/bare/run.sh" "$part"
