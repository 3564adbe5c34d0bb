# cmake -C harness/presets/sanitizer.cmake -B build-sanitizer
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(LASTACK_WERROR ON CACHE BOOL "")
set(LASTACK_SANITIZE ON CACHE BOOL "")
