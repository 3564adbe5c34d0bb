#!/bin/sh
# style.sh ROOT: what a file looks like. Tabs, 100 columns, 400 lines a file, 60 lines a function,
# no blanks at the ends of lines, and names that say what a file holds. Only the log writes to
# stderr, because it cleans what it writes, and only base creates files, because it follows no link
# of another user.
set -u
cd "$1" || exit 2
LC_ALL=C
export LC_ALL

find_text() {
	find harness include cases tests CMakeLists.txt README.md .ci .github -type f \
		\( -name '*.[ch]' -o -name '*.def' -o -name '*.txt' -o -name '*.cmake' \
		-o -name '*.sh' -o -name '*.md' -o -name '*.yml' -o -name '*.profile' \
		-o -path harness/bootstrap -o -path harness/guest/fetch \
		-o -path harness/guest/build -o -path harness/packages -o -path .ci/run \) \
		! -path 'tests/golden/*' ! -path 'tests/fuzz/*/*' 2>/dev/null | sort
}

failed=0
found=$(find harness include cases tests 2>/dev/null |
	grep -iE '/(util|misc|common)[^/]*$' | sort)
[ -z "$found" ] || {
	echo "$found" | sed 's/$/: a file is named for what it holds/'
	failed=1
}

# only_in PLACE WHAT PATTERN: no line of harness beside PLACE is like this, comments excepted.
only_in() {
	found=$(find harness -name '*.c' ! -path "$1" ! -path 'harness/stack/lwip/*' \
		-exec grep -nE "$3" /dev/null {} + 2>/dev/null |
		grep -vE ':[0-9]+:[ 	]*(/\*|\*)')
	[ -n "$found" ] || return 0
	echo "$found" | sed -E "s|^([^:]*:[0-9]+):.*|\1: $2|"
	failed=1
}
only_in harness/base/log.c "stderr is written by base/log.c alone" \
	'f(printf|puts|putc|write)\(.*stderr'
only_in 'harness/base/*' "files are created by base alone" \
	'O_CREAT|O_TRUNC|[^a-z_]creat\(|fopen\([^;]*, "[wa]'

find_text | {
	set --
	while read -r file; do
		set -- "$@" "$file"
	done
	[ $# -gt 0 ] || {
		echo "no file to look at"
		exit 1
	}
	exec awk '
	function wrong(line, text) {
		printf "%s:%d: %s\n", name, line, text
		failed = 1
	}
	# Columns with tabs at every eighth; the later bytes of a UTF-8 character take none.
	function columns(line,   n, at, i) {
		gsub(/[\200-\277]/, "", line)
		for (n = 0; (i = index(line, "\t")) > 0; line = substr(line, i + 1)) {
			n += i - 1
			n += 8 - n % 8
		}
		return n + length(line)
	}
	function finish() {
		if (source && lines > 400)
			wrong(lines, lines " lines; a file has at most 400")
	}
	FNR == 1 {
		finish()
		name = FILENAME
		# A table that is made by hand, a row a sentence of an RFC.
		table = name ~ /\/requirements\.def$/
		source = name ~ /\.(c|h|def|sh)$|bootstrap$|guest\/[a-z]+$/ && !table
		c = name ~ /\.[ch]$/
		open = 0
		before = ""
		within = 0
	}
	{ lines = FNR }
	/[ \t\r]$/ { wrong(FNR, "blanks at the end of the line") }
	source && columns($0) > 100 { wrong(FNR, columns($0) " columns; a line has at most 100") }
	# Spaces align what goes on from the line before, and the stars of a comment; no more.
	c && /^\t* / && !/^\t* \*/ && before ~ /[;{}]$/ && !within {
		wrong(FNR, "indented with spaces")
	}
	c && NF {
		before = $0
		# The head of a for loop may end a line in the middle.
		rest = $0
		within = gsub(/\(/, "", rest) > gsub(/\)/, "", rest)
	}
	c && /^\{/ { open = FNR }
	c && /^\}/ && open {
		if (FNR - open + 1 > 60)
			wrong(open, (FNR - open + 1) " lines; a function has at most 60")
		open = 0
	}
	END {
		finish()
		exit failed
	}
	' "$@"
} || failed=1
exit $failed
