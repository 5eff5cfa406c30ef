#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A draft saved again and again is one draft; sent it is none; changed and vanished it is a dead
# drop and flagged.
. "$(dirname "$0")/lib/flagpost.sh"

doveadm_here() {
    doveadm -c "$(dovecot_place "$work/server")/dovecot.conf" "$@"
}

# As clients save: the new one first, then the old one goes.
save() {
    local folder="$1" name="$2" revision="$3"
    printf 'From: anna@corp.example\nTo: b@rival.example\nSubject: %s\nMessage-ID: <%s@corp.example>\nDate: Sun, 22 Nov 2026 09:02:00 +0100\n\nrevision %s of %s\n' \
        "$name" "$name" "$revision" "$name" >"$work/draft.eml"
    doveadm_here save -u anna -m "$folder" <"$work/draft.eml"
}

replace() {
    save Drafts "$1" "$2"
    doveadm_here expunge -u anna mailbox Drafts header Subject "$1" body "revision $(($2 - 1)) of"
}

command -v doveadm >/dev/null || exit 77
server
mailbox anna
for folder in Drafts Sent; do
    doveadm_here mailbox create -u anna "$folder" 2>/dev/null || :
done
account anna "imaps://localhost:$IMAPS_PORT" 'keep = hits'
cp -R "$FLAGPOST_SOURCE/rules.d/." "$work/rules/"
cat >"$work/rules/95-dead-drop.ini" <<'INI'
[rule]
id = dead-drop
title = Draft changed and removed without being sent
severity = medium
description = Two people who share a mailbox can talk through its drafts: nothing is ever sent.
false_positives = A letter that was thought better of.
next_step = Read the kept copy and ask who else has access to the mailbox.
[message.drop]
dead_drop = yes
[test.1]
expect = flag
message = dead-drop.eml
draft = yes
dead_drop = yes
[test.2]
expect = pass
message = dead-drop.eml
draft = yes
INI
printf 'From: anna@corp.example\nSubject: Plan\n\nThe plan.\n' >"$work/rules/dead-drop.eml"
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"

save Drafts letter 1
save Drafts secret 1
for revision in 2 3 4 5; do
    run_code poll
    check "revision $revision: the poll is clean" "$code" 0
    replace letter "$revision"
    replace secret "$revision"
done
run_code poll
check 'a draft that lives is no hit' "$(flagpost search --json flagged:yes rule:dead-drop | wc -l)" 0
doveadm_here expunge -u anna mailbox Drafts header Subject letter
save Sent letter final
doveadm_here expunge -u anna mailbox Drafts header Subject secret
run_code poll
check 'gone within one pass proves nothing' \
    "$(flagpost search --json flagged:yes rule:dead-drop | wc -l)" 0
run_code poll
flagpost search --json flagged:yes rule:dead-drop >"$work/flagged"
check 'the one that was not sent is flagged, once' "$(jq -r .subject "$work/flagged")" 'secret'
id="$(jq -r .sha256 "$work/flagged")"
run_code show "$id"
check_text 'it is the last of five' "$work/out" '^Draft +revision 5 of 5, vanished unsent'
run_code show "$id" --raw
check_text 'its copy was kept, though nothing but a dead drop was said of it' \
    "$work/out" 'revision 5 of secret'
run_code search --json subject:letter
check 'revisions and the sent letter are no reused Message-ID' \
    "$(grep -c 'reused-message-id' "$work/out")" 0
