"""Every rule of the self-check refuses what it should and lets pass what it should."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import house  # noqa: E402

MAP = """
| room | folder | may use | what |
|---|---|---|---|
| base | `src/base` | - | words |
| crypto | `src/crypto` | base | locks |
| store | `src/store` | base, crypto | rows |
| web | `src/web` | base, store | calls |
| net | `src/net` | base, web | bytes |
| app | `src/app` | all | together |
"""
ROOMS = house.read_map(MAP)


def rules(path: str, text: str) -> list[str]:
    return [finding.rule for finding in house.check_file(path, text, ROOMS)]


def header(body: str) -> str:
    return "#pragma once\n" + body


class MapTest(unittest.TestCase):
    def test_reads_rooms_and_all(self) -> None:
        self.assertEqual(ROOMS["store"].uses, {"base", "crypto"})
        self.assertEqual(ROOMS["base"].uses, set())
        self.assertIn("net", ROOMS["app"].uses)

    def test_repository_map_agrees_with_the_build(self) -> None:
        rooms = house.read_map((house.ROOT / "docs/map.md").read_text())
        cmake = (house.ROOT / "CMakeLists.txt").read_text()
        for name in rooms:
            self.assertIn(f"probity_room({name} ", cmake)


class IncludeTest(unittest.TestCase):
    def test_upward_include_is_refused(self) -> None:
        self.assertEqual(
            ["room order"],
            [r for r in rules("src/base/x.cpp", '#include "web/request.hpp"\n') if "path" not in r])

    def test_downward_include_passes(self) -> None:
        self.assertEqual([], rules("src/crypto/x_test.cpp", '#include "base/error.hpp"\n'))

    def test_include_in_a_comment_does_not_count(self) -> None:
        self.assertEqual([], rules("src/base/x.cpp", '// #include "web/request.hpp"\n'))

    def test_unknown_own_header(self) -> None:
        self.assertEqual(["include path"], rules("src/web/x.cpp", '#include "gone.hpp"\n'))

    def test_statements_of_another_room(self) -> None:
        self.assertEqual(["room order"], rules("src/web/x.cpp", '#include "sql/store.hpp"\n'))
        self.assertEqual([], rules("src/web/x.cpp", '#include "sql/web.hpp"\n'))
        self.assertEqual([], rules("src/web/x_test.cpp", '#include "sql/migrations.hpp"\n'))

    def test_third_party_outside_its_room(self) -> None:
        for name in ("openssl/evp.h", "sodium.h", "libpq-fe.h", "sqlcipher/sqlite3.h",
                     "boost/asio/ip/tcp.hpp", "boost/beast/http.hpp", "curl/curl.h",
                     "gtest/gtest.h", "surprise/surprise.h"):
            with self.subTest(name):
                self.assertEqual(["third party"], rules("src/web/x.cpp", f"#include <{name}>\n"))

    def test_a_fixture_is_for_tests(self) -> None:
        name = '#include "store/store_fixture.hpp"\n'
        self.assertIn("room order", rules("src/store/x.cpp", name))
        self.assertEqual([], rules("src/store/x_test.cpp", name))
        self.assertEqual([], rules("src/store/x_fixture.cpp", '#include <gtest/gtest.h>\n'))

    def test_third_party_in_its_room(self) -> None:
        for path, name in (
            ("src/crypto/x.cpp", "openssl/evp.h"), ("src/store/x.cpp", "libpq-fe.h"),
            ("src/net/tls.cpp", "openssl/ssl.h"), ("src/web/x_test.cpp", "gtest/a.h"),
            ("src/web/x.cpp", "unistd.h"),
        ):
            with self.subTest(name):
                self.assertEqual([], rules(path, f"#include <{name}>\n"))

    def test_full_json_header_in_a_header(self) -> None:
        self.assertEqual(
            ["header only fwd"], rules("src/web/x.hpp", header("#include <boost/json.hpp>\n")))
        self.assertEqual([], rules("src/web/x.hpp", header("#include <boost/json/fwd.hpp>\n")))


class WordTest(unittest.TestCase):
    def test_refused_words(self) -> None:
        for text in ("// TODO later\n", "// good enough for now\n", "auto* p = new Thing;\n",
                     "delete p;\n", "delete[] p;\n", "std::regex r;\n", "int ctx = 0;\n",
                     "class TenantManager {};\n", "struct TextUtil {};\n", "#include <iostream>\n"):
            with self.subTest(text):
                self.assertEqual(["banned word"], rules("src/web/x.cpp", text))

    def test_harmless_words(self) -> None:
        for text in ("Thing(const Thing&) = delete;\n", "// a new thing, then delete it\n",
                     'auto s = "new thing";\n', "int renewed = newest(a);\n",
                     "struct Implication {};\n"):
            with self.subTest(text):
                self.assertEqual([], rules("src/web/x.cpp", text))

    def test_an_owner_may_take_what_only_a_factory_builds(self) -> None:
        self.assertEqual([], rules("src/web/x.cpp", "std::unique_ptr<A> a(new A(1));\n"))
        self.assertEqual([], rules("src/web/x.cpp", "return std::unique_ptr<A>(new A);\n"))
        self.assertEqual(
            ["banned word"], rules("src/web/x.cpp", "std::unique_ptr<A> a;\nB* b = new B;\n"))

    def test_coroutines_nowhere(self) -> None:
        self.assertEqual(["coroutine"], rules("src/web/x.cpp", "co_await f();\n"))
        self.assertEqual(["coroutine"], rules("src/net/x.cpp", "co_return;\n"))

    def test_using_namespace_in_a_header(self) -> None:
        self.assertEqual(
            ["using namespace"], rules("src/web/x.hpp", header("using namespace std;\n")))

    def test_skip_needs_a_reason(self) -> None:
        self.assertEqual(["silent skip"], rules("src/web/x_test.cpp", "GTEST_SKIP();\n"))
        self.assertEqual([], rules("src/web/x_test.cpp", 'GTEST_SKIP() << "no server";\n'))

    def test_nolint_needs_check_and_reason(self) -> None:
        self.assertEqual(["bare nolint"], rules("src/web/x.cpp", "int a;  // NOLINT\n"))
        self.assertEqual(
            [], rules("src/web/x.cpp", "int a;  // NOLINT(misc-a): the library wants it\n"))

    def test_machine_paths_anywhere(self) -> None:
        for text in ("cd /wo" "rk/main\n", "http://deb.deb" "ian.org/\n"):
            self.assertEqual(["machine path"], rules("docs/x.md", text))
        self.assertEqual([], rules("docs/x.md", "see docs/work/plan and ./work/x\n"))


class SqlTest(unittest.TestCase):
    def test_statement_in_code(self) -> None:
        for sql in ("SELECT id FROM a", "INSERT INTO a VALUES (1)", "UPDATE a SET b = 1",
                    "DELETE FROM a", "CREATE TABLE a (b)"):
            with self.subTest(sql):
                self.assertEqual(["sql in code"], rules("src/web/x.cpp", f'f("{sql}");\n'))

    def test_raw_string(self) -> None:
        self.assertEqual(["sql in code"], rules("src/web/x.cpp", 'f(R"(\n SELECT a FROM b)");\n'))

    def test_transaction_words_and_prose_pass(self) -> None:
        for words in ("BEGIN IMMEDIATE", "PRAGMA user_version", "SAVEPOINT a", "Update the page",
                      "SELECT"):
            self.assertEqual([], rules("src/store/x.cpp", f'f("{words}");\n'))

    def test_tests_may_tamper(self) -> None:
        self.assertEqual([], rules("src/store/x_test.cpp", 'f("DELETE FROM audit");\n'))


class ShapeTest(unittest.TestCase):
    def body(self, lines: int) -> str:
        return "  f();\n" * (lines - 2)

    def test_function_length_at_and_above(self) -> None:
        for start in ("int f() {\n", "Foo::Foo(int a) : a_{a}, b_(2) {\n", "TEST(A, B) {\n",
                      "template <class T>\nauto f(T t) -> std::pair<int, T> {\n",
                      "namespace a {\nstruct B {\n  int f() const noexcept {\n"):
            ends = "}\n" * (start.count("{\n"))
            with self.subTest(start):
                self.assertEqual([], rules("src/web/x.cpp", start + self.body(70) + ends))
                self.assertEqual(
                    ["function length"], rules("src/web/x.cpp", start + self.body(71) + ends))

    def test_tables_and_types_are_not_functions(self) -> None:
        for start in ("constexpr std::array<int, 2> k_a{\n", "enum class A {\n", "struct A {\n",
                      "constexpr Row k_rows[] = {\n"):
            rows = "  int a;\n" * 100
            self.assertEqual([], rules("src/web/x.cpp", start + rows + "};\n"), start)

    def test_brace_in_text_does_not_count(self) -> None:
        text = "int f() {\n  g('{', \"{{{\", 1'000);\n}\n" * 40
        self.assertEqual([], rules("src/web/x.cpp", text))

    def test_columns(self) -> None:
        self.assertEqual([], rules("src/web/x.cpp", "/" * 100 + "\n"))
        self.assertEqual(["line length"], rules("src/web/x.cpp", "/" * 101 + "\n"))

    def test_file_length(self) -> None:
        self.assertEqual([], rules("src/web/x.cpp", "int a;\n" * 600))
        self.assertEqual(["long file"], rules("src/web/x.cpp", "int a;\n" * 601))
        self.assertEqual(["file length"], rules("src/web/x.cpp", "int a;\n" * 801))

    def test_python_function_length(self) -> None:
        text = "def f():\n" + "    g()\n" * 69
        self.assertEqual([], rules("tools/x.py", text))
        self.assertEqual(["function length"], rules("tools/x.py", text + "    g()\n"))

    def test_pragma_once(self) -> None:
        self.assertEqual(["pragma once"], rules("src/web/x.hpp", "int a;\n"))
        self.assertEqual([], rules("src/web/x.hpp", "// What it is.\n#pragma once\nint a;\n"))


class PlaceTest(unittest.TestCase):
    def test_source_outside_a_room(self) -> None:
        self.assertEqual(["dead file"], rules("src/stray/x.cpp", ""))
        self.assertEqual(["dead file"], rules("src/web/deep/x.cpp", ""))
        self.assertEqual(["dead file"], rules("src/web/main.cpp", ""))

    def test_room_without_readme(self) -> None:
        found = [f.rule for f in house.check_tree(["src/base/absent.cpp"], ROOMS)]
        self.assertEqual(["room readme"], found)

    def test_queries_of_no_room(self) -> None:
        found = [f.rule for f in house.check_tree(["sql/queries/nowhere.sql"], {})]
        self.assertEqual(["dead file"], found)


class RuleTableTest(unittest.TestCase):
    def test_every_rule_says_why_and_what_to_do(self) -> None:
        for rule in house.RULES.values():
            self.assertTrue(rule.why and rule.do, rule.name)


if __name__ == "__main__":
    unittest.main()
