#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a report gives to other programs fits their schemas, also when every text of a mail is hostile.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

command -v python3 >/dev/null || exit 77

machine() { # FORMAT: how many there are; fails where the schema says no
    flagpost report --date today --format "$1" --out - >"$work/$1" 2>"$work/err" || return
    python3 "$FLAGPOST_SOURCE/tests/integration/lib/machine.py" "$1" "$work/$1" 2>&1
}

config
mkdir -p "$work/rules" "$work/eml"
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
# The rules that ship are masked, so that a flag is one of ours.
for rule in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/${rule##*/}"
done
cat >"$work/rules/90-code.ini" <<'INI'
[rule]
id = code-name
title = A code name | = \x3b \ leaves
severity = high
description = Finds the code name.
[content.name]
type = words
words = nightjar
where = subject, body, attachments
INI
# It matches elsewhere in the same mails, so its rows must hide what the other rule found.
cat >"$work/rules/91-verb.ini" <<'INI'
[rule]
id = verb
title = It flies
severity = low
description = Finds the verb.
[content.verb]
type = words
words = flies
where = body
INI
printf '[account.box]\nurl = eml://%s/eml\npurpose = Test\nkeep = all\n' "$work" >"$work/etc/accounts.d/box.ini"

mail() { # NAME FROM SUBJECT
    printf '%s\n' "From: $2" 'To: bob@rival.example, eve@rival.example' "Subject: $3" "Message-ID: <$1@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' 'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=x' '' \
        '--x' 'Content-Type: text/plain; charset=utf-8' '' 'the nightjar flies' '--x' \
        'Content-Type: text/plain; name="a|b=c\\.txt"' 'Content-Disposition: attachment' '' "nightjar $1" '--x--' \
        >"$work/eml/$1.eml"
}
mail plain anna@corp.example 'About the nightjar'
mail bars 'anna|x=y@corp.example' 'CEF:0|a|b| dst=10.0.0.1 \ "quoted"'
mail breaks anna@corp.example '=?utf-8?q?one=0D=0ACEF:0|Forged|x|1|r|t|10|=0A{"a":1}?='
mail turned anna@corp.example '=?utf-8?q?=E2=80=AEgpj=1B[31m=00=FF?='
find "$work/eml" -type f -exec touch -d '2026-01-01' {} +

run_code poll
check 'a poll' "$code" 0
for format in ecs ocsf cef; do
    check "eight flags are eight events of $format" "$(machine "$format")" 8
done
for format in ecs ocsf; do
    spoiled="$(python3 "$FLAGPOST_SOURCE/tests/integration/lib/machine.py" "mutate-$format" "$work/$format" 2>&1)"
    check "$format: hundreds of events that were spoiled are refused, every one" "$(grep -cE '^[1-9][0-9]{2,}$' <<<"$spoiled")" 1
    echo "      $spoiled"
done
check 'metrics, each once' "$(machine prometheus | grep -cE '^[1-9][0-9]+$')" 1
spoiled="$(python3 "$FLAGPOST_SOURCE/tests/integration/lib/machine.py" mutate-prometheus "$work/prometheus" 2>&1)"
check 'and hundreds of lines that were spoiled are refused, every one' "$(grep -cE '^[1-9][0-9]{2,}$' <<<"$spoiled")" 1
echo "      $spoiled"
check_text 'the metric of the flags' "$work/prometheus" '^flagpost_flags\{severity="high"\} 4$'
for format in html csv json jsonl text; do
    flagpost report --date today --format "$format" --out - >"$work/$format" 2>"$work/err"
    check "$format: no row shows a subject that another rule matched in" \
        "$(grep -c 'About the ni\*\*\*\*ar' "$work/$format" | grep -vc '^0$'):$(grep -ci 'the nightjar' "$work/$format")" 1:0
done
check 'the row of the other rule is among them' "$(jq -r 'select(.rule == "verb") | .message.subject' "$work/jsonl" | grep -c 'About the ni\*')" 1
run_code report --week today --format csv --out -
check 'nor does the week' "$(grep -ci 'the nightjar' "$work/out")" 0
run_code search rule:verb
check 'nor a search' "$(grep -c 'About the ni\*\*\*\*ar' "$work/out"):$(grep -ci 'the nightjar' "$work/out")" 1:0
run_code review --query 'rule:verb'
check 'nor a list of flags' "$(grep -ci 'the nightjar' "$work/out")" 0
# Flags of a group are those that its members wrote or got.
printf '[group.partners]\nmembers = eve@rival.example\n[group.bars]\nmembers = anna|x=y@corp.example\n[group.nobody]\nmembers = carl@corp.example\n' \
    >>"$work/etc/flagpost.ini"
of_group() { # GROUP: flags in its report
    run_code report --date today --group "$1" --format jsonl --out -
    echo "$code $(wc -l <"$work/out")"
}
check 'a report of a group has what its members got' "$(of_group partners)" "0 $(jq -s length "$work/ecs")"
check 'one of another what they wrote' "$(of_group bars)" '0 2'
check 'one of people without flags has none' "$(of_group nobody)" '0 0'
run_code report --date today --group strangers --format jsonl --out -
check 'a group that nobody configured is refused' "$code" 64
check 'subjects are masked in all' "$(cat "$work/ecs" "$work/ocsf" "$work/cef" | grep -ci 'the nightjar')" 0
