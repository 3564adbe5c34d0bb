#!/bin/sh
# qemu.sh PATH-OF-LASTACK: a kernel's image under QEMU, as a user sees it. LASTACK_TEST_VMLINUZ
# names the image; its modules are where its package has them.
set -u
lastack=${1:?usage: qemu.sh PATH-OF-LASTACK}
image=${LASTACK_TEST_VMLINUZ:?names no kernel image}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0

wrong() {
	echo "$*"
	failed=1
}
run() {
	timeout 300 "$lastack" run --kernel "qemu:$image" "$@" >out 2>err
	status=$?
}
# refused NAME TEXT: no run on this kernel, and one line on stderr that says why.
refused() {
	timeout 20 "$lastack" run --kernel "qemu:$1" second_segment >out 2>err
	status=$?
	[ "$status" -eq 3 ] && grep -q "$2" err && [ "$(wc -l <err)" -eq 1 ] || {
		wrong "want exit 3 and one line with '$2', got exit $status and:"
		cat err
	}
}

# A copy of the program, so that its guests are known by name.
cp "$lastack" .
lastack=$folder/lastack

# A profile of one's own and evidence travel to the guest and back.
echo 'second_segment.* fail nothing of the kind' >my.profile
run --seed 5 --format json --evidence kept --profile ./my.profile -4 \
	second_segment.sent_again_with_doubling_intervals \
	third_segment.data_completes_it_after_a_retransmission
[ "$status" -eq 1 ] || {
	wrong "exit $status, want 1: an expected failure that passes"
	cat out err
}
[ "$(grep -c '"verdict":"pass"' out)" -eq 2 ] || wrong "two passes are missing: $(cat out)"
[ "$(grep -c '"expected":false' out)" -eq 1 ] || wrong "the profile was not read: $(cat out)"
for case in second_segment.sent_again_with_doubling_intervals \
	third_segment.data_completes_it_after_a_retransmission; do
	for file in wire.pcap ladder.txt verdict.json; do
		[ -s "kept/$case.ipv4/$file" ] || wrong "no kept/$case.ipv4/$file"
	done
done
[ -f kept/console.txt ] || wrong "no console"
[ "$(find kept -type f | wc -l)" -eq 7 ] || wrong "more than evidence: $(find kept -type f)"

# What cannot be run is told.
refused "$folder/nothing" "No such file"
refused "$lastack" "no Linux kernel"
refused /dev/null "no Linux kernel"
release=$(basename "$image" | sed 's/^[^-]*-//')
mkdir alone
cp "$image" "alone/vmlinuz-$release"
[ -e "/lib/modules/$release" ] || refused "$folder/alone/vmlinuz-$release" "config-$release"
env PATH="$folder" "$lastack" run --kernel "qemu:$image" second_segment >out 2>err
[ $? -eq 3 ] && grep -q "package qemu-system-x86" err || wrong "without QEMU: $(cat out err)"

# A kernel that finds no way outside ends, and so does the run; nothing of it is left behind.
printf 'CONFIG_%s=y\n' NET_NS PACKET UNIX VETH VIRTIO_PCI VIRTIO_CONSOLE >"alone/config-$release"
image=$folder/alone/vmlinuz-$release
run --evidence broken second_segment
[ "$status" -eq 4 ] && grep -q "/dev/vport0p1" err && [ "$(wc -l <err)" -eq 1 ] || {
	wrong "want exit 4 and one line that names the device, got exit $status and:"
	cat out err
}
grep -q "/dev/vport0p1" broken/console*.txt || wrong "the console was not kept"
if pgrep -f "$folder" >/dev/null; then
	wrong "processes are left: $(pgrep -af "$folder" | head -n 3)"
fi
exit $failed
