-- A store as schema 28 held it: one row in each table, of a message whose copy is kept.
INSERT INTO run (id, command, ruleset, begun, ended, exit_code, pulse)
VALUES (1, 'x', '1111111111111111111111111111111111111111111111111111111111111111', 1795338125000000, 1795338125000001, 0, 0);
INSERT INTO ruleset (digest, seen)
VALUES ('1111111111111111111111111111111111111111111111111111111111111111', 1795338125000000);
INSERT INTO rule_text (digest, rule, title, description, false_positives, next_step, severity, text)
VALUES ('2222222222222222222222222222222222222222222222222222222222222222', 'codename', 'x', '', '', '', 0, x'78');
INSERT INTO ruleset_rule (ruleset, rule, digest, file)
VALUES ('1111111111111111111111111111111111111111111111111111111111111111', 'codename', '2222222222222222222222222222222222222222222222222222222222222222', '');
INSERT INTO account (id, name, host, protocol, user, purpose, keep, configured, seen, state, text, checked, last_ok, failing_since, pass, doubtful, folders, complete, begun, moved)
VALUES (1, 'hq', 'x', '', '', '', '', 0, 1795338125000000, 'ok', 'x', 0, 0, 0, 0, 0, '', 0, 1795338125000000, 0);
INSERT INTO folder (id, account, name, role, uidvalidity, last_uid, server_count, newest, checked, failing, text, uidnext, modseq, confirmed, counted_to, pass, watched, absent, waiting, rest_from, rest_upto)
VALUES (1, 1, 'INBOX', '', 7, 1, 0, 0, 0, 0, 'x', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO volume (id, name, end)
VALUES (1, '2026/2026-11-22.tar', 1024);
INSERT INTO message (id, sha256, size, message_id, subject, subject_folded, date, seen, run, direction, outcome, facts, reason, ruleset, volume, offset, length, copied, warnings, in_reply_to)
VALUES (1, 'be7a3a7df4fc2a6e049026a5bfcfbea365bd0353f1713a7f8594d2dfed64fa3f', 12, 'one@corp.example', 'About the falcon', 'about the falcon', 0, 1795338125000000, 0, 0, 0, 0, '', '1111111111111111111111111111111111111111111111111111111111111111', 1, 512, 12, 1795338125000000, '', '');
INSERT INTO incident (id, fingerprint, begun)
VALUES (1, '3333333333333333333333333333333333333333333333333333333333333333', 1795338125000000);
INSERT INTO flag (id, message, rule, title, rule_digest, severity, escalated_by, exception, except_reason, hits_total, ruleset, seen, run, incident, fingerprint, state)
VALUES (1, 1, 'codename', 'x', '2222222222222222222222222222222222222222222222222222222222222222', 0, '', '', '', 0, '1111111111111111111111111111111111111111111111111111111111111111', 1795338125000000, 0, 1, '3333333333333333333333333333333333333333333333333333333333333333', 0);
INSERT INTO supposed_flag (id, message, rule, title, rule_digest, severity, escalated_by, exception, except_reason, hits_total, ruleset)
VALUES (1, 1, 'codename', 'x', '2222222222222222222222222222222222222222222222222222222222222222', 0, '', '', '', 0, '1111111111111111111111111111111111111111111111111111111111111111');
INSERT INTO draft (id, folder, state, begun, ended, pass, judged)
VALUES (1, 1, 'open', 1795338125000000, 1795338125000001, 0, 0);
INSERT INTO hold (id, name, query, note, who, begun)
VALUES (1, 'case-7', 'x', 'x', 'x', 1795338125000000);
INSERT INTO attempt (id, account, run, state, text, messages, bytes, milliseconds, seen)
VALUES (1, 1, 0, '', 'x', 0, 0, 0, 1795338125000000);
INSERT INTO failure (folder, uidvalidity, uid, reason, text, again, seen, tried, run)
VALUES (1, 7, '2', '', 'x', 0, 1795338125000000, 0, 0);
INSERT INTO note (id, account, folder, word, text, seen, run)
VALUES (1, '', '', '', 'x', 1795338125000000, 0);
INSERT INTO placement (folder, uidvalidity, uid, message, internal_date, server_flags, draft, seen, run, labels, server_id, thread_id)
VALUES (1, 7, '1', 1, 0, '', 1, 1795338125000000, 0, '', '', '');
INSERT INTO address (message, position, role, name, address, domain, folded)
VALUES (1, 1, 0, 'Anna', 'anna@corp.example', 'corp.example', 'anna kuhn anna@corp.example');
INSERT INTO part (message, position, path, name, declared_type, true_type, size, sha256, outcome, facts, depth, attachment, detail)
VALUES (1, 1, '', 'plan.pdf', '', '', 12, 'be7a3a7df4fc2a6e049026a5bfcfbea365bd0353f1713a7f8594d2dfed64fa3f', 0, 0, 0, 0, '');
INSERT INTO hit (flag, position, section, component, header, part, name, offset, length, excerpt, excerpt_start, excerpt_length, hidden)
VALUES (1, 1, '', 0, '', '', 'plan.pdf', 512, 12, 'the falcon is a bird', 0, 0, 0);
INSERT INTO undecided (message, position, rule, section, part, reason)
VALUES (1, 1, 'codename', '', '', '');
INSERT INTO ledger VALUES (1, 1795338125000001, 'service', 'poll', 'begun with the rule set 1111111111111111111111111111111111111111111111111111111111111111', '7c614cd0e14cf60cbf7a63561408cc8669c23d70df43afa6b69b48a03403a400');
INSERT INTO ledger VALUES (2, 1795338125000002, 'officer', 'show', 'be7a3a7df4fc2a6e049026a5bfcfbea365bd0353f1713a7f8594d2dfed64fa3f', 'ba11d073b0492ae93b3b81a052992414c134378152bf99280412d3eec6115501');
INSERT INTO unseen (id, folder, count, since, seen)
VALUES (1, 1, 0, 0, 1795338125000000);
INSERT INTO revision (draft, number, message, folder, uidvalidity, uid, seen)
VALUES (1, 1, 1, 1, 7, '1', 1795338125000000);
INSERT INTO supposed_hit (flag, position, section, component, header, part, name, offset, length, excerpt, excerpt_start, excerpt_length, hidden)
VALUES (1, 1, '', 0, '', '', 'plan.pdf', 512, 12, 'the falcon is a bird', 0, 0, 0);
INSERT INTO exposure (account, day, since, upto)
VALUES (1, 1, 0, 0);
INSERT INTO incident_key (key, incident, seen)
VALUES ('x', 1, 1795338125000000);
INSERT INTO review (fingerprint, state, assignee, note, who, changed)
VALUES ('3333333333333333333333333333333333333333333333333333333333333333', 0, 'x', 'x', 'x', 0);
INSERT INTO review_change (id, fingerprint, flag, seen, who, was, state, assignee, note)
VALUES (1, '3333333333333333333333333333333333333333333333333333333333333333', 1, 1795338125000000, 'x', 0, 0, 'x', 'x');
INSERT INTO traffic (account, day, bytes)
VALUES (1, 1, 0);
INSERT INTO arrival (account, day, count, latest)
VALUES (1, 1, 0, 0);
INSERT INTO canary (account, day, made, token, message_id, sha256, due, planted, seen, altered, trouble)
VALUES (1, 1, 0, 'x', 'one@corp.example', 'be7a3a7df4fc2a6e049026a5bfcfbea365bd0353f1713a7f8594d2dfed64fa3f', 0, 0, 1795338125000000, 0, '');
INSERT INTO held (hold, message)
VALUES (1, 1);
INSERT INTO archive (name, file, form, sha256, size, messages, bytes, made, restored)
VALUES ('2026-10', '2026-10.tar.zst', 'tar', 'be7a3a7df4fc2a6e049026a5bfcfbea365bd0353f1713a7f8594d2dfed64fa3f', 1, 1, 1, 1795338125000000, 0);
INSERT INTO volume_form (volume, form)
VALUES (1, 'plain');
UPDATE search_state SET purges = 1, cleaned = 1;
INSERT INTO sample (message, day, rank, state, rule, note, who, decided)
VALUES (1, 1795302000000000, 17, 2, 'codename', 'a word was new', 'officer', 1795338125000000);
INSERT INTO sample_day (account, day, eligible, cut)
VALUES (1, 1795302000000000, 1, 0);
INSERT INTO rule_source (name, digest, text)
VALUES ('lists/rivals.txt', 'be7a3a7df4fc2a6e049026a5bfcfbea365bd0353f1713a7f8594d2dfed64fa3f', x'610a');
INSERT INTO rule_change (row, diff)
VALUES (2, x'2d2d2d20612f780a');
INSERT INTO leaving (name)
VALUES ('2026/2026-11-21.tar');
INSERT INTO dkim_key (id, domain, selector, outcome, text, first, last)
VALUES (1, 'corp.example', 'one', 'found', 'v=DKIM1; p=AA', 1795338125000000, 1795338125000000);
INSERT INTO term_block (id, count, first, last, docs)
VALUES (1, 1, 5, 5, x'05000001');
INSERT INTO term_page (id, block, first, data)
VALUES (1, 1, 'osprey' || char(9) || 'c', x'00086f73707265790963020107');
INSERT INTO word_page (id, first, data)
VALUES (1, 'osprey', x'000c6f7370726579');
INSERT INTO word_gram (gram, pages)
VALUES (488183403905136, x'010101'), (505775583658098, x'010101'), (492581448319077, x'010101'), (501377514078329, x'010101');
INSERT INTO word_new (id, data)
VALUES (1, x'086f7370726579');
INSERT INTO dkim_result (message, computed, number, result, facts, domain, selector, algorithm, body, covered, made, expires, reason)
VALUES (1, 1795338125000000, 0, 'pass', 3, 'corp.example', 'one', 'rsa-sha256', 35, 17, 1795338000, 0, 'a word');
