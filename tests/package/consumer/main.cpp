#include <quivive/quivive.hpp>

#include <iostream>

int main()
{
    std::cout << "quivive " << quivive::version() << " on GnuTLS " << quivive::gnutls_version() << ", "
              << quivive::drop_reason_count
              << " drop reasons, the first: " << quivive::to_string(quivive::drop_reason{}) << '\n';
}
