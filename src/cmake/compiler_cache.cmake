# Uses ccache if it is installed. Clones share the cache.
if(NOT QUIVIVE_COMPILER_CACHE OR CMAKE_CXX_COMPILER_LAUNCHER)
    return()
endif()
find_program(QUIVIVE_CCACHE ccache)
if(QUIVIVE_CCACHE)
    # Rewrites paths in the source tree as relative ones, also in debug information, so that clones share the cache.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${QUIVIVE_CCACHE})
endif()
