# What fetch and build share: the cache folder, a folder to work in, and an apt of their own.
# They are sourced by a program that has set name, usage and exits 3 for wrong usage, 4 otherwise.

say() {
	printf '%s: %s\n' "$name" "$*" >&2
}

give_up() {
	say "$@"
	exit 4
}

wrong_usage() {
	say "$@"
	exit 3
}

# User-mode Linux, and the clock shim that it is started with, are for one processor only.
processor_fits() {
	[ "$(uname -m)" = x86_64 ] ||
		give_up "user-mode Linux is for x86-64 only, and this processor is $(uname -m)"
}

# need PROGRAM PACKAGE: where the program is missing, the package is noted.
lacks=
need() {
	command -v "$1" >/dev/null || lacks="$lacks $2"
}

# need_file FILE PACKAGE
need_file() {
	[ -r "$1" ] || lacks="$lacks $2"
}

# All that was needed is there, or one line says what to install. To be called before any download.
needs_met() {
	[ -z "$lacks" ] || give_up "missing on this machine: apt-get install$lacks"
}

# Sets kernels, the cache's folder of kernels, and work, a folder in it that does not outlive us:
# what is ready is moved from there to its place in one step.
open_cache() {
	# HOME may be unset where a service runs us.
	[ -n "${XDG_CACHE_HOME:-}${HOME:-}" ] || give_up "neither XDG_CACHE_HOME nor HOME is set"
	kernels=${XDG_CACHE_HOME:-$HOME/.cache}/lastack/kernels
	case $kernels in
	/*) ;;
	*) give_up "the cache folder is no absolute path: $kernels" ;;
	esac
}

open_work() {
	{ mkdir -p "$kernels" && work=$(mktemp -d "$kernels/.work-XXXXXX"); } 2>/dev/null ||
		give_up "cannot write to $kernels"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	log=$work/log
}

# The mirror of Debian's main archive that this machine's apt uses; LASTACK_MIRROR is another.
mirror() {
	if [ -n "${LASTACK_MIRROR:-}" ]; then
		echo "$LASTACK_MIRROR"
		return
	fi
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
		2>/dev/null | awk '
		function take(uri) {
			if (uri ~ /^[a-z+]+:\/\/.*\/debian\/?$/ && !found) {
				found = 1
				print uri
			}
		}
		/^[ \t]*#/ { next }
		$1 == "deb" {
			sub(/\[[^]]*\]/, "")
			take($2)
		}
		tolower($1) == "uris:" {
			for (i = 2; i <= NF; i++)
				take($i)
		}
		END {
			if (!found)
				print "http://deb.debian.org/debian"
		}'
}

# open_apt LINE...: an apt that knows these lines of sources alone, below $work. What the machine
# says of proxies holds; its pins, its hooks and its lists do not.
open_apt() {
	apt=$work/apt
	mkdir -p "$apt/lists/partial" "$apt/archives/partial" || give_up "cannot write to $apt"
	: >"$apt/status"
	printf '%s\n' "$@" >"$apt/sources.list"
	cat >"$apt/conf" <<-END
		#clear APT::Update;
		#clear DPkg;
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::Etc::preferences "-";
		Dir::Etc::preferencesparts "-";
		Dir::State "$apt";
		Dir::State::lists "$apt/lists";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt";
		Dir::Cache::archives "$apt/archives";
		APT::Sandbox::User "";
		APT::Update::Error-Mode "any";
		Acquire::Languages "none";
		Acquire::Retries "2";
		Acquire::http::Timeout "30";
		Acquire::https::Timeout "30";
	END
	run_apt update || give_up "apt cannot read ${1#*] }: $(complaint)"
}

run_apt() {
	(cd "$work" && LC_ALL=C apt-get -q -y -c "$apt/conf" "$@") </dev/null >>"$log" 2>&1
}

# What apt complained of last.
complaint() {
	sed -n 's/^\(E\|W\|Err\):[0-9 ]*//p' "$log" | grep -v '^Some index files failed' | tail -n 1
}

# unpack PACKAGE FOLDER: a package of that apt, its signature checked by the way.
unpack() {
	rm -f "$work"/*.deb
	run_apt download "$1" || give_up "apt cannot bring $1: $(complaint)"
	dpkg-deb -x "$work"/*.deb "$2" >>"$log" 2>&1 || give_up "cannot unpack $1 into $2"
	rm -f "$work"/*.deb
}
