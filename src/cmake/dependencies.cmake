# Debian: libgnutls28-dev libboost1.81-dev. The targets are global, so that they are also known to a project that
# takes quivive by add_subdirectory and links it there. src/cmake/quivive-config.cmake.in asks for the same.
find_package(PkgConfig REQUIRED)
pkg_check_modules(gnutls REQUIRED IMPORTED_TARGET GLOBAL gnutls>=3.7.9)
find_package(Boost 1.81 REQUIRED GLOBAL)  # headers only
find_package(Threads REQUIRED GLOBAL)
find_path(QUIVIVE_TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)  # Debian: libtomlplusplus-dev; headers, private
