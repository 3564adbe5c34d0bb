#!/bin/sh
# unknown.sh ROOT OUT COMPILER [FLAG...]: a case that names a requirement which the table does not
# hold does not compile, wherever and however it names it; the same case with a known one does.
# OUT: a folder for the case.
set -u
root=$1
out=$2
compiler=$3
shift 3
mkdir -p "$out" || exit 2

# compiles REQUIREMENT ALSO FLAG...: does a case that names these?
compiles() {
	{
		printf '/* A case. */\n#include <lastack/case.h>\n\nFAMILY(f, "F");\n\n'
		printf 'CASE(c, .requirement = %s, .also = {%s}, .claim = "c")\n' "$1" "$2"
		printf '{\n\t(void)lab;\n}\n'
	} >"$out/case.c"
	shift 2
	"$compiler" -std=c11 -D_GNU_SOURCE "$@" -Werror -I"$root/include" -fsyntax-only \
		"$out/case.c" >"$out/said" 2>&1
}

failed=0
known='RFC9293(MUST, 1)'
# refused REQUIREMENT IDENTIFIER: as the one it is judged by, and as another that it shows.
refused() {
	name=$1
	identifier=$2
	shift 2
	for place in judged also; do
		if [ $place = judged ]; then
			compiles "$name" "$known" "$@"
		else
			compiles "$known" "$name" "$@"
		fi && {
			echo "$name compiles ($place)"
			failed=1
			continue
		}
		grep -q "$identifier" "$out/said" || {
			echo "$name is refused for another reason:"
			cat "$out/said"
			failed=1
		}
	done
}

for name in "$known" 'RFC9293(EV, RST_EXACT)' 'RFC(5961, 2)' 'DOC(SO_LINGER)'; do
	compiles "$name" "$known" "$@" || {
		echo "$name does not compile:"
		cat "$out/said"
		failed=1
	}
done
refused 'RFC9293(MUST, 1000)' R9293_MUST_1000 "$@"
refused 'RFC9293(EV, NO_SUCH)' R9293_EV_NO_SUCH "$@"
refused 'RFC(5961, 1000)' R5961_1000 "$@"
refused 'DOC(NO_SUCH)' DOC_NO_SUCH "$@"
exit $failed
