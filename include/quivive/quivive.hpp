#pragma once

// All of quivive.
#include "quivive/admission.hpp"
#include "quivive/attempt.hpp"
#include "quivive/client.hpp"
#include "quivive/cookie_policy.hpp"
#include "quivive/credentials.hpp"
#include "quivive/drop_reason.hpp"
#include "quivive/error.hpp"
#include "quivive/limits.hpp"
#include "quivive/metrics.hpp"
#include "quivive/observer.hpp"
#include "quivive/server.hpp"
#include "quivive/server_config.hpp"
#include "quivive/session.hpp"
#include "quivive/session_handler.hpp"
#include "quivive/session_info.hpp"
#include "quivive/version.hpp"
