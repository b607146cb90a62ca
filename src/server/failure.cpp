#include "server/failure.hpp"

#include <boost/system/system_error.hpp>

#include <exception>
#include <filesystem>
#include <new>
#include <system_error>

namespace quivive::runtime {

error_code code_of_failure() noexcept
try {
    throw;
} catch (const std::system_error& failure) {  // includes `std::filesystem::filesystem_error`
    return failure.code();
} catch (const boost::system::system_error& failure) {
    return failure.code();
} catch (const config_error&) {
    return make_error_code(errc::bad_configuration);
} catch (const std::bad_alloc&) {
    return make_error_code(boost::system::errc::not_enough_memory);
} catch (...) {
    return make_error_code(boost::system::errc::io_error);
}

std::string text_of_failure()
try {
    throw;
} catch (const std::exception& failure) {
    return failure.what();
} catch (...) {
    return "an exception of an unknown type";
}

std::string reason_of_failure()
try {
    throw;
} catch (const std::filesystem::filesystem_error& failure) {
    return failure.code().message();
} catch (...) {
    return text_of_failure();
}

}  // namespace quivive::runtime
