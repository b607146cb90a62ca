# quivive_precompile(TARGET [header...]), quivive_precompile(TARGET REUSE_FROM OTHER): if QUIVIVE_PRECOMPILED_HEADERS is on,
# precompiles the headers that take most of the build time, once per target. Precompiled headers hide missing includes;
# tests/layering/stand_alone.py finds those.
function(quivive_precompile target)
    if(NOT QUIVIVE_PRECOMPILED_HEADERS)
        return()
    endif()
    # GCC 12 has false positives in operator+ of std::string (GCC bug 105651), which it also reports for precompiled headers.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-restrict>)
    if("${ARGV1}" STREQUAL "REUSE_FROM")
        target_precompile_headers(${target} REUSE_FROM ${ARGV2})
        return()
    endif()
    target_precompile_headers(${target} PRIVATE
        <boost/asio/any_completion_handler.hpp> <boost/asio/any_io_executor.hpp> <boost/asio/as_tuple.hpp>
        <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp> <boost/asio/io_context.hpp>
        <boost/asio/ip/tcp.hpp> <boost/asio/ip/udp.hpp> <boost/asio/signal_set.hpp> <boost/asio/steady_timer.hpp>
        <boost/asio/use_awaitable.hpp> <boost/asio/use_future.hpp>
        <algorithm> <chrono> <functional> <memory> <optional> <string> <unordered_map> <vector> ${ARGN})
endfunction()
