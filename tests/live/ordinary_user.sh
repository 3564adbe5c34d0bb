#!/bin/sh
# An ordinary user can test the kernel too: the quick cases of one area run in a user namespace.
# That also holds for a binary with file capabilities, which the kernel makes undumpable at exec:
# its files in /proc then belong to root.
set -eu
lastack=${1:?usage: ordinary_user.sh PATH-OF-LASTACK}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The build may lie where an ordinary user cannot look.
cp "$lastack" "$folder/lastack"
chmod 755 "$folder" "$folder/lastack"
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		# A second exec, as an ordinary user: only then do file capabilities add to what the
		# caller has.
		setpriv --reuid=65534 --regid=65534 --clear-groups -- sh -c '"$@"; exit' sh "$@"
	else
		"$@"
	fi
}
as_user "$folder/lastack" doctor || { echo "doctor sees no way"; exit 1; }
as_user "$folder/lastack" run --quick handshake >"$folder/out" || {
	cat "$folder/out"
	exit 1
}
tail -n 3 "$folder/out"
grep -q '^[1-9][0-9]* pass' "$folder/out"

PATH=$PATH:/usr/sbin:/sbin
# Only root can give capabilities to a file.
[ "$(id -u)" -eq 0 ] || exit 0
for capabilities in cap_net_raw+ep cap_net_raw,cap_net_admin+ep; do
	setcap "$capabilities" "$folder/lastack"
	as_user "$folder/lastack" doctor >"$folder/doctor" || {
		cat "$folder/doctor"
		echo "doctor sees no way with $capabilities"
		exit 1
	}
	as_user "$folder/lastack" run --quick passive_open >"$folder/out" || {
		cat "$folder/out"
		echo "no run with $capabilities"
		exit 1
	}
	grep -q '^[1-9][0-9]* pass' "$folder/out"
	as_user "$folder/lastack" probe --lab 80 >"$folder/out" || {
		cat "$folder/out"
		echo "no probe in a lab with $capabilities"
		exit 1
	}
done
# Doctor names what the capabilities are good for, and what they are too few for.
grep -q '^yes *capabilities.*CAP_NET_RAW and CAP_NET_ADMIN' "$folder/doctor" || {
	cat "$folder/doctor"
	echo "doctor does not say what CAP_NET_RAW and CAP_NET_ADMIN are enough for"
	exit 1
}
