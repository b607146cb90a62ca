# ccache, where it is installed: a file that was compiled before, in this clone or another one, is taken from there.
if(NOT QUIVIVE_COMPILER_CACHE OR CMAKE_CXX_COMPILER_LAUNCHER)
    return()
endif()
find_program(QUIVIVE_CCACHE ccache)
if(QUIVIVE_CCACHE)
    # Paths below the source tree count as relative ones, also in what a debugger reads, so that clones share the cache.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${QUIVIVE_CCACHE})
endif()
