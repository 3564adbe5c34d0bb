#!/bin/sh
# example.sh ROOT OUT COMPILER [FLAG...]: README.md's first C block that holds a CASE compiles
# without a warning. OUT: a folder for the block and its object.
set -u
root=$1
out=$2
compiler=$3
shift 3

[ -f "$root/README.md" ] || {
	echo "no README.md"
	exit 1
}
mkdir -p "$out" || exit 2
awk '
/^```/ && open {
	open = 0
	if (block ~ /(^|\n)CASE\(/) {
		printf "#line %d \"README.md\"\n%s", first, block
		exit
	}
	next
}
/^```c[ \t]*$/ {
	open = 1
	first = FNR + 1
	block = ""
	next
}
open { block = block $0 "\n" }
' "$root/README.md" >"$out/example.c"
[ -s "$out/example.c" ] || {
	echo "README.md has no C block with a CASE"
	exit 1
}
"$compiler" -std=c11 -D_GNU_SOURCE "$@" -Werror -I"$root/include" -c "$out/example.c" \
	-o "$out/example.o" || {
	echo "the example of README.md does not compile"
	exit 1
}
