# Programs in a user-mode kernel, KERNEL or the package's, with live_guest_init as its first
# process. shellcheck shell=sh disable=SC2154

kernel=$(command -v "${KERNEL:-linux.uml}") || {
	echo "no ${KERNEL:-linux.uml} on this machine: install user-mode-linux"
	exit 77
}

# user_mode MODULE... run PROGRAM ARGUMENT...: its console goes to stdout, with "status N" when the
# program has ended. Modules are files below the package's folder, without .ko; those that are not
# there are built in. The caller has set library and init, mode (the LASTACK_CLOCK), memory, limit
# (s), travel (a word for the kernel, or nothing) and work, a folder.
user_mode() {
	folder=/usr/lib/uml/modules/$("$kernel" --version)/kernel
	modules=
	while [ "$1" != run ]; do
		[ ! -e "$folder/$1.ko" ] || modules="$modules $folder/$1.ko"
		shift
	done
	# shellcheck disable=SC2086 # a word each
	timeout "$limit" env LD_PRELOAD="$library" LASTACK_CLOCK="$mode" "$kernel" $travel \
		mem="$memory" rootfstype=hostfs rootflags=/ ro init="$init" con=null \
		con0=fd:0,fd:1 quiet uml_dir="$work/" -- $modules "$@" end </dev/null 2>&1
}
