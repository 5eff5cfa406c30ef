#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A broken rule or configuration file: file, line, column, what is wrong and the mend; exit 78; nothing started.
. "$(dirname "$0")/lib/flagpost.sh"

good_rule() {
    rm -rf "$work/rules" && mkdir -p "$work/rules"
    cat >"$work/rules/10-x.ini" <<'INI'
[rule]
id = x
title = A test
severity = low
description = Detects falcons.
[content.word]
type = regex
where = subject
pattern.1 = falcon
INI
}

# LABEL FILE LINE PATTERN: the first problem printed matches.
refused() {
    run_code poll
    check "$1: exit 78" "$code" 78
    check_text "$1: named with its place" "$work/err" "$2"
    check "$1: nothing was started" "$([ -e "$work/data" ] && echo data)" ''
}

account anna 'imaps://localhost:1'
mkdir -p "$work/server" && : >"$work/server/ca.pem"
good_rule
config
sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"

printf 'pattern.2 = confidential; internal\n' >>"$work/rules/10-x.ini"
refused 'a value that iniparser would cut' '10-x\.ini:10:25: error: .*'
check_text 'with the mend' "$work/err" 'write \\x3b'
good_rule
sed -i 's/^pattern.1.*/pattern.1 = fal(con/' "$work/rules/10-x.ini"
refused 'a pattern that does not compile' '10-x\.ini:9:[0-9]+: error: '
good_rule
sed -i 's/^where/wehre/' "$work/rules/10-x.ini"
refused 'an unknown key' '10-x\.ini:8:[0-9]+: error: .*wehre'
check_text 'with did you mean' "$work/err" 'where'
good_rule
printf '[condition]\nflag_if = content.wrod\n' >>"$work/rules/10-x.ini"
refused 'a condition on a section that is not there' '10-x\.ini:11:11: error: .*wrod'
good_rule
printf '[content.word]\ntype = words\n' >>"$work/rules/10-x.ini"
refused 'the same section twice' '10-x\.ini:10:[0-9]+: error: '
good_rule

printf 'password = x123x\n' >>"$work/etc/accounts.d/anna.ini"
refused 'a password in the configuration' 'anna\.ini:[0-9]+:[0-9]+: error: .*password'
check 'the password is not repeated' "$(grep -c x123x "$work/err")" 0
sed -i '/^password =/d' "$work/etc/accounts.d/anna.ini"
check 'a password in argv is refused: exit 64' "$(flagpost poll --password=tiger >/dev/null 2>"$work/err" || echo $?)" 64
check_text 'with the reason' "$work/err" 'every user|others can read'
check 'and is not repeated either' "$(grep -c tiger "$work/err")" 0
chmod 0644 "$work/secrets/anna"
refused 'a password file that others may read' 'error: .*secrets/anna.*'
check_text 'with the mend' "$work/err" 'chmod 0?600'
chmod 0640 "$work/secrets/anna"
refused 'a password file that its group may read' 'error: .*its group can read it'
chmod 0600 "$work/secrets/anna"
sed -i 's|^url.*|url = https://localhost|' "$work/etc/accounts.d/anna.ini"
refused 'a URL of another kind' 'anna\.ini:2:7: error: '
sed -i 's|^url.*|url = imaps://localhost:1|' "$work/etc/accounts.d/anna.ini"
printf '[general]\nfoo = 1\n' >"$work/etc/accounts.d/zzz.ini"
refused 'a section where it does not belong' 'zzz\.ini:1:[0-9]+: error: '
rm "$work/etc/accounts.d/zzz.ini"

run_code check
check 'the mended configuration passes' "$code" 0
printf '[test.1]\nexpect = pass\npart = content.word\ntext = a falcon flies\n' >>"$work/rules/10-x.ini"
run_code check
check 'a rule that fails its own test: exit 65' "$code" 65
check_text 'named with its place' "$work/err" '10-x\.ini:10: failed: test\.1'

check 'an unknown command: exit 64' "$(flagpost pol >/dev/null 2>"$work/err" || echo $?)" 64
check_text 'with did you mean' "$work/err" 'poll'
check 'an unknown option: exit 64' "$(flagpost poll --frobnicate >/dev/null 2>"$work/err" || echo $?)" 64
check 'an unknown account: exit 64' "$(flagpost poll anan >/dev/null 2>"$work/err" || echo $?)" 64
check_text 'with did you mean' "$work/err" 'anna'
