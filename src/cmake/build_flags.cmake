# How this project's own targets are compiled: linked as $<BUILD_INTERFACE:quivive_build_flags>, never exported.
add_library(quivive_build_flags INTERFACE)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)  # there are none, and a scan before each file rules out many files at a time

# Fifty executables with a debugger's lines in them: mold takes a fifth of the time.
find_program(QUIVIVE_MOLD mold)
if(QUIVIVE_FAST_LINKER AND QUIVIVE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# quivive_compile_quickly(TARGET): for a target whose own speed is of no interest.
function(quivive_compile_quickly target)
    if(QUIVIVE_UNOPTIMIZED_TESTS)
        target_compile_options(${target} PRIVATE -O0)
    endif()
endfunction()

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
