#!/bin/sh
# commands.sh ROOT: every program that a script of the tree calls comes from a package that each
# Debian has, or from one of harness/packages or what these depend on. A machine that has more than
# that would hide what is missing. Where there is no dpkg, nothing can be told.
set -u
cd "$1" || exit 2
command -v dpkg-query >/dev/null || {
	echo "no dpkg-query: not looked at"
	exit 0
}
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# The scripts, but for those that are called by hand, or in a system that has more packages.
find . -path './build*' -prune -o \
	\( -path ./tests/bench -o -path ./tests/bare -o -path ./tests/cross \) -prune -o \
	-type f \( -name '*.sh' -o -path './harness/*' ! -name '*.*' ! -name packages \) -print |
	sort >"$work/scripts"
[ -s "$work/scripts" ] || {
	echo "no script to look at"
	exit 1
}

# What is left of a script without here-documents, comments and quoted text.
code() {
	awk '
	ends { sub(/^\t+/, ""); if ($0 == ends) ends = ""; next }
	{ print }
	/<<-?[ \t]*[\\'\''"]?[A-Z]+/ {
		ends = $0
		sub(/.*<<-?[ \t]*[\\'\''"]?/, "", ends)
		sub(/[^A-Z].*/, "", ends)
	}' "$1" | sed -E 's/(^|[[:space:]])#.*//' |
		sed -Ez "s/\\\\\n/ /g; s/'[^']*'//g; s/\"[^\"\$]*\"//g"
}

# Words where a command may stand: at a line's start, after what joins or opens commands, and after
# the words that run another. What is assigned is none.
words() {
	while read -r script; do
		code "$script"
	done <"$work/scripts" | awk '
	BEGIN {
		n = split("if then else elif while until do exec env nice sudo", parts, " ")
		for (i = 1; i <= n; i++)
			before[parts[i]] = 1
	}
	{
		gsub(/\$\(|&&|\|\||[|;&(){}!`]/, "\n")
		n = split($0, parts, "\n")
		for (i = 1; i <= n; i++) {
			m = split(parts[i], word, /[ \t]+/)
			for (j = 1; j <= m; j++) {
				if (word[j] == "" || word[j] ~ /^[A-Za-z_]+=/)
					continue
				if (word[j] in before)
					continue
				# A host or a number comes before the command.
				if (word[j] ~ /^(on|exec_on|timeout)$/) {
					print word[j]
					j++
					continue
				}
				if (word[j] ~ /^[a-z][a-z0-9_.+-]*$/)
					print word[j]
				break
			}
		}
	}' | sort -u
}

# The packages that may be called: those named, what they depend on, and what each Debian has.
allowed() {
	# Its priority depends on the release, and nothing is installed without it.
	echo apt
	sed -n 's/^\([a-z0-9][^ ]*\) .*/\1/p' harness/packages >"$work/named"
	dpkg-query -W -f '${Package}|${Essential} ${Priority}|${Depends}, ${Pre-Depends}\n' |
		awk -F'|' 'FILENAME != "-" { named[$1] = 1; next }
		$2 ~ /yes|required/ { print $1 }
		$1 in named {
			print $1
			sub(/^[^|]*\|[^|]*\|/, "")
			gsub(/\([^)]*\)|:[a-z0-9]+/, "")
			gsub(/[,|]/, " ")
			n = split($0, on, " ")
			for (i = 1; i <= n; i++)
				print on[i]
		}' "$work/named" -
}

# Prints each word that is a program, and the names that its file may have for dpkg: where /bin is
# /usr/bin, dpkg knows one of two names; an alternative is known by the file that it leads to.
files() {
	while read -r word; do
		path=$(command -v "$word")
		# time is a word of some shells.
		case $word$path in time/*) continue ;; */*) ;; *) continue ;; esac
		printf '%s %s\n' "$word" "$path" "$word" "/usr$path" "$word" "${path#/usr}" \
			"$word" "$(readlink -f "$path")"
	done <"$work/words"
}

words >"$work/words"
allowed >"$work/allowed"
files >"$work/files"
# shellcheck disable=SC2046 # one word a file
dpkg-query -S $(sed 's/.* //' "$work/files" | sort -u) 2>/dev/null >"$work/owners"
awk '
FILENAME ~ /allowed$/ { allowed[$1] = 1; next }
FILENAME ~ /owners$/ {
	if ($1 != "diversion") {
		owner[$NF] = $1
		sub(/[:,].*/, "", owner[$NF])
	}
	next
}
$2 in owner && !($1 in seen) {
	seen[$1] = 1
	found++
	if (!(owner[$2] in allowed)) {
		print $1 " is called, and its package " owner[$2] " is not in harness/packages"
		wrong = 1
	}
}
END {
	print found + 0 " programs"
	exit wrong || !found
}' "$work/allowed" "$work/owners" "$work/files"
