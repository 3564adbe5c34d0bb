#!/bin/sh
# doors.sh ROOT: which file may include what. Rooms look only downward, and see another room by
# its door alone; cases see the public headers and the C library.
set -u
cd "$1" || exit 2
LC_ALL=C
export LC_ALL

find harness include cases -name '*.[ch]' 2>/dev/null | sort | {
	set --
	while read -r file; do
		set -- "$@" "$file"
	done
	[ $# -gt 0 ] || {
		echo "no C file below harness, include and cases"
		exit 1
	}
	exec awk '
	BEGIN {
		down["cli"] = "guest stack run report verdict probe target lab link peer dut " \
			"match packet wire base"
		down["guest"] = "stack run report verdict lab base"
		down["stack"] = "run target lab link packet base"
		down["run"] = "report verdict target lab link peer dut match packet base"
		down["probe"] = "link peer match packet wire base"
		down["target"] = "lab link peer match packet wire base"
		down["lab"] = "link peer dut match packet wire base"
		down["peer"] = "match packet wire base"
		down["dut"] = "packet base"
		down["report"] = "verdict match base"
		down["verdict"] = "target base"
		down["link"] = "wire packet base"
		down["wire"] = "packet base"
		down["match"] = "packet base"
		down["fault"] = "packet base"
		down["packet"] = "base"
		down["base"] = ""
		# The rooms that know nothing of cases.
		pure["base"] = pure["packet"] = pure["match"] = pure["fault"] = 1
		pure["wire"] = pure["link"] = pure["report"] = 1
		plain = "clock.h segment.h verdict.h requirement.h requirements.def"
		# What a case or a public header may take from the C library.
		libc = "assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h iso646.h " \
			"limits.h locale.h math.h setjmp.h signal.h stdalign.h stdarg.h " \
			"stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h " \
			"stdnoreturn.h string.h strings.h tgmath.h threads.h time.h uchar.h " \
			"wchar.h wctype.h unistd.h fcntl.h poll.h netinet/in.h netinet/tcp.h " \
			"netinet/ip.h arpa/inet.h sys/socket.h sys/types.h sys/time.h " \
			"sys/uio.h"
	}
	function wrong(text) {
		printf "%s:%d: %s\n", FILENAME, FNR, text
		failed = 1
	}
	function has(list, word) {
		return index(" " list " ", " " word " ") > 0
	}
	function look(name, quoted,   there, file) {
		there = name
		sub(/\/.*/, "", there)
		file = substr(name, length(there) + 2)
		if (name ~ /(^|\/)\.\.?\//)
			wrong(name ": an include names its file from the top, without dots")
		else if (FILENAME ~ /^harness\/guest\/clock\// && name !~ /^guest\/clock\// &&
			 (quoted || there == "lastack"))
			wrong(name ": the clock shim is a library of its own")
		else if (there == "lastack" && quoted)
			wrong("\"" name "\": a public header stands in angle brackets")
		else if (there == "lastack" && (room in pure) && !has(plain, file))
			wrong(room " knows nothing of <" name ">")
		else if (there == "lastack")
			return
		else if (top != "harness" && quoted)
			wrong("\"" name "\": from here one sees only <lastack/...> and C")
		else if (top != "harness" && !has(libc, name))
			wrong("<" name "> is neither <lastack/...> nor of the C library")
		else if (!quoted && (there in down))
			wrong("<" name ">: a door stands in double quotes")
		else if (!quoted || file == "" || there == room)
			return
		else if (!has(down[room], there))
			wrong(room " does not look at " there)
		else if (file != there ".h")
			wrong(name " is private to " there ": its door is " there "/" there ".h")
	}
	FNR == 1 {
		split(FILENAME, part, "/")
		top = part[1]
		room = top == "harness" ? part[2] : ""
		if (top == "harness" && !(room in down))
			wrong("no such room: " room)
	}
	/^[ \t]*#[ \t]*(include|include_next|import)/ {
		name = $0
		sub(/^[ \t]*#[ \t]*(include_next|include|import)[ \t]*/, "", name)
		opening = substr(name, 1, 1)
		name = substr(name, 2)
		if (opening == "\"" && sub(/".*/, "", name))
			look(name, 1)
		else if (opening == "<" && sub(/>.*/, "", name))
			look(name, 0)
		else
			wrong("an include names its file")
	}
	END { exit failed }
	' "$@"
}
