#include "tls/context.hpp"

namespace quivive::tls {

context::~context() = default;

std::size_t context::least_answer(const wire::client_hello_view&) const noexcept { return 0; }

}  // namespace quivive::tls
