# A Debian of its own for a test: a root that mmdebstrap makes from this machine's package sources,
# entered with pivot_root in mount and process namespaces that end with the test, however that ends.
# To be sourced by a program that has set name, its own; root, the checkout; and cache, a folder
# below $root/build. It exits with 4 where something cannot be done.

say() {
	printf '%s: %s\n' "$name" "$*" >&2
}

give_up() {
	say "$@"
	exit 4
}

# need PROGRAM PACKAGE
lacks=
need() {
	command -v "$1" >/dev/null || lacks="$lacks $2"
}

# open_cache: makes the folder, which belongs to whom the checkout belongs to.
open_cache() {
	for folder in "$root/build" "${cache%/*}" "$cache" "$cache/debs" "$cache/root"; do
		[ -d "$folder" ] || { mkdir "$folder" && chown --reference="$root" "$folder"; } ||
			give_up "cannot write to $root/build"
	done
	exec 9>"$cache/lock" || give_up "cannot write to $cache"
	flock -n 9 || give_up "another test uses $cache"
}

# Prints apt's sources of this machine, one file a line.
sources() {
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources; do
		[ ! -s "$file" ] || echo "$file"
	done
}

# What apt is told about fetching: proxies, time limits, dates. Its hooks are for programs that a
# bare system does not have.
fetching() {
	apt-config dump | grep -E '^(Acquire|APT::Sandbox)::' | grep -v '::IndexTargets'
}

# give_sources ROOT: apt there uses this machine's sources, keys and way to the mirror.
give_sources() {
	mkdir -p "$1/etc/apt" "$1/usr/share/keyrings" "$1/etc/ssl/certs"
	rm -rf "$1/etc/apt/sources.list" "$1/etc/apt/sources.list.d"
	for name in sources.list sources.list.d keyrings trusted.gpg trusted.gpg.d auth.conf \
		auth.conf.d; do
		[ ! -e "/etc/apt/$name" ] || cp -rL "/etc/apt/$name" "$1/etc/apt/"
	done
	for file in /usr/share/keyrings/*; do
		[ ! -f "$file" ] || cp -L "$file" "$1/usr/share/keyrings/"
	done
	[ ! -f /etc/ssl/certs/ca-certificates.crt ] ||
		cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
	fetching >"$1/etc/apt/apt.conf.d/90fetching"
	cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
}

# make_base FOLDER OPTION...: sets base to the archive of a bare Debian, which mmdebstrap makes from
# this machine's sources with these options; its temporary files are in FOLDER. An archive that is
# less than a week old is used again.
make_base() {
	making=$1
	shift
	files=$(sources)
	[ -n "$files" ] || give_up "apt has no package sources on this machine"
	# shellcheck disable=SC2086 # one word a file
	key=$({ cat $files && fetching && echo "$*"; } | sha256sum | cut -c 1-16)
	base=$cache/base-$key.tar
	[ -z "$(find "$base" -mtime -7 2>/dev/null)" ] || return 0
	rm -f "$cache"/base-*
	say "making a Debian with mmdebstrap"
	# shellcheck disable=SC2086 # one word a file
	TMPDIR=$making mmdebstrap --quiet --variant=minbase --format=tar --skip=cleanup/apt/lists \
		"$@" '' "$base.part" $files </dev/null >"$cache/mmdebstrap.log" 2>&1 || {
		tail -n 20 "$cache/mmdebstrap.log" >&2
		give_up "mmdebstrap failed"
	}
	mv "$base.part" "$base"
}

# mount_system ROOT: what a running system has mounted.
mount_system() {
	mount -t proc proc "$1/proc" &&
		mount -t sysfs sysfs "$1/sys" &&
		mount -t tmpfs -o mode=1777 tmpfs "$1/tmp" &&
		mount -t tmpfs -o mode=755 tmpfs "$1/run" &&
		mount -t tmpfs -o mode=755 tmpfs "$1/dev" &&
		mkdir "$1/dev/pts" "$1/dev/shm" "$1/dev/net" &&
		mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$1/dev/pts" &&
		mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm" || return 1
	for node in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0" \
		"net/tun 10 200"; do
		# shellcheck disable=SC2086 # name, major and minor number
		set -- "$1" $node
		mknod -m 666 "$1/dev/$2" c "$3" "$4" || return 1
	done
	ln -s pts/ptmx "$1/dev/ptmx" && ln -s /proc/self/fd "$1/dev/fd" &&
		ln -s fd/0 "$1/dev/stdin" && ln -s fd/1 "$1/dev/stdout" &&
		ln -s fd/2 "$1/dev/stderr"
}

# enter SCRIPT ARGUMENT OPTION...: to be called by the first process of the namespaces that apart()
# makes. It becomes SCRIPT, of a copy of the checkout, in a Debian that mmdebstrap makes with these
# options.
enter() {
	script=$1
	argument=$2
	shift 2
	mount -t tmpfs -o mode=755,size=80% tmpfs "$cache/root" || give_up "cannot mount a tmpfs"
	mkdir -m 1777 "$cache/root/making"
	make_base "$cache/root/making" "$@"
	rm -rf "$cache/root/making"
	tar -xpf "$base" -C "$cache/root" --numeric-owner || give_up "cannot unpack $base"
	give_sources "$cache/root"
	mount --bind "$cache/debs" "$cache/root/var/cache/apt/archives" &&
		mount_system "$cache/root" || give_up "cannot mount what a system has mounted"
	mkdir -p "$cache/root/src/lastack"
	# What is being worked on is tested, committed or not.
	tar -C "$root" -cf - --exclude=./.git --exclude='./build*' --exclude=./evidence . |
		tar -C "$cache/root/src/lastack" -xf - --no-same-owner ||
		give_up "cannot copy the checkout"
	cd "$cache/root" && mkdir .old && pivot_root . .old && cd / && umount -l .old &&
		rmdir .old || give_up "cannot enter $cache/root"
	exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		TERM=dumb LC_ALL=C ${http_proxy:+"http_proxy=$http_proxy"} \
		${https_proxy:+"https_proxy=$https_proxy"} \
		sh "/src/lastack/$script" "$argument" 9>&-
}

# apart PROGRAM ARGUMENT: runs the program again in namespaces of its own, where LASTACK_APART is
# yes, and exits as it does. All processes there end with this one, by whatever signal.
apart() {
	[ "$(id -u)" = 0 ] || give_up "only root can make a Debian: sudo $1 $2"
	need apt-config apt
	need mmdebstrap mmdebstrap
	need unshare util-linux
	need pivot_root util-linux
	need flock util-linux
	need setpriv util-linux
	[ -z "$lacks" ] || give_up "missing here: apt-get install$lacks"
	open_cache
	LASTACK_APART=yes setpriv --pdeathsig KILL unshare --mount --pid --ipc --uts --fork \
		--kill-child sh "$1" "$2" </dev/null &
	child=$!
	trap 'kill -KILL $child; wait $child; exit 130' INT
	trap 'kill -KILL $child; wait $child; exit 143' TERM HUP
	wait $child
	exit $?
}
