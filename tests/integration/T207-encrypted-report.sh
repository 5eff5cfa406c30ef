#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The report encrypted to its readers' OpenPGP keys, through a real Postfix: gpg alone opens it, and whose key is missing,
# expired or none gets nothing in clear instead, by name.
. "$(dirname "$0")/lib/flagpost.sh"
# shellcheck source=script/lib/postfix.sh
. "$FLAGPOST_SOURCE/script/lib/postfix.sh"

postfix_usable || exit 77
command -v gpg >/dev/null || exit 77
end() {
    local status=$?
    gpgconf --homedir "$work/gnupg" --kill all 2>/dev/null || :
    postfix_remove "$work/mta"
    (exit "$status")
    finish
}
trap end EXIT

server
postfix_start "$work/mta" || exit 1
# shellcheck source=/dev/null
. "$work/mta/smtp-ports"
mailbox anna
fill anna INBOX 3
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'

mkdir -m 700 "$work/gnupg"
gpg() {
    command gpg --homedir "$work/gnupg" --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@"
}
gpg --quick-generate-key 'Officer <officer@corp.example>' ed25519 cert never 2>"$work/gpg.err"
officer="$(gpg --list-keys --with-colons officer@corp.example | awk -F: '$1 == "fpr" { print $10; exit }')"
gpg --quick-add-key "$officer" cv25519 encr never
gpg --faked-system-time 20200101T000000 --quick-generate-key 'Chief <chief@corp.example>' rsa2048 default 2d 2>>"$work/gpg.err"
gpg --armor --export officer@corp.example >"$work/etc/officer.asc"
gpg --export chief@corp.example >"$work/etc/chief.gpg"
printf 'no key\n' >"$work/etc/broken.asc"

# key_config CHIEF'S KEY...: the officer has a key that is good.
key_config() {
    config '[person.officer]' 'mail = officer@corp.example' 'openpgp_key = officer.asc' \
        '[person.chief]' 'mail = chief@corp.example' "$@" \
        '[report.daily]' 'formats = html, csv' 'to = officer, chief' \
        '[smtp]' "url = smtp://localhost:$SMTP_PORT" 'from = flagpost@corp.example' "ca_file = $work/mta/ca.pem"
}
count() {
    postfix_mails "$work/mta" "$1" "${2:-0}" | wc -l
}

# ------------------------------------------------------------------------------------------------ one with, one without
key_config
run_code poll
run_code report --mail
check 'mailed to both' "$code $(grep -c '^mailed to' "$work/err")" '0 2'
check 'each has his own' "$(count officer 1) $(count chief 1)" '1 1'
page="$(grep 'html$' "$work/out")"
mail="$(postfix_mails "$work/mta" officer 1)"
check_text 'it is PGP/MIME' "$mail" 'multipart/encrypted'
check_text 'as RFC 3156 has it' "$mail" 'protocol="application/pgp-encrypted"'
check 'its subject says nothing' "$(grep '^Subject: ' "$mail")" 'Subject: Flagpost: encrypted message'
check 'nor does anything else of it' "$(grep -ciE 'new messages|Not checked|filename=|Flag report' "$mail")" 0
python3 - "$mail" >"$work/armour" <<'PY'
import email, email.policy, sys
mail = email.message_from_file(open(sys.argv[1]), policy=email.policy.default)
first, second = mail.iter_parts()
assert first.get_content_type() == "application/pgp-encrypted" and first.get_payload().strip() == "Version: 1"
assert second.get_content_type() == "application/octet-stream"
sys.stdout.write(second.get_payload())
PY
code=0
gpg --decrypt "$work/armour" >"$work/inner.eml" 2>>"$work/gpg.err" || code=$?
check 'gpg opens it' "$code" 0
python3 - "$work/inner.eml" "$work" <<'PY'
import email, email.policy, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
parts = list(mail.iter_parts())
open(sys.argv[2] + "/text", "w").write(parts[0].get_content())
open(sys.argv[2] + "/page", "wb").write(parts[1].get_payload(decode=True))
PY
check_text 'the summary is in it' "$work/text" '^Not checked:'
check 'and the page, byte for byte' "$(sha256sum <"$work/page")" "$(sha256sum <"$page")"
check_text 'who has no key gets it as ever' "$(postfix_mails "$work/mta" chief 1)" 'filename='

# ------------------------------------------------------------------------------------------------ keys that are none
# refused LABEL KEY SAYS
refused() {
    key_config "openpgp_key = $2"
    run_code report --mail
    check "$1: it fails" "$code" "$4"
    check_text "$1: named" "$work/err" "not mailed to chief: .*$3"
    check_text "$1: the other gets his" "$work/err" '^mailed to officer$'
    check "$1: nothing goes in clear" "$(count chief)" 1
}
refused 'an expired key' chief.gpg 'expired' 78
refused 'a file that is no key' broken.asc 'no key in it can encrypt' 78
refused 'no file' missing.asc 'missing.asc' 78
check 'the officer has one of each' "$(count officer 4)" 4
dovecot_deliver "$work/server" anna INBOX "$mail"
run_code poll --json
check 'an encrypted one is known for ours as well' "$code $(jq -c '[.new, .flags]' "$work/out")" '0 [1,0]'
