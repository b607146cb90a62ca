# How this project's own targets are compiled: linked as $<BUILD_INTERFACE:quivive_build_flags>, never exported.
add_library(quivive_build_flags INTERFACE)
set(CMAKE_CXX_EXTENSIONS OFF)

# Warnings are for those who work on quivive, not for those who build it as a part of something else.
if(PROJECT_IS_TOP_LEVEL)
    target_compile_options(quivive_build_flags INTERFACE
        -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
        # GCC 12 takes the frames of Asio's coroutines, which have an operator delete of their own, for a mismatch.
        $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>
        # Many files in one: what a local name shadows may be another file's, which is no fault.
        $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
        $<$<BOOL:${QUIVIVE_WARNINGS_AS_ERRORS}>:-Werror>)
endif()

if(QUIVIVE_SANITIZE)
    target_compile_options(quivive_build_flags INTERFACE
        -fsanitize=${QUIVIVE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
        # GCC 12 sees ghosts in instrumented code: in std::regex, in std::string's operator+ and in the fences of Asio.
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-tsan>)
    target_link_options(quivive_build_flags INTERFACE -fsanitize=${QUIVIVE_SANITIZE})
endif()
