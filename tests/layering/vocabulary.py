#!/usr/bin/env python3
"""Checks the vocabulary of the tree: vocabulary.py ROOT.

src/README.md has the glossary. Names that it replaced must not be declared again as a type, function, member, variable or
file in src/ or include/. Everyday words (list, place, home, turn) stay free for local variables and for other meanings.

No comment and no sentence of a comment or document begins with Of, Who, Whom, Whose or What. Questions may.
"""

import re
import subprocess
import sys
from pathlib import Path

# Words that may be no part of an identifier or of a file name, with the word that replaced each. `a_b` matches as a whole.
WORDS = {
    "crew": "shard_group", "errand": "job", "cargo": "send_class", "evacuation": "export_job",
    "standstill": "quiesced_shard", "way_down": "stop_state", "hello_mark": "client_random_digest",
    "session_anchor": "session_context", "anchor": "context", "used_blobs": "single_use_registry",
    "kept_records": "reorder_buffer", "kept_lines": "buffered_log", "held_flight": "buffering_outbox",
    "rationed_outbox": "limited_outbox", "spent_hellos": "replaced_hellos", "worn_out": "aead_limit_reached",
    "least_answer": "min_response_size", "roaming": "path_validator", "roam": "use_move_config", "doubt": "unvalidated",
    "stranger": "unknown_peer", "strangers": "unknown_peers", "newcomer": "unknown_peer", "newcomers": "unknown_peers",
    "adopt": "import_session", "adopted": "imported", "adoption": "import_outcome", "unplace": "unindex",
    "unusual": "cold_state", "wish": "operation_kind", "proofs": "credential_kinds", "ladder": "sequence_diagram",
    "judgement": "action", "judged": "verdict", "let_go": "abort", "give_up": "abort", "hand_over": "hand_off",
    "blobs_fate": "export_outcome", "move_terms": "move_config", "meet_hello": "on_client_hello",
    "who": "connection, peer or session", "whom": "connection, peer or session", "whose": "connection, peer or session",
    "half_open_ledger": "pending_handshakes",
}

# Everyday words: the kinds of declaration that may not have them, and the words that replaced them. Local variables may.
TYPE, FUNCTION, MEMBER = "type", "function", "member"
ANY = {TYPE, FUNCTION, MEMBER}
DECLARATIONS = {
    "member": (ANY, "connection"), "beginning": (ANY, "pending_handshake"), "budget": (ANY, "amplification_limiter"),
    "allowance": (ANY, "amplification_limiter"), "terms": (ANY, "connection_config"), "generation": (ANY, "config_snapshot"),
    "home": (ANY, "shard_executor"), "turn": ({TYPE, FUNCTION}, "scoped_flag"), "port": ({TYPE, FUNCTION}, "udp_port_io"),
    "parts": (ANY, "dependencies"), "fed": (ANY, "feed_result"), "ending": ({TYPE, FUNCTION}, "close_reason"),
    "verdict": (ANY, "disposition, filter_result or claim_result"), "outcome": ({TYPE, FUNCTION}, "record_result"),
    "room": (ANY, "capacity"), "standing": (ANY, "validation"), "reception": (ANY, "admission_action"),
    "proven": (ANY, "validated"), "soon": (ANY, "defer"), "settle": (ANY, "apply_transition"),
    "meet": (ANY, "on_client_hello"), "place": ({TYPE, FUNCTION}, "index"), "list": ({TYPE, FUNCTION}, "index"),
    "leave": (ANY, "remove_exported, close, abort or remove"), "forget": (ANY, "remove"), "abandon": (ANY, "abort"),
    "judge": (ANY, "evaluate or check"), "today": (ANY, "wall_clock_seconds"),
}
FREE_IN = {"member": "config", "verdict": "gate"}  # by folder: a member of a TOML table, the verdict of the gate
FILES = {*DECLARATIONS, "endings", "ending_error", "unproven"}

# Line ends stay in comments, so that lines can be counted.
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
TYPE_DECLARATION = re.compile(
    r"\b(?:class|struct|enum|using|concept)\s+(?:class\s+)?(?:\[\[[^\]]*\]\]\s*)?(\w+)\s*(?:final\b|[:{;=]|$)", re.M)
# A type, then a name, then what may follow a declarator: `T name(`, `T& name;`, `std::vector<T> name_ = ...`.
DECLARATOR = re.compile(r"([\w>\]]|[\w>][*&]{1,2})\s+((?:\w+::)*)(\w+)\s*(\(|[;={,)\[]|$)", re.M)
NOT_A_TYPE = {"return", "co_return", "co_await", "co_yield", "throw", "new", "delete", "else", "case", "goto", "not", "and",
              "or", "using", "typename", "class", "struct", "enum", "namespace", "operator", "template"}

FIRST = "(?:Of|Who|Whom|Whose|What)"
# A comment may begin with a small letter; in a document that is a clause in a table.
COMMENT_BEGIN = re.compile(rf"^(?i:{FIRST})\b(?=([^.?!]*[.?!])?)")
SENTENCE_BEGIN = re.compile(rf"(?:^|(?<=[.!?] )|(?<=[.!?]\) )){FIRST}\b(?=([^.?!]*[.?!])?)")


def without_comments(text):
    def blank(match):
        return '""' + "\n" * match[0].count("\n") if match[0][0] in "\"'R" else "\n" * match[0].count("\n")
    return COMMENT_OR_STRING.sub(blank, text)


def words_of(identifier):
    """The old words that an identifier is built of."""
    parts = identifier.strip("_").lower()
    return [word for word in WORDS if re.search(rf"(?:^|_){word}(?:_|$)", parts)]


def declarations(code):
    for match in TYPE_DECLARATION.finditer(code):
        yield match.start(1), TYPE, match[1]
    for match in DECLARATOR.finditer(code):
        before = re.search(r"(\w+)\W*$", code[max(0, match.start() - 40):match.end(1)])
        if before and before[1] in NOT_A_TYPE:
            continue
        is_member = match[3].endswith("_") or re.match(r"\s*[;={]", match[4]) is not None
        if match[4] == "(":
            yield match.start(3), FUNCTION, match[3]
        elif is_member:
            yield match.start(3), MEMBER, match[3]


def old_names(name, text):
    code = without_comments(text)

    def line_of(at):
        return code.count("\n", 0, at) + 1
    for match in IDENTIFIER.finditer(code):
        for word in words_of(match[0]):
            yield f"{name}:{line_of(match.start())}: {match[0]} is of an old vocabulary: say {WORDS[word]}"
    folder = Path(name).parts[1]
    for at, kind, declared in declarations(code):
        word = declared.strip("_")
        kinds, instead = DECLARATIONS.get(word, (set(), ""))
        # A local variable looks like a member in a source file: there only those that end like one count.
        local = kind == MEMBER and not declared.endswith("_") and name.endswith(".cpp")
        if kind in kinds and FREE_IN.get(word) != folder and not local:
            yield f"{name}:{line_of(at)}: the {kind} {declared} is of an old vocabulary: say {instead}"


def comments(path, text):
    """(line, text) of each block of comment, or paragraph."""
    if path.suffix == ".md":
        at = 1
        prose = re.sub(r"```.*?```", lambda code: "\n" * code[0].count("\n"), text, flags=re.S)
        for block in re.split(r"(\n\s*\n|\n(?=\s*(?:[-*|#]|\d+\.)\s?))", prose):
            for cell in block.split("|") if block.lstrip().startswith("|") else [block]:
                yield at, re.sub(r"^[-*#\d.\s>]+", "", cell)
            at += block.count("\n")
        return
    mark = r"//[/!]?<?" if path.suffix in (".cpp", ".hpp", ".h") else "#+"
    block, start, last, column = [], 0, 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(rf"^(\s*)({mark})(?!!)\s?(.*)$", line) or re.match(rf"^(.*?\S\s+)({mark})\s(.*)$", line)
        if not found or (found[1].strip() and (found[1].count('"') % 2 or found[1].count("'") % 2)):
            continue
        trailing = bool(found[1].strip())
        goes_on = number == last + 1 and not trailing and found.start(2) == column and found[3].strip()
        if block and not goes_on:
            yield start, " ".join(block)
            block = []
        if not block:
            start = number
        block.append(found[3].strip())
        last, column = number, found.start(2)
    if block:
        yield start, " ".join(block)


def first_words(name, path, text):
    patterns = [SENTENCE_BEGIN] if path.suffix == ".md" else [COMMENT_BEGIN, SENTENCE_BEGIN]
    for line, block in comments(path, text):
        found = {match.start(): match for pattern in patterns for match in pattern.finditer(block.strip())}
        for match in found.values():
            if not (match[1] or "").endswith("?"):
                yield f"{name}:{line}: a sentence begins with {match[0]}: name its subject"


def tracked(root):
    listed = subprocess.run(["git", "-C", root, "ls-files"], capture_output=True, text=True)
    return [root / name for name in listed.stdout.splitlines()] if listed.returncode == 0 and listed.stdout else \
        [path for path in root.rglob("*") if "build" not in path.parts]


def check(root):
    count, breaches = 0, []
    for path in sorted(tracked(root)):
        name = str(path.relative_to(root))
        is_code = name.startswith(("src/", "include/")) and path.suffix in (".cpp", ".hpp")
        if is_code and (path.stem in FILES or words_of(path.stem)):
            breaches.append(f"{name}: a file of an old vocabulary; see the glossary of src/README.md")
        if path.suffix not in (".cpp", ".hpp", ".h", ".py", ".sh", ".cmake", ".txt", ".toml", ".md") or not path.is_file():
            continue
        count += 1
        text = path.read_text(errors="replace")
        if is_code:
            breaches += old_names(name, text)
        breaches += first_words(name, path, text)
    return count, breaches


def main():
    count, breaches = check(Path(sys.argv[1]))
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{count} files, {len(breaches)} breaches")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
