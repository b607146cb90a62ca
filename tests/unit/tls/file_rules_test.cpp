#include "tls/file_rules.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"

#include <set>

using namespace quivive::tls;
using quivive::test::has;

namespace {

constexpr std::uint32_t root = 0, us = 1'000, another = 1'001;

bool may(file_use use, std::uint32_t owner, std::uint32_t mode, std::uint32_t user)
{
    return find_faults(use, {owner, mode}, {user, user}, "FILE").empty();
}

/// Returns all modes, including the special bits, in which `user` may use a file of this owner.
std::set<std::uint32_t> modes(file_use use, std::uint32_t owner, std::uint32_t user)
{
    std::set<std::uint32_t> allowed;
    for (std::uint32_t mode = 0; mode <= 07777; ++mode)
        if (may(use, owner, mode, user)) allowed.insert(mode);
    return allowed;
}

}  // namespace

TEST_CASE("Files: secrets and PSK files must have mode 0600 or 0400, or 0440 if owned by root")
{
    for (const auto use : {file_use::secret, file_use::psk}) {
        CHECK(modes(use, us, us) == std::set<std::uint32_t>{0600, 0400});
        CHECK(modes(use, root, us) == std::set<std::uint32_t>{0600, 0400, 0440});
        CHECK(modes(use, root, root) == std::set<std::uint32_t>{0600, 0400, 0440});
    }
}

TEST_CASE("Files: a private key is never world-readable, and group-readable only if root owns it")
{
    for (const auto user : {us, root}) {
        for (const auto mode : {0600U, 0400U, 0700U, 0500U}) {
            CHECK(may(file_use::private_key, user, mode, user));
            CHECK(may(file_use::private_key, root, mode, user));
        }
        for (const auto mode : {0604U, 0644U, 0444U, 0620U, 0602U, 0660U, 0666U})
            for (const auto owner : {us, root}) CHECK_FALSE(may(file_use::private_key, owner, mode, user));
    }
    CHECK(may(file_use::private_key, root, 0640, us));
    CHECK(may(file_use::private_key, root, 0440, root));
    CHECK_FALSE(may(file_use::private_key, us, 0640, us));
    CHECK_FALSE(may(file_use::private_key, us, 0440, us));
}

TEST_CASE("Files: only the owner may write to a state folder, and others may read it")
{
    for (const auto owner : {us, root}) {
        for (const auto mode : {0700U, 0750U, 0755U, 0500U, 02750U})
            CHECK(may(file_use::state_folder, owner, mode, us));
        for (const auto mode : {0770U, 0775U, 0702U, 0777U, 01777U})
            CHECK_FALSE(may(file_use::state_folder, owner, mode, us));
    }
}

TEST_CASE("Files: a confidential file must belong to the user or to root")
{
    for (const auto use : {file_use::secret, file_use::psk, file_use::private_key, file_use::state_folder}) {
        CHECK(may(use, us, 0400, us));
        CHECK(may(use, root, 0400, us));
        CHECK(modes(use, another, us).empty());
        CHECK(modes(use, us, root).empty());
    }
}

TEST_CASE("Files: certificates may belong to anybody and have any mode")
{
    CHECK(modes(file_use::certificates, another, us).size() == 010000);
}

namespace {

/// Returns the faults that are reported to a process of `user` in group 2000.
std::vector<std::string> told(file_use use, std::uint32_t owner, std::uint32_t mode, std::uint32_t user)
{
    return find_faults(use, {owner, mode}, {user, 2'000}, "FILE");
}

}  // namespace

TEST_CASE("Files: a fault names the file, the problem and a command that fixes it")
{
    const auto wide = find_faults(file_use::secret, {us, 0644}, {us, us}, "/etc/quivive/secret");
    REQUIRE(wide.size() == 1);
    CHECK(wide.front() ==
          "/etc/quivive/secret: has mode 0644, but a secret must have 0600 or 0400, or 0440 when "
          "root owns it; use chmod 600 /etc/quivive/secret");
    const auto foreign = find_faults(file_use::private_key, {another, 0600}, {us, us}, "key.pem");
    REQUIRE(foreign.size() == 1);
    CHECK(foreign.front() ==
          "key.pem: belongs to user 1001, but must belong to user 1000, which runs this, or to "
          "root; use chown 1000 key.pem");
    CHECK(told(file_use::state_folder, us, 0770, us) ==
          std::vector<std::string>{"FILE: has mode 0770, but only its owner may write to it, since a removed "
                                   "mark allows a session to be imported twice; use chmod 700 FILE"});
    CHECK(told(file_use::psk, another, 0644, us).size() == 2);
}

TEST_CASE("Files: the fix for a file owned by root grants access by group and keeps the owner")
{
    for (const auto use : {file_use::secret, file_use::psk, file_use::private_key}) {
        const auto wide = told(use, root, 0644, us);
        REQUIRE(wide.size() == 1);
        CHECK(
            wide.front().ends_with("; use chgrp 2000 FILE && chmod 440 FILE, or on a Kubernetes volume "
                                   "defaultMode: 0400 and an fsGroup"));
        CHECK_FALSE(has(wide.front(), "chmod 600"));
        CHECK(may(use, root, 0440, us));
        REQUIRE(told(use, root, 0644, root).size() == 1);
        CHECK(told(use, root, 0644, root).front().ends_with("; use chmod 600 FILE"));
    }
    const auto folder = told(file_use::state_folder, root, 0777, us);
    REQUIRE(folder.size() == 1);
    CHECK(folder.front().ends_with("; use chown 1000 FILE && chmod 700 FILE"));
}

TEST_CASE("Files: root is advised to check the files of a service as the user of the service")
{
    for (const auto use : {file_use::secret, file_use::psk, file_use::private_key, file_use::state_folder}) {
        const auto of_service = told(use, another, 0400, root);
        REQUIRE(of_service.size() == 1);
        CHECK(of_service.front() ==
              "FILE: belongs to user 1001, but root runs this: do that as the user of the service "
              "(sudo -u '#1001' ...), or use chown 0 FILE");
    }
}
