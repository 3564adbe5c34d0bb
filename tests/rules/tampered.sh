#!/bin/sh
# tampered.sh RULE WORK COMPILER [FLAG...]: show that a rule's checker can fail. A small tree that
# keeps every rule is made in WORK, and the checker passes it; then it must find each wrong done
# to that tree, and say so.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
rule=$1
work=$2
shift 2

# check: the rule's checker, looking at the small tree.
check() {
	case $rule in
	headers) sh "$here/headers.sh" "$work/tree" "$@" ;;
	example) sh "$here/example.sh" "$work/tree" "$work/out" "$@" ;;
	*) sh "$here/$rule.sh" "$work/tree" ;;
	esac >"$work/said" 2>&1
}

# plant: the small tree, as it should be.
plant() {
	rm -rf "$work"
	mkdir -p "$work/tree" && cd "$work/tree" || exit 2
	mkdir -p harness/base harness/packet harness/wire include/lastack cases/close tests/unit
	printf '/* %092d µ */\n#include <lastack/clock.h>\n' 0 >harness/base/base.h
	printf '#include "base/base.h"\n#include <stdio.h>\n' >harness/packet/packet.h
	{
		printf '#include "packet/packet.h"\n\nvoid f(int n,\n       int m)\n{\n'
		printf '\tfor (int i = n;\n\t     i < m; i++)\n\t\t;\n}\n'
	} >harness/packet/text.c
	printf '#include "wire/ring.h"\n#include "packet/packet.h"\n#include <pcap/pcap.h>\n' \
		>harness/wire/wire.c
	printf 'int ring(void);\n' >harness/wire/ring.h
	printf '#include <stdint.h>\ntypedef int64_t nanos;\n' >include/lastack/clock.h
	{
		printf '#include <lastack/clock.h>\n#define FAMILY(n, t) extern const char *n\n'
		printf '#define CASE(name) nanos name(void); nanos name(void)\n'
	} >include/lastack/case.h
	{
		printf '/* How a connection ends. */\n#include <lastack/case.h>\n'
		printf '\nFAMILY(fin, "FIN");\n\nCASE(one)\n{\n\treturn 1;\n}\n'
	} >cases/close/fin.c
	{
		printf '# Small\n\n```sh\nCASE(no)\n```\n\n```c\nint no_case;\n```\n\n```c\n'
		cat cases/close/fin.c
		printf '```\n'
	} >README.md
	printf 'add_test(NAME none)\n' >tests/CMakeLists.txt
	printf '# Packages\ncmake  program cmake\n' >harness/packages
	printf '#!/bin/sh\nsed p "$1" | cmake --version\n' >tests/some.sh
}

failed=0
tried=0
# found WRONG PATTERN: the tree has this wrong now; the checker must say a line like PATTERN.
found() {
	tried=$((tried + 1))
	check $compiler
	status=$?
	if [ $status != 1 ] || ! grep -q -- "$2" "$work/said"; then
		echo "not found: $1 (exit $status)"
		cat "$work/said"
		failed=1
	fi
	plant
}

# numbered N FORMAT: N lines.
numbered() {
	awk -v n="$1" -v format="$2" 'BEGIN { for (i = 0; i < n; i++) printf format "\n", i }'
}

try_doors() {
	echo '#include "packet/packet.h"' >>harness/base/base.h
	found "an upward look" '^harness/base/base.h:3: base does not look at packet$'
	echo ' #  include "wire/wire.h"' >>harness/packet/text.c
	found "a look aside" '^harness/packet/text.c:10: packet does not look at wire$'
	printf '#include "packet/bytes.h"\n' >>harness/wire/wire.c
	found "a private header of another room" 'packet/bytes.h is private to packet'
	mkdir -p harness/guest/clock
	echo '#include "base/base.h"' >harness/guest/clock/clock.c
	found "another room in the clock shim" 'clock.c:1: .*the clock shim is a library of its own'
	mkdir -p harness/guest/clock
	echo '#include <lastack/clock.h>' >harness/guest/clock/clock.c
	found "a case's header in the clock shim" 'the clock shim is a library of its own'
	echo '#include "../packet/packet.h"' >>harness/wire/wire.c
	found "a path with dots" 'without dots'
	echo '#include <base/base.h>' >>harness/packet/text.c
	found "a door in angle brackets" 'stands in double quotes'
	echo '#include PLACE' >>harness/packet/text.c
	found "an include by macro" 'an include names its file'
	mkdir harness/attic && echo 'int x;' >harness/attic/attic.c
	found "an unknown room" '^harness/attic/attic.c:1: no such room: attic$'
	echo '#include <lastack/case.h>' >>harness/packet/text.c
	found "a low room that knows of cases" 'packet knows nothing of <lastack/case.h>'
	echo '#include "base/base.h"' >>cases/close/fin.c
	found "a case that sees a room" '^cases/close/fin.c:.*one sees only'
	echo '#include <base/base.h>' >>cases/close/fin.c
	found "a case that sees a room, in angle brackets" 'neither <lastack/...> nor'
	echo '#include <pcap/pcap.h>' >>cases/close/fin.c
	found "a case that sees a library" '<pcap/pcap.h> is neither'
	echo '#include "base/base.h"' >>include/lastack/clock.h
	found "a public header that sees a room" '^include/lastack/clock.h:3:'
	echo '#include <sys/epoll.h>' >>include/lastack/clock.h
	found "a public header that sees more than C" '<sys/epoll.h> is neither'
	rm -r harness include cases
	found "no file at all" 'no C file'
}

try_style() {
	numbered 1 '/* %095d */' >>harness/base/base.h
	found "101 columns" '^harness/base/base.h:3: 101 columns'
	numbered 1 '\t/* %087d */' >>tests/unit/a.c
	found "101 columns with a tab" '^tests/unit/a.c:1: 101 columns'
	numbered 401 'int a%d;' >cases/close/long.c
	found "401 lines" '^cases/close/long.c:401: 401 lines'
	{ printf 'void f(void)\n{\n' && numbered 59 '\tg(%d);' && echo '}'; } >tests/unit/f.c
	found "a function of 61 lines" '^tests/unit/f.c:2: 61 lines'
	printf 'int f(void)\n{\n    return 1;\n}\n' >>tests/unit/f.c
	found "spaces for a tab" '^tests/unit/f.c:3: indented with spaces'
	printf 'int a;  \n' >>include/lastack/case.h
	found "blanks at the end of a line" '^include/lastack/case.h:4: blanks'
	printf 'Text \n' >>README.md
	found "blanks at the end of README's line" '^README.md:.*: blanks'
	printf 'int a;\r\n' >>harness/base/base.h
	found "a carriage return" '^harness/base/base.h:3: blanks'
	for name in harness/base/util.c tests/unit/misc_test.c cases/common cases/close/Utils.h; do
		echo 'int a;' >"$name"
		found "a file named $name" "^$name: a file is named"
	done
	printf '\tfprintf(stderr, "%%s", text);\n' >>harness/packet/text.c
	found "a line on stderr" '^harness/packet/text.c:10: stderr is written by base/log.c'
	printf '\tint fd = open(path, O_WRONLY | O_CREAT, 0666);\n' >>harness/packet/text.c
	found "a file that is created" '^harness/packet/text.c:10: files are created by base'
	printf '\tFILE *file = fopen(path, "we");\n' >>harness/packet/text.c
	found "a file that is opened for writing" '^harness/packet/text.c:10: files are created'
	rm -r harness include cases tests README.md
	found "no file at all" 'no file to look at'
}

try_cases() {
	sed -i 1d cases/close/fin.c
	found "no comment on top" '^cases/close/fin.c: no comment'
	sed -i '/^FAMILY/d' cases/close/fin.c
	found "no FAMILY" '^cases/close/fin.c: 0 FAMILY'
	echo 'FAMILY(more, "More");' >>cases/close/fin.c
	found "two families in a file" '^cases/close/fin.c: 2 FAMILY'
	sed -i 's/^CASE(/CASES(/' cases/close/fin.c
	found "no CASE" '^cases/close/fin.c: no CASE'
	cp cases/close/fin.c cases/close/rst.c
	found "a family in two files" '^cases/close/rst.c: the family fin is in cases/close/fin.c'
	mv cases/close/fin.c cases/fin.c
	found "a family without an area" '^cases/fin.c: a family is cases/AREA/FAMILY.c'
	rm -r cases
	found "no case at all" 'holds no file'
}

try_headers() {
	sed -i 1d include/lastack/case.h
	echo 'extern nanos later;' >>include/lastack/case.h
	found "a header that needs another" 'lastack/case.h does not compile alone'
	echo 'enum twice { TWICE };' >>include/lastack/clock.h
	found "a header without a guard" 'lastack/clock.h does not compile alone'
	{
		printf '#ifndef WARN_H\n#define WARN_H\n'
		printf 'static inline int f(int unused) { return 1; }\n#endif\n'
	} >include/lastack/warn.h
	found "a header with a warning" 'lastack/warn.h does not compile alone'
	rm include/lastack/*
	found "no header" 'no header'
}

try_example() {
	rm README.md
	found "no README.md" '^no README.md'
	sed -i 's/CASE(/CASES(/' README.md
	found "no example" 'has no C block with a CASE'
	sed -i 's/return 1;/return one;/' README.md
	found "an example that does not compile" 'does not compile'
	sed -i 's/return 1;/int unused; return 1;/' README.md
	found "an example with a warning" 'README.md:[0-9]*:.*unused'
}

try_commands() {
	# Without dpkg nothing can be told of any program.
	command -v dpkg-query >/dev/null || {
		tried=1
		return
	}
	echo '# none' >harness/packages
	found "a program of no package" '^cmake is called, and its package cmake is not in'
	echo '# none' >harness/packages
	printf 'f() {\n\tif ! x=$(timeout 3 cmake); then\n\t\texit\n\tfi\n}\n' >tests/some.sh
	found "a program called in a function" '^cmake is called'
	rm tests/some.sh
	found "no script" 'no script to look at'
}

compiler=$*
plant
check $compiler || {
	echo "the tree as it should be was refused:"
	cat "$work/said"
	exit 1
}
"try_$rule"
echo "$tried wrongs, each to be found"
[ $tried -gt 0 ] || failed=1
exit $failed
