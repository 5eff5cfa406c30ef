#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A reader that crashes, hangs or runs out of memory costs one part, not the message: the rest is read, all rules run,
# and it is told. One that crashes on everything leaves people and subject to the rules. A rule that ends its worker
# costs that rule.
. "$(dirname "$0")/lib/flagpost.sh"

mkdir "$work/frail" "$work/rules.own"
cp "$FLAGPOST_PROGRAM" "$work/frail/flagpost"
cp "$helpers/frail/flagpost-worker" "$work/frail/"
FLAGPOST_PROGRAM="$work/frail/flagpost"

rule() { # ID SECTION LINE...
    printf '[rule]\nid = %s\ntitle = %s\nseverity = low\ndescription = Finds %s.\n[%s]\n' "$1" "$1" "$1" "$2"
    printf '%s\n' "${@:3}"
}
words() { # ID WHERE WORD
    rule "$1" content.it 'type = regex' "where = $2" "pattern.1 = \\b$3\\b" >"$work/rules.own/$1.ini"
}
words first attachments aardvark
words second attachments badger
words third attachments cormorant
words subject subject dormouse
words body body egret
rule rival parties.it 'who = any_recipient' 'domain = rival.example' >"$work/rules.own/rival.ini"

mail() { # SUBJECT NAME...: a mail with attachments of those names, one animal each
    local animals=(aardvark badger cormorant) i=0 name
    printf '%s\r\n' 'From: anna@corp.example' 'To: "Bob, at home" <bob@rival.example>' "Subject: $1" 'Date: Mon, 2 Mar 2026 09:02:00 +0100' \
        'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=b' '' '--b' 'Content-Type: text/plain' '' 'An egret.'
    for name in "${@:2}"; do
        printf '%s\r\n' '--b' "Content-Type: application/octet-stream; name=$name" "Content-Disposition: attachment; filename=$name" \
            'Content-Transfer-Encoding: base64' ''
        [ -e "$work/$name" ] || printf 'This one is about the %s.\n' "${animals[i]:-ant}" >"$work/attached"
        base64 "$([ -e "$work/$name" ] && echo "$work/$name" || echo "$work/attached")" | sed 's/$/\r/'
        i=$((i + 1))
    done
    printf '%s\r\n' '--b--'
}

scan() { # LABEL: of $work/it.eml
    flagpost scan --json --rules "$work/rules.own" "$work/it.eml" >"$work/out" 2>"$work/err" || :
}
flags() { jq -r '[.flags[].rule] | sort | join(" ")' "$work/out"; }
parts() { jq -r '[.parts[] | select(.name != "") | "\(.name) \(.outcome)"] | join(", ")' "$work/out"; }
outcome() { jq -r .outcome "$work/out"; }

config '[limits]' 'seconds_per_message = 4' 'seconds_per_part = 1'
all='body first rival second subject third'

# The bytes of a part that is left out are looked at as they stand, so its text is found here; its reader is not.
for how in crash memory hang; do
    mail 'a dormouse' a.txt "$how.txt" c.txt >"$work/it.eml"
    scan
    word=crashed
    [ "$how" != hang ] || word=timeout
    check "$how: one part is" "$(parts)" "a.txt read, $how.txt $word, c.txt read"
    check "$how: every rule has run" "$(flags)" "$all"
    check "$how: the message is partial" "$(outcome)" partial
done
check_text 'hang: the log tells what is left out' "$work/err" 'time; trying it without part 3 for the reader text'

# A member of an archive.
printf 'This one is about the badger.\n' >"$work/crash.txt"
printf 'This one is about the cormorant.\n' >"$work/fine.txt"
(cd "$work" && zip -q box.zip crash.txt fine.txt && rm crash.txt fine.txt)
mail 'a dormouse' a.txt box.zip >"$work/it.eml"
scan
check 'in an archive: the member alone' "$(parts)" 'a.txt read, box.zip read, crash.txt crashed, fine.txt read'
check 'in an archive: every rule has run' "$(flags)" "$all"

# Three at once, and the same bytes twice.
mail 'a dormouse' crash.txt memory.txt crash.txt >"$work/it.eml"
scan
check 'several: each' "$(parts)" 'crash.txt crashed, memory.txt crashed, crash.txt crashed'
check 'several: partial' "$(outcome)" partial

# Every reader: people and subject are left, and the raw bytes.
mail 'a dormouse; every reader' a.txt b.txt c.txt d.txt e.txt >"$work/it.eml"
scan
check 'every reader: unscannable' "$(outcome)" unscannable
check 'every reader: rules on people and subject have run' "$(flags)" 'body rival subject'
flagpost scan --json "$work/it.eml" >"$work/out" 2>"$work/err" || :
check 'every reader: flagged by the rule that ships' "$(flags | grep -c competitor-mail)" 1
check 'every reader: its direction is known' "$(jq -r .direction "$work/out")" outbound

# A rule that ends its worker is named, and left out; nothing else is.
for how in crash memory hang; do
    words "frail-$how" body "$how-here"
done
for how in crash memory hang; do
    mail "a dormouse" a.txt b.txt c.txt | sed "s/An egret/An egret, $how-here/" >"$work/it.eml"
    scan
    word=crashed
    [ "$how" != hang ] || word='did not come to an end'
    [ "$how" != memory ] || word='ran out of memory'
    check "a rule, $how: it is undecided, alone" "$(jq -r '[.undecided[].rule] | join(" ")' "$work/out")" "frail-$how"
    check_text "a rule, $how: and why" <(jq -r '.undecided[0].reason' "$work/out") "$word"
    check "a rule, $how: every other has run" "$(flags)" "$all"
    check "a rule, $how: every part is read" "$(parts)" 'a.txt read, b.txt read, c.txt read'
    check "a rule, $how: the message is partial" "$(outcome)" partial
    check_text "a rule, $how: the log names it" "$work/err" "trying it without the rule frail-$how"
done
rm "$work"/rules.own/frail-*.ini

# In the store, the report and on the terminal.
server
mailbox anna
mail 'a dormouse' a.txt crash.txt c.txt >"$work/it.eml"
dovecot_deliver "$work/server" anna INBOX "$work/it.eml"
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
run_code poll
flagpost search --json --limit 0 >"$work/found"
check 'stored: partial' "$(jq -r .outcome "$work/found")" partial
id="$(jq -r .sha256 "$work/found")"
check_text 'show: the part' <(flagpost show "${id:0:12}") 'crash.txt.*crashed'
run_code report --format html,csv,json --out "$work/report"
check_text 'report: told' <(find "$work/report" -name '*.html' -exec cat {} + | grep -o crashed) crashed
check_text 'report: told as JSON' <(find "$work/report" -name '*.json' -exec cat {} + | grep -o crashed) crashed
