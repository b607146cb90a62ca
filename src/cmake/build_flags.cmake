# Compile options of this project's own targets, linked as $<BUILD_INTERFACE:quivive_build_flags> and never exported.
add_library(quivive_build_flags INTERFACE)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)  # there are no modules, and scanning rules out unity builds

# For fifty executables with debug information, mold takes a fifth of the time.
find_program(QUIVIVE_MOLD mold)
if(QUIVIVE_FAST_LINKER AND QUIVIVE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# quivive_compile_quickly(TARGET): compiles a target whose run time does not matter without optimisation, if
# QUIVIVE_UNOPTIMIZED_TESTS is on.
function(quivive_compile_quickly target)
    if(QUIVIVE_UNOPTIMIZED_TESTS)
        target_compile_options(${target} PRIVATE -O0)
    endif()
endfunction()

# Warnings are for developers of quivive, not for projects that build it as a subproject.
if(PROJECT_IS_TOP_LEVEL)
    target_compile_options(quivive_build_flags INTERFACE
        -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
        # GCC 12 reports a mismatch for the frames of Asio's coroutines, which have their own operator delete.
        $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>
        # In a unity build a local name may shadow a name of another file, which is not an error.
        $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
        $<$<BOOL:${QUIVIVE_WARNINGS_AS_ERRORS}>:-Werror>)
endif()

if(QUIVIVE_SANITIZE)
    target_compile_options(quivive_build_flags INTERFACE
        -fsanitize=${QUIVIVE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
        # GCC 12 reports false positives in instrumented code: std::regex, operator+ of std::string, fences in Asio.
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-tsan>)
    target_link_options(quivive_build_flags INTERFACE -fsanitize=${QUIVIVE_SANITIZE})
endif()
