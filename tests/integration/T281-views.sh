#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The view is one door: a user, an officer of one account and an administrator try to get around it in each
# command that reads, decides or changes. Whatever they do, no word of another's mail comes out, and nothing
# is altered.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mail() { # TO WORD: one message with an attachment; a shipped rule flags those to a competitor
    printf '%s\n' 'From: Anna <anna@corp.example>' "To: $1" "Subject: about $2" "Message-ID: <$2@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' 'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=b' '' '--b' '' \
        "the body of $2" '--b' "Content-Disposition: attachment; filename=$2.txt" '' "the sheet of $2" '--b--'
}
mkdir -p "$work/hq" "$work/branch"
mail dora@corp.example apple >"$work/hq/1.eml"
mail bob@rival.example banana >"$work/hq/2.eml"
mail carl@rival.example cherry >"$work/branch/3.eml"
find "$work/hq" "$work/branch" -type f -exec touch -d '2026-01-01' {} +
for name in hq branch; do
    printf '[account.%s]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$name" "$work/$name" >"$work/etc/accounts.d/$name.ini"
done
cat >>"$work/etc/flagpost.ini" <<'INI'
[smtp]
url = smtp://localhost:1
from = flagpost@corp.example
[retention.all]
keep = 1d
[person.chief]
mail = chief@corp.example
[person.local]
mail = local@corp.example
accounts = branch
[person.dora]
mail = dora@corp.example
role = user
[person.admin]
mail = admin@corp.example
role = administrator
INI
run_code poll
check 'polled' "$code" 0
apple="$(sha256sum <"$work/hq/1.eml" | cut -c 1-64)"
banana="$(sha256sum <"$work/hq/2.eml" | cut -c 1-64)"
cherry="$(sha256sum <"$work/branch/3.eml" | cut -c 1-64)"
flagpost review --list --json >"$work/flags"
flag_of() { jq -r "select(.sha256 == \"$1\") | .flag" "$work/flags"; }
incident_of() { jq -r "select(.sha256 == \"$1\") | \"I-\(.incident)\"" "$work/flags"; }
check 'both that leave are flagged' "$(wc -l <"$work/flags")" 2

# WHO FOREIGN-WORDS COMMAND...: whatever its exit code, none of the words is in what it prints or writes.
nothing() {
    local who="$1" words="$2"
    shift 2
    rm -rf "$work/try"
    mkdir "$work/try"
    run_code --as "$who" "$@" </dev/null
    local leaks
    leaks="$(cat "$work/out" "$work/err" >"$work/try/said"
         grep -rlaiE "(about|body of|sheet of) ($words)|($words)\\.txt" "$work/try" | wc -l)"
    check "$who learns nothing by: ${*//$work/}" "$leaks" 0
}
# The same, and it is refused.
refused() {
    nothing "$@"
    check "and is refused ($code)" "$([ "$code" != 0 ] && echo refused)" refused
}

for who in dora admin local; do
    case "$who" in
    dora) hidden='banana|cherry' other="$banana" word=banana account=hq ;;
    admin) hidden='apple|banana|cherry' other="$banana" word=banana account=hq ;;
    local) hidden='apple|banana' other="$banana" word=banana account=hq ;;
    esac
    flag="$(flag_of "$other")"
    incident="$(incident_of "$other")"
    # search: by words, digest, account, rule, people, state; by a count and by a page
    for query in "$word" "${other:0:16}" "account:$account" rule:competitor-mail "to:@rival.example" "filename:$word*" \
        "*${word:1:4}*" "state:new" "subject:$word OR subject:about" "-subject:apple" "has:attachment"; do
        nothing "$who" "$hidden" search --json --limit 0 "$query"
        nothing "$who" "$hidden" search --sort rank --page 1 "$query"
    done
    check "$who counts none of it" "$(flagpost --as "$who" search --count "$word" 2>/dev/null)" 0
    # one message
    for how in '' --raw --text --headers --json '--reveal --reason because'; do
        # shellcheck disable=SC2086
        refused "$who" "$hidden" show $how "$other"
    done
    refused "$who" "$hidden" explain "$other"
    refused "$who" "$hidden" redeliver "$other" --to dora@corp.example --dry-run
    refused "$who" "$hidden" redeliver "$other" --original --json --reason because
    # flags
    nothing "$who" "$hidden" review --list
    nothing "$who" "$hidden" review --list --json
    for name in "$incident" "flag-$flag"; do
        refused "$who" "$hidden" review "$name" --as resolved --note 'not mine'
        nothing "$who" "$hidden" review "$name"
    done
    nothing "$who" "$hidden" review --query "subject:$word" --as resolved --note 'not mine'
    refused "$who" "$hidden" review --sample "${other:0:16}" --as nothing-to-see
    # reports, of everything and of what is another's alone
    for form in html csv json jsonl text ecs ocsf cef; do
        nothing "$who" "$hidden" report --date today --format "$form" --out "$work/try"
    done
    nothing "$who" "$hidden" report --date today --rule competitor-mail --account "$account" --format json --out -
    nothing "$who" "$hidden" report --date today --people --format text --out -
    nothing "$who" "$hidden" report --date today --with-copies --reason because --out "$work/try/r"
    nothing "$who" "$hidden" report --date today --reveal --reason because --format text --out -
    # exports
    nothing "$who" "$hidden" export --out "$work/try/a" --attachments
    nothing "$who" "$hidden" export --out "$work/try/b" --format mbox "$word"
    refused "$who" "$hidden" export --out "$work/try/c" --flag "flag-$flag" --reason because
    refused "$who" "$hidden" export --out "$work/try/d" --flag "$incident" --reason because
    nothing "$who" "$hidden" export --out "$work/try/e" --person bob@rival.example
    nothing "$who" "$hidden" export --out "$work/try/f" --person anna@corp.example --attachments
    # what rules say of kept mail
    nothing "$who" "$hidden" replay --list --since 30d
    nothing "$who" "$hidden" replay --list --json
    nothing "$who" "$hidden" rules measure
    nothing "$who" "$hidden" rules compare
    # what is for those who see all
    refused "$who" "$hidden" archive create --month 2026-01
    refused "$who" "$hidden" archive restore 2026-01
    refused "$who" "$hidden" archive rewrite 2026-01
    nothing "$who" "$hidden" archive list
    nothing "$who" "$hidden" archive verify
    refused "$who" "$hidden" purge --message "$other" --reason because
    refused "$who" "$hidden" purge --person bob@rival.example --reason because
    nothing "$who" "$hidden" purge --dry-run
    nothing "$who" "$hidden" purge
    nothing "$who" "$hidden" hold add mine --query "$word" --note because
    nothing "$who" "$hidden" hold add mine --flag "flag-$flag" --note because
    nothing "$who" "$hidden" hold list --all
    nothing "$who" "$hidden" copies list
    nothing "$who" "$hidden" copies rewrite
    nothing "$who" "$hidden" consent ask "$other" --reason because
    nothing "$who" "$hidden" consent list
    nothing "$who" "$hidden" verify
    check "$who is told in one line that only who sees all can verify" "$code $(wc -l <"$work/err")" '77 1'
    nothing "$who" "$hidden" status
    nothing "$who" "$hidden" status --json
    nothing "$who" "$hidden" index rebuild
    nothing "$who" "$hidden" dkim "$other"
    nothing "$who" "$hidden" dkim list
    nothing "$who" "$hidden" audit verify
    [ "$who" != dora ] || refused "$who" "$hidden" audit
done

# Nothing of it changed anything.
flagpost review --list --json >"$work/after"
check 'all flags are as they were' "$(jq -cS '[.flag, .state]' "$work/after" | sort)" "$(jq -cS '[.flag, .state]' "$work/flags" | sort)"
for digest in "$apple" "$banana" "$cherry"; do
    check 'each copy is there' "$(flagpost show --raw "$digest" | sha256sum | cut -c 1-64)" "$digest"
done
check 'nobody holds what he does not see' "$(flagpost hold list --all --json | jq -r '.messages' | sort -u | tr '\n' ' ')" ''
check 'no archive was made' "$(flagpost archive list --json | wc -l)" 0
run_code verify
check 'all is whole' "$code" 0

# What is theirs they have.
check 'a user hears of her own mail, not of places and volumes' "$(flagpost --as dora status | grep -E -c '^(space|store: 1 messages$)')" 1
check 'an administrator of the sums of all' "$(flagpost --as admin status | grep -c '^space: 3 messages at 3 places')" 1
check 'a user has her own' "$(flagpost --as dora show --raw "$apple" | sha256sum | cut -c 1-64)" "$apple"
run_code --as dora export --out "$work/mine" --attachments
check 'with attachments' "$code $(cat "$work"/mine/*/*.eml | grep -c 'the body of apple') $(find "$work/mine" -name '*apple.txt' | wc -l)" '0 1 1'
check 'an officer of one account has its' "$(flagpost --as local show --raw "$cherry" | sha256sum | cut -c 1-64)" "$cherry"
run_code --as local review "$(incident_of "$cherry")" --as resolved --note 'asked'
check 'and decides about its flags' "$code" 0
run_code --as admin check
check 'an administrator configures' "$code" 0
run_code --as admin rules list
check 'and reads the rules' "$code" 0

# A message may lie where somebody does not look: that it is gone from there is not for him.
cp -p "$work/branch/3.eml" "$work/hq/4.eml"
run_code poll
rm "$work/hq/4.eml" "$work/hq/1.eml"
run_code poll
check 'who sees all sees what is gone' "$(flagpost search --count has:gone)" 2
check 'not who sees another account' "$(flagpost --as local search --count has:gone) $(flagpost --as local search --count -- -has:gone)" '0 1'
check 'nor a user, who sees no account' "$(flagpost --as dora search --count has:gone) $(flagpost --as dora search --count -- -has:gone)" '0 1'
rm "$work/branch/3.eml"
run_code poll
check 'what is gone from his own he sees' "$(flagpost --as local search --count has:gone)" 1
