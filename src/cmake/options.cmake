# What a user can choose. The program and the examples are built by default only when quivive is the top project.
option(QUIVIVE_BUILD_PROGRAM "Build the quivive command" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_BUILD_TESTS "Build the tests" OFF)
option(QUIVIVE_BUILD_BENCH "Build the benchmarks too, when tests are built: tests/bench (the preset `dev` does)" OFF)
option(QUIVIVE_THOROUGH_TESTS "With the tests: those that only developers need, tests of the tests among them" OFF)
option(QUIVIVE_UNOPTIMIZED_TESTS "Compile all but the library with -O0: program, examples, tests (the preset `quick` does)" OFF)
option(QUIVIVE_CTEST_PER_FILE "Run the cases of a test file in one process (presets of `tests/run.sh all` do)" OFF)
option(QUIVIVE_INSTALL "Make install rules" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_WARNINGS_AS_ERRORS "Stop at a warning (presets do; users' builds should not)" OFF)
option(QUIVIVE_COMPILER_CACHE "Compile by way of ccache, if it is there (the presets do)" OFF)
option(QUIVIVE_FAST_LINKER "Link by mold, if it is there (the preset `quick` does)" OFF)
option(QUIVIVE_PRECOMPILED_HEADERS "Parse the common headers once a target (the preset `dev` does)" OFF)
option(QUIVIVE_BUILD_FUZZERS "Build the fuzzers of tests/fuzz (clang; the preset `asan` does)" OFF)
option(QUIVIVE_TEST_DECIDING_LAYERS "With the tests: those of layers without clock, socket or thread (not the preset `thorough`)" ON)
set(QUIVIVE_SANITIZE "" CACHE STRING "Sanitizers for everything built here, e.g. address,undefined")

set(QUIVIVE_COOKIES "RUNTIME" CACHE STRING "Cookie exchange: RUNTIME (the policy decides), ALWAYS or NEVER, for good")
set_property(CACHE QUIVIVE_COOKIES PROPERTY STRINGS RUNTIME ALWAYS NEVER)
if(NOT QUIVIVE_COOKIES MATCHES "^(RUNTIME|ALWAYS|NEVER)$")
    message(FATAL_ERROR "QUIVIVE_COOKIES is '${QUIVIVE_COOKIES}'; it must be RUNTIME, ALWAYS or NEVER")
endif()

set(QUIVIVE_COOKIE_SOURCES
    config/cookie_policy.cpp dispatch/strangers.cpp gate/gate.cpp gate/make_cookie_keys.cpp tls/cookies.cpp)

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
