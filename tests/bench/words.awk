# SPDX-License-Identifier: GPL-3.0-or-later
#
# For script/bench rules: mails whose words follow a law of Zipf, and rule folders over words that are rare in them.
#
#   awk -v messages=5000 -v folder=MAILS -v rules=FOLDER -f words.awk
#
# Makes FOLDER/few (10 words), FOLDER/words (10,000), FOLDER/all (10,000 words and 1,000 patterns in 100 rules). One word in a
# hundred, and one pattern in ten, is of words that the mails have.
function syllables(n, least,   w) {
    for (w = ""; length(w) < least || n > 0; n = int(n / 90)) w = w syllable[n % 90]
    return w
}
function listed(n) { return n % 100 == 0 ? word[size - n % 5000] : "x" syllables(n * 7919 % 999983, 7) }
function head(file, id) { printf "[rule]\nid = %s\ntitle = T\nseverity = low\ndescription = Bench.\n[content.x]\n", id >file }
function list(n, name,   i, file) {
    file = rules "/" name "/10-words.ini"
    head(file, "words"); print "type = words\nword_list = terms" >file
    for (i = 1; i <= n; i++) print listed(i) >(rules "/" name "/lists/terms.txt")
}
function pattern(n,   a, b) {
    a = n % 10 == 0 ? word[size - n] : listed(n * 3 + 1); b = listed(n * 3 + 2)
    if (n % 8 == 0) return "\\b" a "[ _-]?\\d{2,6}\\b"
    if (n % 8 == 1) return "\\b" a "\\w{0,8}\\s+" b "\\b"
    if (n % 8 == 2) return a "-[A-Z]{2}\\d{4}"
    if (n % 8 == 3) return "\\b(?:" a "|" b ")[ -]?(?:report|plan|draft)s?\\b"
    if (n % 8 == 4) return "\\b" a ".{0,40}" b "\\b"
    if (n % 8 == 5) return "(?<![\\p{L}\\d])" a ":\\s*\\S{6,}"
    if (n % 8 == 6) return "\\b[A-Z]{2}\\d{2}" a "[A-Z0-9]{4,20}\\b"
    return "\\b" a "@[\\w.-]+\\." b "\\b"
}
function mail(m,   file, lines, l, k, w) {
    file = sprintf("%s/%05d.eml", folder, m)
    printf "From: anna@corp.example\r\nTo: bob@client.example\r\nSubject: %s\r\nDate: Mon, 02 Mar 2026 09:00:00 +0100\r\nMessage-ID: <%d@corp.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", word[m % 900 + 1], m >file
    lines = 40 + int(rand() * 400)
    for (l = 0; l < lines; l++) {
        for (k = 0; k < 9; k++) {
            w = rand() < 0.08 ? int(rand() * 100000) : word[int(exp(rand() * log(size)))]
            printf "%s%s", rand() < 0.1 ? toupper(substr(w, 1, 1)) substr(w, 2) : w, rand() < 0.1 ? ", " : " " >file
        }
        printf "\r\n" >file
    }
    close(file)
}
BEGIN {
    srand(5)
    split("b c d f g h k l m n p r s t v w z ch", consonant, " ")
    split("a e i o u", vowel, " ")
    for (i = 0; i < 90; i++) syllable[i] = consonant[i % 18 + 1] vowel[int(i / 18) + 1]
    size = 60000
    for (i = 1; i <= size; i++) word[i] = syllables(i * 7919 % 999983 + 17, 4)
    list(10, "few"); list(10000, "words"); list(10000, "all")
    for (i = 0; i < 1000; i++) {
        file = sprintf("%s/all/%d-patterns.ini", rules, 1000 + int(i / 10))
        if (i % 10 == 0) { head(file, "patterns-" int(i / 10)); print "type = regex" >file }
        printf "pattern.%d = %s\n", i % 10 + 1, pattern(i) >file
    }
    for (i = 1; i <= messages; i++) mail(i)
}
