#!/bin/sh
# path.sh LASTACK SERVICES WIRE FACTS quality|filters: what lastack says of the path to a host, each
# fact shown true and false. quality: on the link, by what a host answers beside TCP, and behind a
# wire that loses, duplicates, reorders or delays. filters: behind filters, translators and routers,
# and with answers that are wrong. All of it is in namespaces of its own and ends with the script.
set -u
if [ "${PATH_INSIDE:-}" != yes ]; then
	PATH_INSIDE=yes
	export PATH_INSIDE
	map=
	[ "$(id -u)" = 0 ] || map=-Ur
	# shellcheck disable=SC2086 # nothing or one word
	exec unshare $map -n -m -p -f --mount-proc --kill-child sh "$0" "$@"
fi
lastack=$1
services=$2
wire=$3
facts=$4
part=$5
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
tried=0
here=$(cd "$(dirname "$0")" && pwd) || exit 2
. "$here/../host/hosts.sh"
. "$here/paths.sh"

mount -t tmpfs none /run && mkdir -p /run/netns || exit 2
world
quality() {
	for family in 4 6; do
		clean
		asked_by
	done
	family=4
	spoilt
	family=6
	lossy
}

filters() {
	family=4
	filtered left
	ended
	answers_wrongly
	translated
	family=6
	filtered far
}

"$part"
echo "$tried answers"
exit $failed
