# Build options. The program and the examples are built by default only when quivive is the top-level project.
option(QUIVIVE_BUILD_PROGRAM "Build the quivive command" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_BUILD_TESTS "Build the tests" OFF)
option(QUIVIVE_BUILD_BENCH "Build the benchmarks (tests/bench) with the tests (set in the preset `dev`)" OFF)
option(QUIVIVE_THOROUGH_TESTS "Include tests that only developers need, such as tests of the test tools" OFF)
option(QUIVIVE_UNOPTIMIZED_TESTS "Compile all targets except the library with -O0 (set in the preset `quick`)" OFF)
option(QUIVIVE_CTEST_PER_FILE "Run the cases of a test file in one process (set in the presets of `tests/run.sh all`)" OFF)
option(QUIVIVE_INSTALL "Create install rules" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_WARNINGS_AS_ERRORS "Treat warnings as errors (set in the presets; not for users' builds)" OFF)
option(QUIVIVE_COMPILER_CACHE "Compile with ccache if it is installed (set in the presets)" OFF)
option(QUIVIVE_FAST_LINKER "Link with mold if it is installed (set in the preset `quick`)" OFF)
option(QUIVIVE_PRECOMPILED_HEADERS "Precompile the common headers once per target (set in the preset `dev`)" OFF)
option(QUIVIVE_BUILD_FUZZERS "Build the fuzzers of tests/fuzz (clang; set in the preset `asan`)" OFF)
option(QUIVIVE_TEST_DECIDING_LAYERS "Include tests of layers without clock, socket or thread (off in the preset `thorough`)" ON)
set(QUIVIVE_SANITIZE "" CACHE STRING "Sanitizers for all targets, e.g. address,undefined")

set(QUIVIVE_COOKIES "RUNTIME" CACHE STRING "Cookie exchange: RUNTIME (as configured), or ALWAYS or NEVER, fixed at build time")
set_property(CACHE QUIVIVE_COOKIES PROPERTY STRINGS RUNTIME ALWAYS NEVER)
if(NOT QUIVIVE_COOKIES MATCHES "^(RUNTIME|ALWAYS|NEVER)$")
    message(FATAL_ERROR "QUIVIVE_COOKIES is '${QUIVIVE_COOKIES}'; it must be RUNTIME, ALWAYS or NEVER")
endif()

set(QUIVIVE_COOKIE_SOURCES
    config/cookie_policy.cpp dispatch/unknown_peers.cpp gate/gate.cpp gate/make_cookie_keys.cpp tls/cookies.cpp)

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
