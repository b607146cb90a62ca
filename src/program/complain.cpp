#include "program/complain.hpp"

#include <iostream>

namespace quivive::program {

void complain(std::string_view what) { std::cerr << "quivive: error: " << what << std::endl; }

}  // namespace quivive::program
