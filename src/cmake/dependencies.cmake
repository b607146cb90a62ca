# Debian: libgnutls28-dev libboost1.81-dev. The targets are global, so that they are visible in a project that includes
# quivive with add_subdirectory. Keep src/cmake/quivive-config.cmake.in in sync.
find_package(PkgConfig REQUIRED)
pkg_check_modules(gnutls REQUIRED IMPORTED_TARGET GLOBAL gnutls>=3.7.9)
find_package(Boost 1.81 REQUIRED GLOBAL)  # headers only
find_package(Threads REQUIRED GLOBAL)
find_path(QUIVIVE_TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)  # Debian: libtomlplusplus-dev; headers, private
