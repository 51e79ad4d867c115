#!/usr/bin/env bash
# Typesets the tables that `actaudit claims --format latex` writes: those of the catalogue's papers, and one whose texts try to be
# commands.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

scripts/setup-build.sh
need_packages pdflatex=texlive-latex-recommended
cargo build --locked -p actaudit

out=target/latex
rm -rf "$out"
mkdir -p "$out"
cat >"$out/hostile.toml" <<'END'
paper = '50 % of \LaTeX{} & "others" \end{longtable}'
[[claim]]
id = "hostile"
quote = '''100 % of {it} \ & # $x_1^2$ ~ ^ _ \input{/etc/passwd} $\write18{x}$ < > | `` '' é “quoted” x → y'''
source = 'p. 3 % & $'
activation = "relu"
quantity = "range"
kind = "within"
value = "[0, inf)"
END
table() { # table NAME CODE ARGUMENT...: it is written with this exit code, and LaTeX takes it
    local name=$1 code=$2 ended=0
    shift 2
    target/debug/actaudit claims "$@" --quiet --format latex -o "$out/$name.table.tex" || ended=$?
    [ "$ended" = "$code" ] || die "actaudit claims $* ended with $ended, not with $code"
    printf '%s\n' '\documentclass{article}' '\usepackage{booktabs,longtable}' '\begin{document}' "\\input{$name.table.tex}" \
        '\end{document}' >"$out/$name.tex"
    (cd "$out" && pdflatex -halt-on-error -interaction=nonstopmode "$name.tex" >"$name.out" 2>&1) ||
        die "LaTeX refuses $out/$name.tex: $(grep -A 3 '^!' "$out/$name.log" | tr '\n' ' ')"
}
table catalogue 0
table hostile 0 "$out/hostile.toml"
# what LaTeX cannot typeset is reported, and what was meant as text is in it
if grep -q '^! \|Missing character' "$out"/*.log; then die "$(grep -h '^! \|Missing character' "$out"/*.log | head -n 3)"; fi
say "both tables are typeset: $out/catalogue.pdf $out/hostile.pdf"
