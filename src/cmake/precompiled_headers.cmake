# quivive_precompile(TARGET [header...]), quivive_precompile(TARGET REUSE_FROM OTHER): where
# QUIVIVE_PRECOMPILED_HEADERS is on, the headers that most of a build's time goes into are parsed once a target. What a
# file forgets to include shows only without: tests/layering/stand_alone.py looks for it.
function(quivive_precompile target)
    if(NOT QUIVIVE_PRECOMPILED_HEADERS)
        return()
    endif()
    # GCC 12 misjudges std::string's operator+ (GCC bug 105651), and says so of headers that were precompiled.
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
