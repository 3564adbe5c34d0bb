#!/bin/sh
# cases.sh ROOT: every file below cases/ is a family: a comment on top, FAMILY, and a CASE. But for
# not-covered.md, the table of what no case shows.
set -u
cd "$1" || exit 2
LC_ALL=C
export LC_ALL

find cases -type f ! -path cases/not-covered.md 2>/dev/null | sort | {
	set --
	while read -r file; do
		set -- "$@" "$file"
	done
	[ $# -gt 0 ] || {
		echo "cases/ holds no file"
		exit 1
	}
	exec awk '
	function wrong(text) {
		printf "%s: %s\n", name, text
		failed = 1
	}
	function finish() {
		if (name == "")
			return
		if (name !~ /^cases\/[a-z0-9_-]+\/[a-z0-9_]+\.c$/)
			wrong("a family is cases/AREA/FAMILY.c")
		if (!comment)
			wrong("no comment on top")
		if (families != 1)
			wrong(families " FAMILY; a file has one")
		if (!cases)
			wrong("no CASE")
	}
	FNR == 1 {
		finish()
		name = FILENAME
		comment = /^\/\*/
		families = cases = 0
	}
	/^FAMILY\(/ {
		families++
		family = $0
		gsub(/^FAMILY\(|,.*/, "", family)
		if (family in first)
			wrong("the family " family " is in " first[family] " already")
		first[family] = name
	}
	/^CASE(_EACH)?\(/ { cases++ }
	END {
		finish()
		exit failed
	}
	' "$@"
}
