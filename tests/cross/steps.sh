#!/bin/sh
# steps.sh ARCH: the build for that processor and its tests, in the system that run.sh made, as its
# first process.
set -u
cd /src/lastack || exit 4
case $1 in
arm64) triple=aarch64-linux-gnu processor=aarch64 emulator=qemu-aarch64-static ;;
armhf) triple=arm-linux-gnueabihf processor=armv7l emulator=qemu-arm-static ;;
*) exit 3 ;;
esac

# failed WHAT LOG
failed() {
	tail -n 60 "$2"
	echo "cross: $1 failed"
	exit 1
}

cmake -GNinja -S . -B build -DBUILD_TESTING=ON -DLASTACK_WERROR=ON -DCMAKE_SYSTEM_NAME=Linux \
	-DCMAKE_SYSTEM_PROCESSOR=$processor -DCMAKE_C_COMPILER=$triple-gcc \
	-DCMAKE_LIBRARY_ARCHITECTURE=$triple -DCMAKE_CROSSCOMPILING_EMULATOR=/usr/bin/$emulator \
	-DPKG_CONFIG_EXECUTABLE=/usr/bin/$triple-pkg-config >/tmp/log 2>&1 ||
	failed "the configuration" /tmp/log
cmake --build build >/tmp/log 2>&1 || failed "the build" /tmp/log
echo "ok  the build for $1"

# What the program and its agent say there.
for file in lastack lastack-agent lastack-lwip; do
	[ -x build/$file ] || failed "the build of $file" /tmp/log
done
for file in lastack lastack-agent; do
	$emulator build/$file --version >/tmp/log 2>&1 || failed "$file --version" /tmp/log
done
$emulator build/lastack run --kernel uml >/tmp/log 2>&1
[ $? = 4 ] && grep -q 'virtual time is not available on this processor' /tmp/log ||
	failed "the refusal of virtual time" /tmp/log
echo "ok  the programs start"

ctest --test-dir build --label-regex '^unit$' --label-exclude '^kernel$' --no-tests=error \
	--parallel "$(nproc)" --output-on-failure >/tmp/log 2>&1 || failed "a unit test" /tmp/log
grep -E 'tests passed' /tmp/log
