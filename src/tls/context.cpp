#include "tls/context.hpp"

namespace quivive::tls {

context::~context() = default;

}  // namespace quivive::tls
