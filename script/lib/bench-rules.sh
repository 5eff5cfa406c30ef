# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # work, bench and helpers are those of script/bench
#
# What rules cost: as they grow, with all detectors, and against rspamd. Sourced by script/bench.

rules_config() { # LINE...
    cat >"$work/worker.ini" <<INI
[general]
organisation = Bench
own_domains = corp.example
data_dir = $work/rules-data
workers = 1
INI
    [ "$#" = 0 ] || printf '%s\n' "$@" >>"$work/worker.ini"
}

# Wall time of a scan of one mail, which is that of starting.
start_ms() {
    local begin end
    begin="$(date +%s%N)"
    "$FLAGPOST_PROGRAM" --config "$work/worker.ini" scan --json --rules "$work/rules/$1" "$work/rules-mail/00001.eml" >/dev/null 2>&1 || :
    end="$(date +%s%N)"
    echo $(((end - begin) / 1000000))
}

warm_ms() { # RULES: the middle of five
    local n
    for n in 1 2 3 4 5; do start_ms "$1"; done | median
}

# Parent, zygote and worker with their start, on whatever processors the system gives to them.
rules_cpu() { # RULES [FILE]: of all mails, where none is named
    cpu "$FLAGPOST_PROGRAM" --rules "$1" "${2:-$work/rules-mail}"
}

# Where the tree of rspamd is unpacked; fetched once, installed nowhere.
rspamd_tree() {
    # shellcheck source=script/lib/relocated.sh
    (. script/lib/relocated.sh && relocated_fetch rspamd rspamd libluajit-5.1-2 libluajit-5.1-common libunwind8 >&2 && relocated_tree rspamd)
}

# The same words and patterns as its own map and regular expressions, and nothing else of it. Its log is at the level
# that it has by default.
rspamd_config() { # TREE PORT
    local folder="$work/rspamd"
    mkdir -p "$folder"
    echo 'require "global_functions" ()' >"$folder/init.lua"
    sed 's#.*#/\\b&\\b/iu#' "$work/rules/all/lists/terms.txt" >"$folder/words.map"
    {
        printf 'options { tempdir = "%s"; hs_cache_dir = "%s"; filters = "regexp"; url_tld = "%s/usr/share/rspamd/effective_tld_names.dat";\n' "$folder" "$folder" "$1"
        printf '  dns { nameserver = ["127.0.0.1:1"]; timeout = 1s; retransmits = 1; } }\n'
        printf 'logging { type = "file"; filename = "%s/log"; level = "info"; }\n' "$folder"
        printf 'lua = "%s/init.lua";\n' "$folder"
        printf 'modules { path = "%s/usr/share/rspamd/plugins/multimap.lua"; }\n' "$1"
        printf 'worker "normal" { bind_socket = "127.0.0.1:%s"; count = 1; task_timeout = 60s; }\n' "$2"
        printf 'worker "hs_helper" { count = 1; cache_dir = "%s"; }\n' "$folder"
        printf 'actions { reject = 1000000; }\n'
        printf 'multimap { WORDS { type = "content"; filter = "text"; map = "%s/words.map"; regexp = true; symbol = "WORDS"; score = 1; } }\n' "$folder"
        printf 'regexp {\n'
        sed -n 's#^pattern\.[0-9]* = ##p' "$work/rules/all"/1*-patterns.ini | sed 's#/#\\/#g' |
            awk '{ printf "  PATTERN_%d = '"'/%s/iu{mime}'"';\n", NR, $0 }'
        printf '}\n'
    } >"$folder/rspamd.conf"
}

# Starts it, and lets it see all mails once; false where it cannot be had.
rspamd_up() {
    local tree folder="$work/rspamd" port=21333
    tree="$PWD/$(rspamd_tree | sed "s#^$PWD/##")" && [ -x "$tree/usr/bin/rspamd" ] || return 1
    rspamd_config "$tree" "$port"
    rspamd_libraries="$tree/usr/lib/rspamd:$(echo "$tree"/usr/lib/*-linux-gnu)"
    rspamd_client="$tree/usr/bin/rspamc -h 127.0.0.1:$port -n 4 symbols"
    LD_LIBRARY_PATH="$rspamd_libraries" "$tree/usr/bin/rspamd" -f -i -c "$folder/rspamd.conf" \
        --var=SHAREDIR="$tree/usr/share/rspamd" \
        --var=LUALIBDIR="$tree/usr/share/rspamd/lualib" --var=PLUGINSDIR="$tree/usr/share/rspamd/plugins" \
        --var=RULESDIR="$tree/usr/share/rspamd/rules" --var=DBDIR="$folder" --var=RUNDIR="$folder" --var=LOGDIR="$folder" \
        --var=CONFDIR="$folder" --var=LOCAL_CONFDIR="$folder" >>"$work/bench.err" 2>&1 &
    rspamd_main=$!
    # Its worker takes the compiled patterns over when its helper has them.
    until grep -q '(normal).*full hyperscan database' "$folder/log" 2>/dev/null; do
        kill -0 "$rspamd_main" 2>/dev/null || return 1
        sleep 0.5
    done
    rspamd_worker="$(pgrep -P "$rspamd_main" -f 'normal process' | head -n 1)"
    taskset -acp "$(taskset -cp "$rspamd_worker" | sed 's/.*: \([0-9]*\).*/\1/')" "$rspamd_worker" >/dev/null
    rspamd_round >/dev/null
}

# Processor time of its worker over the mails, that of its parent and of the client left out.
rspamd_round() {
    local before
    before="$(ticks "$rspamd_worker")"
    # shellcheck disable=SC2086 # a command and its options
    LD_LIBRARY_PATH="$rspamd_libraries" $rspamd_client "$work/rules-mail" >"$work/rspamd/found"
    awk "BEGIN { print ($(ticks "$rspamd_worker") - $before) / $(getconf CLK_TCK) }"
}

rspamd_flagged() {
    awk '/^Results for file/ { n += found; found = 0 } /^Symbol: (WORDS|PATTERN)/ { found = 1 } END { print n + found }' "$work/rspamd/found"
}

bench_rules() {
    local round few words all begin none detectors theirs=''
    mkdir -p "$work/rules-mail" "$work/rules-data" "$work/rules/few/lists" "$work/rules/words/lists" \
        "$work/rules/all/lists" "$work/rules/detectors"
    LC_ALL=C awk -v messages="$MESSAGES" -v folder="$work/rules-mail" -v rules="$work/rules" -f tests/bench/words.awk
    rules_config
    printf 'start, 10,000 words and 1,000 patterns: cold %s ms (wanted: under 2,000)' "$(start_ms all)"
    printf ', warm %s ms (wanted: under 200); with 10 words %s ms\n' "$(warm_ms all)" "$(warm_ms few)"
    cp -r rules.d/detectors rules.d/lists "$work/rules/detectors/"
    cp "$work/rules/few/10-words.ini" "$work/rules/detectors/"
    cp "$work/rules/few/lists/terms.txt" "$work/rules/detectors/lists/"
    printf '[rule]\nid = every\ntitle = T\nseverity = low\ndescription = Bench.\n[content.x]\ntype = detector\ndetector = *\n' \
        >"$work/rules/detectors/99-every.ini"
    # Everything compiled, and the mails in memory, before anybody is measured.
    for round in few words all detectors; do rules_cpu "$work/rules/$round" >/dev/null; done
    rspamd_up || rspamd_main=''
    for round in $(seq "$ROUNDS"); do
        few="$(rules_cpu "$work/rules/few")"
        words="$(rules_cpu "$work/rules/words")"
        all="$(rules_cpu "$work/rules/all")"
        cp "$work/scanned" "$work/scanned.all"
        detectors="$(rules_cpu "$work/rules/detectors")"
        printf 'round %s: 10 words %s s   10,000 words %s s   and 1,000 patterns %s s   10 words and all detectors %s s\n' \
            "$round" "$few" "$words" "$all" "$detectors"
        if [ -n "$rspamd_main" ]; then
            begin="$(rules_cpu "$work/rules/all" "$work/rules-mail/00001.eml")"
            theirs="$(rspamd_round)"
            printf 'round %s: rspamd %s s   (of ours %s s is the start)\n' "$round" "$theirs" "$begin"
            awk "BEGIN { print $theirs / $all }" >>"$work/ratio.rspamd"
            awk "BEGIN { print $theirs / ($all - $begin) }" >>"$work/ratio.started"
        fi
        awk "BEGIN { print $words / $few }" >>"$work/ratio.words"
        awk "BEGIN { print $all / $few }" >>"$work/ratio.all"
        awk "BEGIN { print $detectors / $few }" >>"$work/ratio.detectors"
    done
    printf '10,000 words / 10 words                 %.2f\n' "$(median <"$work/ratio.words")"
    printf '10,000 words, 1,000 patterns / 10 words %.2f   (wanted: at most 1.25)\n' "$(median <"$work/ratio.all")"
    printf 'all detectors / none                    %.2f   (wanted: at most 1.50)\n' "$(median <"$work/ratio.detectors")"
    if [ -n "$rspamd_main" ]; then
        printf 'messages a second of processor time, against rspamd with the same words and patterns  %.1f times   (wanted: at least 4)\n' \
            "$(median <"$work/ratio.rspamd")"
        printf '  that is its worker alone, which has started long ago, against all of ours; without our start  %.1f times\n' \
            "$(median <"$work/ratio.started")"
        printf '  mails in which it finds something %s, and we %s: what stands over a line end only we find\n' \
            "$(rspamd_flagged)" "$(grep -c '"rule":' "$work/scanned.all" || :)"
        kill "$rspamd_main"
        wait "$rspamd_main" 2>/dev/null || :
    else
        echo 'rspamd cannot be had here: not compared'
    fi
    rules_config '[engine]' 'prefilter = no'
    mkdir -p "$work/rules-some"
    for none in "$work/rules-mail"/000[0-4]*.eml; do cp "$none" "$work/rules-some/"; done
    none="$(cpu "$FLAGPOST_PROGRAM" --rules "$work/rules/all" "$work/rules-some")"
    cp "$work/scanned" "$work/scanned.plain"
    rules_config
    all="$(cpu "$FLAGPOST_PROGRAM" --rules "$work/rules/all" "$work/rules-some")"
    cmp "$work/scanned" "$work/scanned.plain" || {
        echo 'bench: the prefilter changes what is found' >&2
        exit 1
    }
    printf 'without the prefilter / with it         %.1f   (the same flags)\n' "$(awk "BEGIN { print $none / $all }")"
    cmake --build "$bench/tools" --target unit-rules-prefilter >/dev/null
    FLAGPOST_PAIRS=100000 "$helpers/unit-rules-prefilter" --verbose | grep '^# .*pairs'
}
