# Install rules: the library, its headers, the program, a CMake package and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/quivive)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS quivive EXPORT quivive-targets FILE_SET HEADERS)
if(TARGET quivive-program)
    install(TARGETS quivive-program)
endif()

# Users of a static library must link GnuTLS themselves, so both package files then require GnuTLS too.
get_target_property(library_type quivive TYPE)
if(library_type STREQUAL STATIC_LIBRARY)
    set(quivive_is_static TRUE)
    set(pc_requires Requires)
else()
    set(quivive_is_static FALSE)
    set(pc_requires Requires.private)
endif()

# find_package(quivive CONFIG)
install(EXPORT quivive-targets NAMESPACE quivive:: DESTINATION ${config_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/quivive-config.cmake.in
    ${PROJECT_BINARY_DIR}/quivive-config.cmake INSTALL_DESTINATION ${config_dir})
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/quivive-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/quivive-config.cmake ${PROJECT_BINARY_DIR}/quivive-config-version.cmake
    DESTINATION ${config_dir})

# pkg-config quivive. The prefix is relative to the file, so that `cmake --install --prefix` and a moved tree work.
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_prefix ${pc_prefix})
configure_file(${CMAKE_CURRENT_LIST_DIR}/quivive.pc.in ${PROJECT_BINARY_DIR}/quivive.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/quivive.pc DESTINATION ${pkgconfig_dir})
