# cmake -C harness/presets/debug.cmake -B build-debug
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(LASTACK_WERROR ON CACHE BOOL "")
