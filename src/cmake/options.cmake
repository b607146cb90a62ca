# What a user can choose. The program and the examples are built by default only when quivive is the top project.
option(QUIVIVE_BUILD_PROGRAM "Build the quivive command" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_BUILD_TESTS "Build the tests" OFF)
option(QUIVIVE_BUILD_BENCH "Build the benchmarks too, when tests are built: tests/bench" OFF)
option(QUIVIVE_INSTALL "Make install rules" ${PROJECT_IS_TOP_LEVEL})
option(QUIVIVE_WARNINGS_AS_ERRORS "Stop at a warning (presets do; users' builds should not)" OFF)
option(QUIVIVE_BUILD_FUZZERS "Build the fuzzers of tests/fuzz (clang; the preset `fuzz` does)" OFF)
set(QUIVIVE_SANITIZE "" CACHE STRING "Sanitizers for everything built here, e.g. address,undefined")

set(QUIVIVE_COOKIES "RUNTIME" CACHE STRING "Cookie exchange: RUNTIME (the policy decides), ALWAYS or NEVER, for good")
set_property(CACHE QUIVIVE_COOKIES PROPERTY STRINGS RUNTIME ALWAYS NEVER)
if(NOT QUIVIVE_COOKIES MATCHES "^(RUNTIME|ALWAYS|NEVER)$")
    message(FATAL_ERROR "QUIVIVE_COOKIES is '${QUIVIVE_COOKIES}'; it must be RUNTIME, ALWAYS or NEVER")
endif()

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
