#!/bin/sh
# headers.sh ROOT COMPILER [FLAG...]: every public header compiles alone, and twice, without a
# warning.
set -u
root=$1
compiler=$2
shift 2

failed=0
found=0
for header in "$root"/include/lastack/*.h; do
	[ -f "$header" ] || continue
	found=$((found + 1))
	name=lastack/${header##*/}
	printf '#include <%s>\n#include <%s>\nextern int translation_unit;\n' "$name" "$name" |
		"$compiler" -std=c11 -D_GNU_SOURCE "$@" -Werror -I"$root/include" -fsyntax-only \
			-x c - || {
		echo "$name does not compile alone"
		failed=1
	}
done
[ $found -gt 0 ] || {
	echo "no header in include/lastack"
	exit 1
}
echo "$found headers"
exit $failed
