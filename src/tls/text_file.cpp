#include "tls/text_file.hpp"

#include <cerrno>
#include <system_error>

namespace quivive::tls {

std::optional<datum> read_file(const std::string& path, problem_list& problems)
{
    datum content;
    errno = 0;
    if (const int code = gnutls_load_file(path.c_str(), content.out()); code < 0) {
        const int cause = errno;
        problems.push_back(path + ": cannot be read: " +
                           (cause != 0 ? std::generic_category().message(cause) : gnutls_strerror(code)));
        return {};
    }
    if (content.text().empty()) {
        problems.push_back(path + ": is empty");
        return {};
    }
    return content;
}

}  // namespace quivive::tls
