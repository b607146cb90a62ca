#!/usr/bin/env python3
"""Shows that the checks of this folder can fail: each is given a small tree that breaks its rule."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import hashes
import includes
import names
import sizes
import stand_alone
import symbols
import vocabulary


class tree(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for folder in ("include/quivive", "src/wire", "src/gate", "src/server"):
            (self.root / folder).mkdir(parents=True)

    def write(self, name, text):
        (self.root / name).write_text(text)
        return self.root / name


class includes_test(tree):
    def breaches(self, name, text):
        self.write(name, text)
        return includes.check(self.root)[1]

    def test_a_layer_may_include_itself_the_layers_below_and_the_standard_library(self):
        self.assertEqual(self.breaches("src/gate/a.hpp", '#include "gate/b.hpp"\n#include "wire/c.hpp"\n'
                                                         "#include <cstdint>\n"), [])

    def test_a_layer_must_not_include_a_layer_above(self):
        self.assertEqual(len(self.breaches("src/wire/a.cpp", '#include "gate/b.hpp"\n')), 1)

    def test_only_tls_includes_gnutls(self):
        self.assertEqual(len(self.breaches("src/server/a.cpp", "#include <gnutls/dtls.h>\n")), 1)

    def test_a_deciding_layer_includes_no_os_header(self):
        self.assertEqual(len(self.breaches("src/gate/a.cpp", "#  include <sys/socket.h>\n")), 1)

    def test_a_deciding_layer_does_not_include_asio_even_through_a_public_header(self):
        self.write("include/quivive/outer.hpp", '#include "quivive/inner.hpp"\n')
        self.write("include/quivive/inner.hpp", "#include <boost/asio/ip/udp.hpp>\n")
        self.assertEqual(len(self.breaches("src/gate/a.hpp", '#include "quivive/outer.hpp"\n')), 1)
        self.assertEqual(len(self.breaches("src/server/a.hpp", '#include "quivive/outer.hpp"\n')), 1, "no second one")

    def test_a_source_file_begins_with_its_own_header(self):
        self.write("src/wire/a.hpp", "#include <cstdint>\n")
        self.assertEqual(len(self.breaches("src/wire/a.cpp", '#include <vector>\n#include "wire/a.hpp"\n')), 1)
        self.assertEqual(self.breaches("src/wire/a.cpp", '#include "wire/a.hpp"\n#include <vector>\n'), [])

    def test_a_public_header_shows_no_gnutls_type_no_os_header_and_nothing_of_src(self):
        for text in ("#include <gnutls/gnutls.h>\n", "#include <netinet/in.h>\n", '#include "wire/bytes.hpp"\n',
                     "void* of(gnutls_session_t);\n"):
            with self.subTest(text):
                self.assertEqual(len(self.breaches("include/quivive/a.hpp", text)), 1)

    def test_a_public_header_may_mention_gnutls_in_a_comment(self):
        self.assertEqual(self.breaches("include/quivive/a.hpp", "/// Not a gnutls_session_t.\n"), [])

    def test_a_folder_without_a_rule_is_a_breach(self):
        (self.root / "src/new").mkdir()
        self.assertEqual(len(self.breaches("src/new/a.hpp", "")), 1)


class symbols_test(tree):
    def breaches(self, layer, body, name="a.cpp.o"):
        source = self.write("a.cpp", body)
        folder = self.root / layer
        folder.mkdir()
        subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-D_FORTIFY_SOURCE=2", "-O1", "-c", source,
                        "-o", folder / name], check=True, capture_output=True)
        return symbols.check("nm", [folder / name])[1]

    def test_a_clock_is_found(self):
        now = "#include <chrono>\nauto f() { return std::chrono::steady_clock::now(); }\n"
        self.assertEqual(len(self.breaches("gate", now)), 1)

    def test_a_fortified_socket_call_is_found_too(self):
        receive = "#include <sys/socket.h>\nauto f(int s, char* b, size_t n) { char a[8]; return recv(s, a, n, 0) + *b; }\n"
        self.assertEqual(len(self.breaches("wire", receive)), 1)

    def test_a_call_is_found_in_a_unity_build_object(self):
        now = "#include <ctime>\nauto f() { return time(nullptr); }\n"
        self.assertEqual(len(self.breaches("Unity", now, "unity_gate_0_cxx.cxx.o")), 1)

    def test_an_allowed_symbol_that_no_object_needs_is_a_breach(self):
        unneeded = self.breaches("Unity", "int f() { return 1; }\n", "unity_tls_1_cxx.cxx.o")
        self.assertEqual(len(unneeded), len(symbols.ALLOWED))

    def test_randomness_is_found(self):
        self.assertTrue(self.breaches("tls", "#include <random>\nauto f() { return std::random_device{}(); }\n"))

    def test_the_server_layer_may_use_the_forbidden_symbols(self):
        self.assertEqual(self.breaches("server", "#include <ctime>\nauto f() { return time(nullptr); }\n"), [])

    def test_plain_code_passes(self):
        self.assertEqual(self.breaches("dispatch", "#include <vector>\nint f() { return std::vector<int>(9)[3]; }\n"), [])


class sizes_test(tree):
    LONG = "int f()\n{\n" + "    x();\n" * 68 + "}\n"  # 71 lines, with name and braces

    def breaches(self, name, text, exemptions=""):
        self.write(name, text)
        return sizes.check(self.root, sizes.read_exemptions(exemptions))[1]

    def test_a_file_at_the_limit_passes_and_one_line_more_fails(self):
        self.assertEqual(self.breaches("src/wire/a.hpp", "\n" * 300), [])
        self.assertEqual(len(self.breaches("src/wire/a.hpp", "\n" * 301)), 1)

    def test_the_check_names_a_function_that_is_too_long(self):
        self.assertEqual(self.breaches("src/wire/a.cpp", self.LONG), ["src/wire/a.cpp f: 71 lines; at most 70"])
        self.assertEqual(self.breaches("src/wire/a.cpp", self.LONG.replace("    x();\n", "", 1)), [])

    def test_an_exemption_holds_for_its_size_only(self):
        self.assertEqual(self.breaches("src/wire/a.cpp", self.LONG, "71 src/wire/a.cpp f"), [])
        self.assertEqual(len(self.breaches("src/wire/a.cpp", self.LONG, "70 src/wire/a.cpp f")), 1, "it has grown")
        self.assertEqual(len(self.breaches("src/wire/a.cpp", self.LONG, "72 src/wire/a.cpp f")), 1, "it has shrunk")

    def test_an_exemption_that_is_no_longer_needed_is_a_breach(self):
        self.assertEqual(len(self.breaches("src/wire/a.cpp", "", "71 src/wire/a.cpp f")), 1)

    def test_functions_are_named_by_class_or_test_case(self):
        lines = 'void a::b(int c,\n          int d) noexcept\n{\n}\n\nTEST_CASE("a rule")\n{\n}\n'.splitlines()
        self.assertEqual(list(sizes.functions(lines)), [("a::b", 4), ('"a rule"', 3)])


class names_test(tree):
    def breaches(self, text):
        (self.root / "tests").mkdir(exist_ok=True)
        self.write("tests/a_test.cpp", text)
        return names.check(self.root)[1]

    def test_a_name_that_ctest_cannot_list_is_a_breach(self):
        self.assertEqual(self.breaches('TEST_CASE("a rule, and another (RFC 1 2.3)")\n{\n}\n'), [])
        for name in ("a rule; another", "an [index]", 'a rule" " in two; pieces'):
            self.assertEqual(len(self.breaches(f'TEST_CASE(\n    "{name}")\n{{\n}}\n')), 1, name)

    def test_a_repeated_name_is_a_breach(self):
        self.assertEqual(len(self.breaches('TEST_CASE("a")\n{\n}\nTEST_CASE("a")\n{\n}\n')), 1)


class vocabulary_test(tree):
    def breaches(self, text, name="src/server/a.hpp"):
        self.write(name, text)
        return vocabulary.check(self.root)[1]

    def test_a_new_name_passes(self):
        self.assertEqual(self.breaches("struct connection {};\nbool apply_transition(connection& one);\n"), [])

    def test_a_replaced_word_may_be_no_part_of_an_identifier(self):
        for text in ("class crew;\n", "enum class wish { send };\n", "bool worn_out() const;\n",
                     "std::size_t strangers_ = 0;\n",
                     "void begin_evacuation();\n", "void f(connection& who);\n", "using hello_mark = int;\n"):
            self.assertEqual(len(self.breaches(text)), 1, text)

    def test_everyday_words_may_be_no_types_functions_or_members(self):
        for text in ("struct member {\n};\n", "class home final {\n};\n", "class turn;\n", "struct terms {\n};\n",
                     "    void soon(ready_work work);\n", "std::shared_ptr<int> list(slot& held);\n",
                     "bool place(connection& one);\n",
                     "    gate::limiter budget;\n", "    shard_executor home_;\n", "sys_seconds today()\n{\n}\n",
                     "enum class verdict : unsigned char { a };\n"):
            self.assertEqual(len(self.breaches(text)), 1, text)

    def test_everyday_words_are_free_in_other_senses(self):
        for text in ("void f(int port, int list, int turn);\n", "const auto place = list.begin();\n", "return place(a);\n",
                     "// takes its turn in the list\n", 'auto a = "crew";\n', "std::list<int> all;\n"):
            self.assertEqual(self.breaches(text, "src/server/a.cpp"), [], text)

    def test_a_file_may_have_no_replaced_name(self):
        self.assertEqual(len(self.breaches("", "src/server/crew.hpp")), 1)
        self.assertEqual(len(self.breaches("", "src/server/home.cpp")), 2, "both files of this tree")

    def test_no_comment_and_no_sentence_of_one_begins_with_the_five_words(self):
        for text in ("/// What a peer may send.\nint a;\n", "int a;  ///< a peer's. Of one only\n",
                     "// Drops it. Who sent it is unknown.\n",
                     "// One line\n// ends. Whose line is this\n// after all.\n", "}  // namespace a\n/// What begins here.\n",
                     "int a;  ///< one\n    /// What begins here.\n    int b;\n"):
            self.assertEqual(len(self.breaches(text)), 1, text)
        self.assertEqual(self.breaches("// What is it? A question.\n// Whatever, of all, what.\n"), [])

    def test_documents_and_scripts_are_checked_too(self):
        self.assertEqual(len(self.breaches("# Title\n\nOf all things.\n", "src/wire/README.md")), 1)
        (self.root / "src/wire/README.md").unlink()
        self.assertEqual(len(self.breaches("# What it does.\nset(a b)\n", "src/wire/a.cmake")), 1)


class hashes_test(tree):
    def breaches(self, text):
        self.write("src/server/a.hpp", text)
        return hashes.check(self.root)[1]

    def test_a_table_with_a_keyed_hash_passes(self):
        self.assertEqual(self.breaches("std::unordered_map<peer_key, std::size_t, dispatch::peer_hash> table;\n"
                                       "std::unordered_map<std::uint64_t, std::pair<a, b>, source_id_hash> other;\n"), [])

    def test_a_table_with_the_standard_hash_or_an_unknown_hash_is_a_breach(self):
        for text in ("std::unordered_map<std::string, int> table;\n", "std::unordered_set<wire::endpoint> table;\n",
                     "std::unordered_map<std::pair<a, b>, int> table;\n",
                     "std::unordered_multimap<endpoint, int, std::hash<endpoint>> table;\n",
                     "std::unordered_set<endpoint, own_hash> table;\n"):
            self.assertEqual(len(self.breaches(text)), 1, text)

    def test_a_hash_key_in_the_source_is_a_breach(self):
        for text in ("gate::hash_key key{1, 2};\n", "auto a = peer_hash{{0, 0}};\n", "keyed_hash hash{{1, 2}};\n"):
            self.assertEqual(len(self.breaches(text)), 1, text)
        self.assertEqual(self.breaches("keyed_hash hash{key_};\nhash_key key{ids->seed[0], ids->seed[1]};\n"), [])


class stand_alone_test(tree):
    COMPILER = os.environ.get("CXX", "c++")
    FILES = {"a_cpp": "src/wire/a.cpp", "b_hpp": "src/wire/b.hpp", "public": "include/quivive/b.hpp"}

    def breaches(self, **texts):
        """Checks a tree with one source file src/wire/a.cpp and the given files."""
        for name, text in {"a_cpp": "int a;\n", **texts}.items():
            self.write(self.FILES[name], text)
        return stand_alone.check(self.root, [self.command("src/wire/a.cpp")])[1]

    def command(self, source):
        path = self.root / source
        return {"file": str(path), "command": f"/usr/bin/cmake -E env CCACHE_X=1 /usr/bin/ccache {self.COMPILER} -std=c++20 "
                                              f"-Wall -Werror -I{self.root}/src -MD -MT a.o -MF a.o.d -o a.o -c {path}"}

    def test_files_that_include_what_they_need_pass(self):
        good = "#pragma once\n#include <vector>\ninline std::vector<int> b() { return {}; }\n"
        self.assertEqual(self.breaches(a_cpp='#include "wire/b.hpp"\nauto a() { return b(); }\n', b_hpp=good, public=good), [])

    def test_the_check_names_a_source_file_that_lacks_an_include(self):
        [said] = self.breaches(a_cpp="std::vector<int> a;\n")
        self.assertIn("src/wire/a.cpp does not stand alone", said)

    def test_a_header_without_a_source_file_is_compiled_too(self):
        [said] = self.breaches(b_hpp="#pragma once\ninline std::vector<int> b() { return {}; }\n")
        self.assertIn("src/wire/b.hpp", said)
        self.assertEqual(len(self.breaches(b_hpp="inline int b() { return 1; }\n")), 1, "it may be included twice")

    def test_a_public_header_is_compiled_with_include_alone(self):
        self.write("src/wire/c.hpp", "#pragma once\n")
        self.assertEqual(len(self.breaches(public='#include "wire/c.hpp"\n')), 1)

    def test_a_warning_is_a_breach(self):
        self.assertEqual(len(self.breaches(a_cpp="int a(int b) { if (b = 1) return 2; return b; }\n")), 1)


@unittest.skipUnless(shutil.which("clang++-19"), "precompiles with clang only")
class stand_alone_with_clang_test(stand_alone_test):
    COMPILER = "clang++-19"

    def test_a_header_precompiled_for_other_files_does_not_hide_a_missing_include(self):
        many = [f"src/wire/{name}.cpp" for name in "bcdef"]
        for source in many:
            self.write(source, "#include <vector>\nstd::vector<int> one;\n")
        self.write("src/wire/forgets.cpp", "std::vector<int> one;\n")
        commands = [self.command(source) for source in (*many, "src/wire/forgets.cpp")]
        self.assertEqual(len(stand_alone.choose_sets(list(stand_alone.tree(self.root).units(commands)))), 1)
        [said] = stand_alone.check(self.root, commands)[1]
        self.assertIn("src/wire/forgets.cpp", said)

    def test_includes_after_a_header_do_not_hide_its_missing_include(self):
        many = [f"src/wire/{name}.cpp" for name in "bcdef"]
        for source in many:
            self.write(source, "#include <vector>\nstd::vector<int> one;\n")
        self.write("src/wire/a.hpp", "#pragma once\ninline std::vector<int> two() { return {}; }\n")
        self.write("src/wire/a.cpp", '#include "wire/a.hpp"\n#include <vector>\n')
        [said] = stand_alone.check(self.root, [self.command(source) for source in (*many, "src/wire/a.cpp")])[1]
        self.assertIn("src/wire/a.cpp", said)


if __name__ == "__main__":
    unittest.main()
