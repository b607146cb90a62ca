#include "quivive/session_handler.hpp"

namespace quivive {

admission session_handler::admit(const client_hello&) { return admission::by_policy; }
void session_handler::moved(const session_info&, const boost::asio::ip::udp::endpoint&,
                            const boost::asio::ip::udp::endpoint&) noexcept
{
}
std::vector<std::byte> session_handler::export_state(const session_info&) { return {}; }
void session_handler::closed(const session_info&, error_code) noexcept {}

}  // namespace quivive
