# shellcheck shell=sh

# soon COMMAND...: it comes true within 20 s.
soon() {
	soon_tries=0
	until "$@"; do
		soon_tries=$((soon_tries + 1))
		[ $soon_tries -lt 400 ] || return 1
		sleep 0.05
	done
}
