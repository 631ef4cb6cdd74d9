/* All SQL of the program. Parameters are told in front of a statement where the text does not say them. Wherever a statement asks for
   ?1 folder, ?2 first, ?3 last it works on a range of UIDs. */
#include "core/store/sql.h"

#include <assert.h>

/* The texts below spell the enums of store.h as numbers. */
static_assert(STATE_PENDING == 0 && STATE_INTENDED == 1 && STATE_COPIED == 2 && STATE_VERIFIED == 3 && STATE_SKIPPED == 4 &&
	STATE_REFUSED == 5 && STATE_VANISHED == 6 && STATES == 7, "states as in the SQL");
static_assert(ORIGIN_NONE == 0 && ORIGIN_OURS == 1 && ORIGIN_THERE == 2, "origins as in the SQL");
static_assert(CHECKED_NOT == 0 && CHECKED_IDENTICAL == 1 && CHECKED_REWRITTEN == 2 && CHECKED_ALTERED == 3 && CHECKED_MISSING == 4 &&
	CHECKED_GONE == 5, "findings as in the SQL");
static_assert(MARK_NONE == 0 && MARK_DOUBTFUL == 1 && MARK_UNSETTLED == 2 && MARK_UNSURE == 3, "marks as in the SQL");
static_assert(MATCH_PENDING == 0 && MATCH_INTENDED == 1 && MATCH_UNPLACED == 2 && MATCH_ALONE == 3, "matches as in the SQL");

#define THERE "state IN (2, 3)"
#define RANGE "folder = ?1 AND uid BETWEEN ?2 AND ?3"

/* Folders that the current folder ?1 supersedes and whose rows still wait to be matched. */
#define WAITING "(SELECT s.id FROM folder s JOIN folder f ON f.id = ?1 AND s.account = f.account AND s.source_wire = f.source_wire" \
	" WHERE s.superseded = 1 AND f.superseded = 0)"
/* The folder ?1 and all that it ever superseded. */
#define FAMILY "(SELECT s.id FROM folder s JOIN folder f ON f.id = ?1 AND s.account = f.account AND s.source_wire = f.source_wire" \
	" WHERE s.id = f.id OR s.superseded > 0)"
/* The same for a folder f of the query around it. */
#define FAMILY_OF_F "(SELECT s.id FROM folder s WHERE s.account = f.account AND s.source_wire = f.source_wire" \
	" AND (s.id = f.id OR s.superseded > 0))"
/* Whether the row o gives its claim up to a row of the folder ?1: it waits to be matched, or its mail vanished and may come back under another UID. */
#define YIELDS "(o.folder IN " WAITING " OR (o.state = 6 AND o.folder IN " FAMILY "))"
/* Candidates c that no row claims, or only one that yields; that no current row claims: ?1 folder, ?2 mailbox, ?3 floor. */
#define FROM_UNLESS(claim) " FROM candidate c WHERE c.mailbox = ?2 AND c.target_uid >= ?3 AND NOT EXISTS (SELECT 1 FROM message o" \
	" WHERE o.mailbox = c.mailbox AND o.target_uid = c.target_uid AND " claim ") "
#define FROM_FREE FROM_UNLESS("NOT " YIELDS)
#define FROM_STRANGE FROM_UNLESS("o.folder NOT IN " WAITING)
#define NO_OTHER_DATE "NOT EXISTS (SELECT 1 FROM message v WHERE v.mailbox = c.mailbox AND v.target_uid = c.target_uid AND v.state = 6" \
	" AND v.date IS NOT (SELECT r.date FROM message r WHERE r.folder = ?1 AND r.uid = ?4))"
/* A candidate, and whether it has another date, that of a row which still looks for its mail: of doubles that differ in their date only, each finds its own. */
#define DOUBT "SELECT c.target_uid, c.date IS NOT (SELECT r.date FROM message r WHERE r.folder = ?1 AND r.uid = ?4) AND EXISTS (SELECT 1 FROM temp.promise p CROSS JOIN message w ON w.folder = p.folder AND w.uid = p.uid WHERE p.mailbox = c.mailbox" \
	" AND p.target_uid = c.target_uid AND w.target_uid IS NULL AND w.state < 4)" FROM_FREE "AND " NO_OTHER_DATE
/* Rows that a match is about: ?1 folder, ?2 mailbox, ?4 enum match. */
#define WANTED "folder = ?1 AND (CASE ?4 WHEN 0 THEN state = 0 WHEN 1 THEN state = 1 ELSE " THERE " AND (target_uid IS NULL OR mailbox <> ?2) END)"
/* The n-th row with the n-th free candidate of the same key. A sort of both together: no join whose cost depends on what the planner guesses. */
#define PAIR(key, usable) "INSERT INTO temp.pair (uid, target_uid) SELECT max(iif(side = 0, id, 0)), max(iif(side = 1, id, 0))" \
	" FROM (SELECT side, id, " key ", row_number() OVER (PARTITION BY " key ", side ORDER BY id) AS n FROM (" \
	"SELECT 0 AS side, uid AS id, " key " FROM message WHERE " WANTED " AND " usable \
	" UNION ALL SELECT 1, target_uid, " key FROM_FREE "AND " usable ")) GROUP BY " key ", n HAVING count(*) = 2"
/* Free candidates beside the first row of the folder that has the same key and its claim in this mailbox. */
#define TWINS(key, usable) "SELECT id, twin FROM (SELECT side, id, min(iif(side = 0, id, NULL)) OVER (PARTITION BY " key ") AS twin FROM (" \
	"SELECT 0 AS side, uid AS id, " key " FROM message WHERE folder = ?1 AND mailbox = ?2 AND target_uid IS NOT NULL AND " usable \
	" AND (" key ") IN (SELECT " key FROM_STRANGE "AND " usable ") UNION ALL SELECT 1, target_uid, " key FROM_STRANGE "AND " usable "))" \
	" WHERE side = 1 AND twin IS NOT NULL"
/* The same header and size more than once in the folder; of mail that was not sent by us also as of mail that vanished: the body has to tell. */
#define TWIN_PAIR "(?4 <> 2 AND uid IN (SELECT r.uid FROM message r WHERE r.folder = ?1 AND (r.head, r.size) IN" \
	" (SELECT head, size FROM message WHERE folder = ?1 AND head IS NOT NULL GROUP BY head, size HAVING count(*) > 1)))" \
	" OR (?4 = 0 AND target_uid IN (SELECT target_uid FROM message WHERE mailbox = ?2 AND target_uid IS NOT NULL AND state = 6))"
#define HEAD_KNOWN "head IS NOT NULL AND size IS NOT NULL"
#define CORE_KNOWN "core IS NOT NULL AND date IS NOT NULL AND msgid <> 0"
/* Filters: see SQL_FILTER_OUT. */
#define PASSES "(?5 OR NOT system & 16) AND (date IS NULL OR (date >= ?2 AND date < ?3)) AND (?4 = 0 OR size <= ?4)"
/* How much of a view a folder is: folder_view(). */
#define VIEW(f) "(CASE " f ".role WHEN 'all' THEN 1 WHEN 'flagged' THEN 2 WHEN 'important' THEN 3 ELSE 0 END)"
#define ELSEWHERE "state = 4 AND reason IN (7, 8)"
/* Pending rows of the view ?1 beside how many of the same key it shows. What was sent before, and may lie at the target, is none of them. */
#define VIEWED(key) "SELECT uid FROM (SELECT uid, state, mark, " key ", date, count(*) OVER (PARTITION BY " key ") AS n FROM message" \
	" WHERE folder = ?1 AND state <> 6 AND size IS NOT NULL) m WHERE state = 0 AND mark IN (0, 1) AND n = 1 AND EXISTS (SELECT 1 FROM temp.other o WHERE o.size = m.size AND "
#define MAILBOX_HERE "(SELECT f.mailbox FROM folder f WHERE f.id = ?1)"
/* May be one of several of the same mail. */
#define DUPLICATE "(state = 4 AND reason = 4)"
#define TWIN "head IS NOT NULL AND (state IN (0, 2, 3) OR " DUPLICATE ")"
/* At the target, or was when it vanished from the source. */
#define ARRIVED "(" THERE " OR (state = 6 AND was IN (2, 3)))"
/* The folder f has a seal that counts, as far as its rows (SQL_SEALED_ROWS) have nothing against it. */
#define SEALED_F "f.seal <> '' AND f.checked = 1 AND f.superseded = 0 AND f.doubled = 0" \
	" AND NOT EXISTS (SELECT 1 FROM folder o WHERE o.account = f.account AND o.source_wire = f.source_wire AND o.superseded = 1)"
/* What a report of run ?1 says of account ?2: its problems and those that still stand; without what is told of them. */
#define STANDING " FROM problem p LEFT JOIN message m ON m.folder = p.folder AND m.uid = p.uid LEFT JOIN folder f ON f.id = p.folder" \
	" LEFT JOIN accepted a ON a.account = p.account AND a.folder = p.folder AND a.uid = p.uid AND a.code = p.code" \
	" WHERE p.account = ?2 AND p.run <= ?1 AND NOT EXISTS (SELECT 1 FROM problem q WHERE q.account = p.account AND q.folder = p.folder" \
	" AND q.uid = p.uid AND q.code = p.code AND q.run > p.run AND q.run <= ?1) AND (p.run = ?1" \
	" OR (p.code IN ('message-refused', 'message-unreadable', 'too-big') AND m.state = 5)" \
	" OR (p.code = 'message-altered' AND m.checked = 3 AND m." THERE ")" \
	" OR (p.code = 'unsettled' AND m.mark = 2 AND m.state = 0)" \
	" OR (p.code = 'message-doubled' AND p.run = f.checked_run))"
/* ?3 to ?9: sql_mail. What is not known of the identity leaves what was. */
#define MAIL "size = ?3, date = ?4, system = ?5, keywords = ?6, head = coalesce(?7, head), core = coalesce(?8, core), msgid = coalesce(?9, msgid)"

const char *const sql_text[] = {
	[SQL_BEGIN_READ] = "BEGIN",
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_SAVEPOINT] = "SAVEPOINT step",
	[SQL_RELEASE] = "RELEASE step",
	[SQL_UNDO] = "ROLLBACK TO step",

	/* ---- runs ---- */
	[SQL_RUN_BEGIN] = "INSERT INTO run (command, job_digest, started, finished, exit) VALUES (?1, ?2, ?3, 0, -1)",
	[SQL_RUN_END] = "UPDATE run SET finished = ?2, exit = ?3 WHERE id = ?1",
	[SQL_RUN_NEWEST] = "SELECT id, command, job_digest, started, finished, exit FROM run WHERE command IN ('run', 'verify') AND (?1 OR finished > 0)"
		" ORDER BY id DESC LIMIT 1",
	[SQL_RUN_OF] = "SELECT id, command, job_digest, started, finished, exit FROM run WHERE command = ?1 AND finished > 0 ORDER BY id DESC LIMIT 1",

	/* ---- accounts ---- */
	[SQL_ACCOUNT] = "SELECT id, source_signed_in, target_signed_in, target_keeps, source_host, source_user, target_host, target_user"
		" FROM account WHERE name = ?1",
	[SQL_ACCOUNT_ADD] = "INSERT INTO account (name, source_host, source_user, target_host, target_user) VALUES (?1, ?2, ?3, ?4, ?5)",
	/* Host names know no case. */
	[SQL_ACCOUNT_SAME] = "SELECT id, name FROM account WHERE lower(source_host) = lower(?1) AND source_user = ?2 AND lower(target_host) = lower(?3)"
		" AND target_user = ?4",
	[SQL_ACCOUNT_RENAME] = "UPDATE account SET name = ?2 WHERE id = ?1",
	[SQL_ACCOUNT_PROVIDERS] = "UPDATE account SET source_provider = ?2, target_provider = ?3 WHERE id = ?1",
	[SQL_SOURCE_SIGNED_IN] = "UPDATE account SET source_signed_in = 1, source_capabilities = coalesce(?2, source_capabilities) WHERE id = ?1",
	[SQL_TARGET_SIGNED_IN] = "UPDATE account SET target_signed_in = 1, target_capabilities = coalesce(?2, target_capabilities) WHERE id = ?1",
	[SQL_TARGET_KEEPS] = "UPDATE account SET target_keeps = ?2 WHERE id = ?1",
	[SQL_ACCOUNT_END] = "INSERT OR REPLACE INTO account_end (run, account, exit) VALUES (?1, ?2, ?3)",
	[SQL_ACCOUNT_LAST] = "SELECT e.exit FROM account_end e JOIN run r ON r.id = e.run WHERE e.account = (SELECT id FROM account WHERE name = ?1)"
		" AND r.command IN ('run', 'verify') ORDER BY e.run DESC LIMIT 1",

	[SQL_TOLD_LAST] = "SELECT EXISTS (SELECT 1 FROM problem p WHERE p.account = ?1 AND p.code = ?2 AND p.run = (SELECT max(e.run) FROM account_end e"
		" JOIN run r ON r.id = e.run WHERE e.account = ?1 AND r.command IN ('run', 'verify')))",

	/* ---- mailboxes ---- */
	[SQL_MAILBOX] = "SELECT id, validity, first_next FROM mailbox WHERE host = ?1 AND user = ?2 AND wire = ?3",
	[SQL_MAILBOX_CLAIMED] = "SELECT count(*) FROM message WHERE mailbox = ?1 AND target_uid IS NOT NULL",
	[SQL_MAILBOX_ADD] = "INSERT INTO mailbox (host, user, wire, name) VALUES (?1, ?2, ?3, ?4)"
		" ON CONFLICT (host, user, wire) DO UPDATE SET name = excluded.name WHERE name <> excluded.name",
	[SQL_MAILBOX_SEEN] = "SELECT validity FROM mailbox WHERE id = ?1",
	[SQL_MAILBOX_SET] = "UPDATE mailbox SET validity = ?2, first_next = ?3 WHERE id = ?1",
	[SQL_MAILBOX_VOID] = "UPDATE message SET target_uid = NULL WHERE mailbox = ?1 AND target_uid IS NOT NULL",
	[SQL_MAILBOX_FLOORS] = "UPDATE batch SET floor = 1 WHERE folder IN (SELECT id FROM folder WHERE mailbox = ?1)",

	[SQL_SUBSTITUTES] = "SELECT wire, instead FROM substitute WHERE host = ?1 AND user = ?2 ORDER BY wire",
	[SQL_SUBSTITUTE] = "INSERT OR REPLACE INTO substitute (host, user, wire, instead) VALUES (?1, ?2, ?3, ?4)",

	/* ---- folders ---- */
	/* Rows that wait to be matched count too. */
	[SQL_FOLDERS_KNOWN] = "SELECT f.mailbox, f.source_wire, b.wire, b.name, f.why, f.source_validity, EXISTS (SELECT 1 FROM folder s CROSS JOIN message m"
		" ON m.folder = s.id WHERE s.account = f.account AND s.source_wire = f.source_wire AND s.superseded < 2 AND m.state IN (1, 2, 3) AND m.checked <> 5),"
		" EXISTS (SELECT 1 FROM folder s WHERE s.account = f.account AND s.source_wire = f.source_wire AND s.source_validity < 0), f.source_id"
		" FROM folder f JOIN mailbox b ON b.id = f.mailbox WHERE f.account = ?1 AND f.superseded = 0 ORDER BY f.id",
	/* ?2 old name, ?3 a name that no folder has, for a moment. */
	[SQL_FOLDER_ASIDE] = "UPDATE folder SET source_wire = ?3 WHERE account = ?1 AND source_wire = ?2",
	/* ?3 how many; the newest. */
	[SQL_FOLDER_SAMPLE] = "SELECT m.uid, m.size, m.date, m.msgid FROM message m WHERE m.folder = (SELECT f.id FROM folder f WHERE f.account = ?1 AND f.source_wire = ?2"
		" AND f.superseded = 0) AND m.state <> 6 AND m.size IS NOT NULL AND m.msgid IS NOT NULL ORDER BY m.uid DESC LIMIT ?3",
	/* ?2 old name, ?3 new name. No server has a negative UIDVALIDITY: the row is never taken for a folder of today. */
	[SQL_FOLDER_RENAMED] = "UPDATE folder SET source_wire = ?3, source_validity = -id, superseded = max(superseded, 1), listed = 0"
		" WHERE account = ?1 AND source_wire = ?2",
	/* ?2 new name, ?3 validity: as the one that was current until now. */
	[SQL_FOLDER_HEIR] = "INSERT OR IGNORE INTO folder (account, mailbox, source_wire, source_validity, source_name, target_name, role, why, moved, source_id)"
		" SELECT account, mailbox, source_wire, ?3, source_name, target_name, role, why, moved, source_id FROM folder"
		" WHERE account = ?1 AND source_wire = ?2 AND mailbox = ?4 AND superseded = 1 ORDER BY id DESC LIMIT 1",
	/* ?3 validity; 0: not known, so the current one. */
	[SQL_FOLDER] = "SELECT id, mailbox FROM folder WHERE account = ?1 AND source_wire = ?2"
		" AND (source_validity = ?3 OR (?3 = 0 AND superseded = 0)) ORDER BY superseded LIMIT 1",
	/* Where the mail of the one before went is known of the new one as well, or what is left out while it is renumbered would be copied anew elsewhere. */
	[SQL_FOLDER_ADD] = "INSERT INTO folder (account, mailbox, source_wire, source_validity, source_name, target_name, role, why, moved)"
		" VALUES (?1, (SELECT mailbox FROM folder WHERE account = ?1 AND source_wire = ?2 AND superseded = 0 ORDER BY id DESC LIMIT 1),"
		" ?2, ?3, '', '', '', '', 0)",
	/* ?2 mailbox or NULL: as it was; ?9 id, 0: as it was. */
	[SQL_FOLDER_SET] = "UPDATE folder SET mailbox = coalesce(?2, mailbox), source_name = ?3, target_name = ?4, role = ?5, why = ?6, moved = ?7,"
		" listed = 1, superseded = 0, left_out = iif(?8, max(0, ?8 - (SELECT count(*) FROM message m WHERE m.folder = folder.id AND m.state <> 6)), 0),"
		" source_id = iif(?9, ?9, source_id) WHERE id = ?1",
	/* Of an excluded folder nothing is pending; what it was before comes back with it. An open intent is settled first. */
	[SQL_FOLDER_EXCLUDE] = "UPDATE message SET state = 4, reason = 5 WHERE folder = ?1 AND (state = 0 OR (state = 4 AND reason = 7))",
	[SQL_FOLDER_INCLUDE] = "UPDATE message SET state = 0, reason = 0 WHERE folder = ?1 AND state = 4 AND reason = 5",
	/* ?3 the folder that is the current one now. */
	[SQL_FOLDER_SUPERSEDE] = "UPDATE folder SET superseded = 1, listed = 0"
		" WHERE account = ?1 AND source_wire = ?2 AND superseded = 0 AND id <> ?3",
	/* What is to be found in the new mailbox keeps its claim in the old one until then: the mapping may be refused. */
	[SQL_FOLDER_UNPLACE] = "UPDATE message SET target_uid = NULL WHERE folder = ?1 AND target_uid IS NOT NULL AND (state NOT IN (2, 3, 6) OR checked = 5)",
	/* Rows of an excluded folder; those, also of what waits, which were sent to or found in another mailbox than the folder's. What is gone has no place to be looked for. */
	[SQL_FOLDER_ROWS] = "SELECT count(*) FILTER (WHERE state = 4 AND reason = 5 AND folder = ?1), count(*) FILTER (WHERE mailbox <> " MAILBOX_HERE
		" AND state IN (1, 2, 3) AND checked <> 5), count(*) FROM message WHERE folder IN (SELECT ?1 UNION SELECT id FROM " WAITING ")",
	[SQL_FOLDER_WAITING] = "SELECT EXISTS (SELECT 1 FROM message WHERE folder IN " WAITING ")",
	/* Of two that want it the first one has it, unless the other has copied it. There are fewer accounts than folders: those first. */
	[SQL_FOLDER_OTHER] = "SELECT b.name FROM folder f JOIN account a ON a.id = f.account CROSS JOIN account b ON b.id <> a.id"
		" AND lower(b.source_host) = lower(a.source_host) AND b.source_user = a.source_user"
		" CROSS JOIN folder o ON o.account = b.id AND o.source_wire = f.source_wire AND o.mailbox = f.mailbox WHERE f.id = ?1"
		" AND ((b.id < a.id AND o.superseded = 0 AND o.listed = 1 AND o.moved = 1) OR EXISTS (SELECT 1 FROM message m WHERE m.folder = o.id AND m." THERE ")) LIMIT 1",
	[SQL_FOLDER_MAILBOX] = "SELECT mailbox FROM folder WHERE id = ?1 AND mailbox IS NOT NULL",
	[SQL_REMATCHED_LEFT] = "SELECT count(*) FROM message WHERE folder IN " WAITING " AND state IN (2, 3) AND checked <> 5",
	/* Never moved: they begin anew under their new UIDs. */
	[SQL_REMATCHED_DROP] = "DELETE FROM message WHERE folder IN " WAITING " AND state IN (0, 1, 4, 5) AND target_uid IS NULL",
	[SQL_REMATCHED_VANISH] = "UPDATE message SET was = state, state = 6 WHERE folder IN " WAITING " AND state <> 6",
	[SQL_REMATCHED_END] = "UPDATE folder SET superseded = 2 WHERE id IN " WAITING,
	[SQL_HELD] = "SELECT f.source_wire, f.source_validity, f.role, (SELECT count(*) FROM message m WHERE m.folder = f.id AND m.state <> 6),"
		" coalesce((SELECT max(m.uid) FROM message m WHERE m.folder = f.id), 0), f.source_id FROM folder f WHERE f.account = ?1 AND f.superseded = 0 AND f.listed = 1 AND f.moved = 1 ORDER BY f.id",
	[SQL_UNLIST] = "UPDATE folder SET listed = 0 WHERE account = ?1",
	[SQL_LIST] = "UPDATE folder SET listed = 1 WHERE account = ?1 AND id = ?2",
	[SQL_UNLISTED_VANISH] = "UPDATE message SET was = state, state = 6 WHERE state IN (0, 1) AND folder IN (SELECT f.id FROM folder f"
		" WHERE f.account = ?1 AND NOT EXISTS (SELECT 1 FROM folder g WHERE g.account = f.account AND g.source_wire = f.source_wire"
		" AND g.listed = 1))",

	/* ---- messages ---- */
	[SQL_ROWS] = "SELECT uid, state FROM message WHERE folder = ?1 AND uid < ?2 ORDER BY uid",
	[SQL_ADD] = "INSERT INTO message (folder, uid) WITH RECURSIVE n(uid) AS (VALUES (?2) UNION ALL SELECT uid + 1 FROM n WHERE uid < ?3)"
		" SELECT ?1, uid FROM n",
	[SQL_VANISH] = "UPDATE message SET was = state, state = 6 WHERE " RANGE " AND state <> 6",
	[SQL_BACK] = "UPDATE message SET state = was, was = 0 WHERE " RANGE " AND state = 6",
	/* What was brought or found is there, whatever a damaged row says of its state: it must not be sent. */
	[SQL_MEND] = "UPDATE message SET state = 2, was = 0, batch = NULL WHERE folder = ?1 AND origin <> 0 AND state NOT IN (2, 3, 6)",
	[SQL_SKIP] = "UPDATE message SET state = 4, mark = iif(mark = 3, 3, 0), reason = ?4 WHERE " RANGE " AND state = 0",
	[SQL_PLANNED_BACK] = "UPDATE message SET state = 0, reason = 0 WHERE folder = ?1 AND state = 4 AND reason = 6",
	/* What is unsettled is never sent by itself anyway. */
	[SQL_PLANNED_SKIP] = "UPDATE message SET state = 4, mark = iif(mark = 3, 3, 0), reason = 6 WHERE " RANGE " AND state = 0 AND mark <> 2",
	[SQL_PLANNED_AGAIN] = "UPDATE message SET state = 0, mark = 0 WHERE " RANGE " AND state = 5",
	[SQL_PLANNED_FORGET] = "DELETE FROM accepted WHERE " RANGE " AND code IN ('message-refused', 'message-unreadable', 'too-big')"
		" AND EXISTS (SELECT 1 FROM message m WHERE m.folder = accepted.folder AND m.uid = accepted.uid AND m.state = 5)",
	/* An open intent has to be settled first. */
	[SQL_AGAIN] = "UPDATE message SET state = 0, mark = 0, reason = 0, origin = 0, checked = 0, mailbox = NULL, target_uid = NULL, batch = NULL,"
		" stored = NULL WHERE " RANGE " AND state NOT IN (1, 6)",
	[SQL_REFUSE] = "UPDATE message SET state = 5, mark = 0, batch = NULL WHERE folder = ?1 AND uid = ?2 AND state IN (0, 1)",
	[SQL_SCANNED] = "UPDATE message SET " MAIL " WHERE folder = ?1 AND uid = ?2",
	[SQL_SENDER] = "INSERT OR REPLACE INTO sender (folder, uid, address) VALUES (?1, ?2, ?3)",
	/* ?2 since, ?3 before, ?4 largest size or 0, ?5 deleted mail passes too. */
	[SQL_FILTER_OUT] = "UPDATE message SET state = 4, reason = CASE WHEN NOT ?5 AND system & 16 THEN 1 WHEN ?4 > 0 AND size > ?4 THEN 3 ELSE 2 END"
		" WHERE folder = ?1 AND state = 0 AND mark <> 2 AND size IS NOT NULL AND NOT (" PASSES ")",
	[SQL_FILTER_IN] = "UPDATE message SET state = 0, reason = 0 WHERE folder = ?1 AND state = 4 AND reason IN (0, 1, 2, 3) AND size IS NOT NULL"
		" AND (" PASSES ")",
	[SQL_PENDING] = "SELECT uid FROM message WHERE folder = ?1 AND state = 0 AND mark <> 2 ORDER BY uid",
	[SQL_HEADLESS] = "SELECT uid FROM message WHERE folder = ?1 AND state = 0 AND mark <> 2 AND head IS NULL ORDER BY uid",
	[SQL_DOUBTFUL] = "SELECT uid FROM message WHERE folder = ?1 AND mark IN (1, 3) AND (state IN (0, 1) OR (" THERE " AND target_uid IS NULL)) ORDER BY uid",
	[SQL_SKIPPED] = "SELECT uid FROM message WHERE folder = ?1 AND state = 4 ORDER BY uid",
	[SQL_THERE] = "SELECT uid FROM message WHERE folder = ?1 AND " THERE " ORDER BY uid",
	[SQL_NOT_UNIQUE] = "SELECT uid FROM message WHERE folder = ?1 AND " THERE " AND (coalesce(msgid, 0) = 0 OR msgid IN (SELECT msgid FROM message"
		" WHERE folder = ?1 AND " THERE " AND msgid <> 0 GROUP BY msgid HAVING count(*) > 1)) ORDER BY uid",
	[SQL_UNSCANNED] = "SELECT uid FROM message WHERE folder = ?1 AND ((state = 0 AND mark <> 2) OR (state = 4 AND reason < 4)) AND size IS NULL ORDER BY uid",
	[SQL_TWINS] = "SELECT uid FROM message WHERE folder = ?1 AND " TWIN " AND (head, size) IN (SELECT head, size FROM message"
		" WHERE folder = ?1 AND " TWIN " GROUP BY head, size HAVING count(*) > 1) ORDER BY uid",
	[SQL_GONE] = "SELECT uid FROM message WHERE folder = ?1 AND " THERE " AND checked = 5 ORDER BY uid",
	[SQL_DELETED] = "SELECT uid FROM message WHERE folder = ?1 AND ((state = 4 AND reason IN (0, 1)) OR (state = 0 AND mark <> 2 AND system & 16))"
		" ORDER BY uid",
	[SQL_DUPLICATES] = "SELECT uid FROM message WHERE folder = ?1 AND " DUPLICATE " ORDER BY uid",
	[SQL_DUPLICATES_OPEN] = "SELECT uid FROM message WHERE folder = ?1 AND " DUPLICATE " AND ((head, size) IN (SELECT head, size FROM message"
		" WHERE folder = ?1 AND " HEAD_KNOWN " AND NOT " DUPLICATE " AND NOT " ARRIVED ") OR (head, size) NOT IN (SELECT head, size"
		" FROM message WHERE folder = ?1 AND " HEAD_KNOWN " AND " ARRIVED ")) ORDER BY uid",
	[SQL_ELSEWHERE] = "SELECT uid FROM message WHERE folder = ?1 AND " ELSEWHERE " ORDER BY uid",
	/* ?2: also those whose bodies were compared. */
	[SQL_ELSEWHERE_BACK] = "UPDATE message SET state = 0, reason = 0 WHERE folder = ?1 AND state = 4 AND (reason = 7 OR (?2 AND reason = 8))",
	[SQL_ELSEWHERE_CLEAR] = "DELETE FROM temp.other",
	/* What was found missing at the target is not there. A view of all mail does not show trash and junk. */
	[SQL_ELSEWHERE_FILL] = "INSERT INTO temp.other (size, msgid, head, date, shown, mailbox, target_uid) SELECT o.size, coalesce(o.msgid, 0), o.head, o.date,"
		" o.state <> 6 AND f.listed = 1 AND f.superseded = 0 AND f.role NOT IN ('trash', 'junk'), o.mailbox, o.target_uid FROM folder v JOIN folder f ON f.account = v.account AND f.source_wire <> v.source_wire"
		" AND " VIEW("f") " < " VIEW("v") " CROSS JOIN message o ON o.folder = f.id WHERE v.id = ?1 AND o.size IS NOT NULL AND o.checked <> 4 AND (o.state IN (2, 3)"
		" OR (o.state = 6 AND o.was IN (2, 3)) OR (o.state IN (0, 1) AND f.moved = 1 AND f.listed = 1 AND f.superseded = 0))",
	/* As sql_mail. */
	[SQL_ELSEWHERE_LATE] = "INSERT INTO temp.other (size, date, head, msgid, shown) VALUES (?1, ?2, ?5, coalesce(?7, 0), 1)",
	[SQL_ELSEWHERE_MAYBE] = "SELECT uid FROM message m WHERE folder = ?1 AND state = 0 AND mark IN (0, 1) AND EXISTS (SELECT 1 FROM temp.other o"
		" WHERE o.size = m.size AND o.msgid = coalesce(m.msgid, 0)) ORDER BY uid",
	[SQL_ELSEWHERE_FORESEEN] = VIEWED("msgid, size") "o.msgid = m.msgid AND m.msgid <> 0 AND o.date IS m.date) ORDER BY uid",
	[SQL_ELSEWHERE_SURE] = VIEWED("head, size") "o.head = m.head AND o.shown AND o.date IS m.date) ORDER BY uid",
	/* ?2 how many. */
	[SQL_ELSEWHERE_PLACES] = "SELECT m.uid, o.target_uid, b.validity, b.wire FROM message m CROSS JOIN temp.other o ON o.size = m.size AND o.head = m.head"
		" JOIN mailbox b ON b.id = o.mailbox WHERE m.folder = ?1 AND m.state = 0 AND m.mark IN (0, 1) AND o.target_uid IS NOT NULL ORDER BY m.uid, b.id, o.target_uid LIMIT ?2",
	[SQL_UNPLACED] = "SELECT uid FROM message WHERE folder = ?1 AND " THERE " AND (target_uid IS NULL OR mailbox <> " MAILBOX_HERE ") AND checked <> 5"
		" ORDER BY uid",
	[SQL_UNSURE] = "SELECT uid FROM message WHERE folder = ?1 AND state = 0 AND mark = 3 ORDER BY uid",

	[SQL_VERIFIED_UIDS] = "SELECT uid FROM message WHERE folder = ?1 AND state = 3 AND checked <> 5 ORDER BY uid",
	[SQL_LABELLED] = "SELECT uid FROM message WHERE folder = ?1 AND state = 0 AND keywords <> '' ORDER BY uid",
	[SQL_LARGER] = "SELECT uid FROM message WHERE folder = ?1 AND state = 0 AND size > ?2 ORDER BY uid",
	/* ?2 bytes, ?3 how many. */
	[SQL_SUSPECTS] = "SELECT uid FROM message WHERE folder = ?1 AND state = 0 AND mark <> 2 AND size <= ?2 AND (size = 0 OR coalesce(msgid, 0) = 0) ORDER BY uid LIMIT ?3",
	[SQL_NEWEST] = "SELECT uid FROM (SELECT uid, sum(size) OVER (ORDER BY uid DESC) AS total, row_number() OVER (ORDER BY uid DESC) AS n FROM"
		" (SELECT uid, size FROM message WHERE folder = ?1 AND state = 0 AND mark <> 2 AND size > 0 ORDER BY uid DESC LIMIT ?3)) WHERE total <= ?2 AND n <= ?3 ORDER BY uid",

	/* ---- intents ---- */
	[SQL_ROW] = "SELECT iif(state = 6, was, state), mark, batch FROM message WHERE folder = ?1 AND uid = ?2",
	[SQL_BATCH_ADD] = "INSERT INTO batch (folder, floor, made) VALUES (?1, ?2, ?3)",
	[SQL_BATCH_FLOOR] = "SELECT floor FROM batch WHERE id = ?1",
	[SQL_BATCH_LOWER] = "UPDATE batch SET floor = ?2 WHERE id = ?1 AND floor > ?2",
	[SQL_BATCH_SWEEP] = "DELETE FROM batch WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.batch = batch.id)",
	/* ?10 batch, ?11 run, ?12 mailbox, ?13 bytes that came, ?14 the batch it comes from, or NULL. The last guard against a second copy. */
	[SQL_INTEND] = "UPDATE message SET state = iif(state = 6, 6, 1), was = iif(state = 6, 1, was), batch = ?10, run = ?11, mailbox = ?12, measured = ?13, " MAIL ", mark = 0"
		" WHERE folder = ?1 AND uid = ?2 AND iif(state = 6, was, state) IN (0, 1) AND mark <> 2 AND batch IS ?14",
	/* ?3 mailbox, ?4 target UID or NULL, ?5 run. What a settlement has copied already stays as it is. */
	[SQL_FINISH] = "UPDATE message SET state = iif(state = 6, 6, 2), was = iif(state = 6, 2, was), origin = 1, checked = 0, mark = 0, batch = NULL,"
		" mailbox = ?3, target_uid = ?4, run = ?5 WHERE folder = ?1 AND uid = ?2 AND state NOT IN (2, 3)",
	[SQL_INTENTS] = "SELECT count(*), coalesce(min(b.floor), 1), coalesce(max(b.made), 0) FROM batch b CROSS JOIN message m ON m.batch = b.id"
		" WHERE b.folder = ?1 AND m.state = 1",
	[SQL_INTENTS_NONE] = "UPDATE message SET mark = iif(state = 1 AND mark = 1, 3, mark), state = iif(state = 1, 0, state), was = iif(was = 1, 0, was), batch = NULL"
		" WHERE batch IN (SELECT id FROM batch WHERE folder = ?1)",
	[SQL_UNSETTLED] = "UPDATE message SET state = 0, mark = 2, batch = NULL WHERE " RANGE " AND state IN (0, 1)",

	/* ---- the same mail? ---- */
	[SQL_CLAIMED] = "SELECT o.target_uid FROM message o WHERE o.mailbox = ?2 AND o.target_uid IS NOT NULL AND NOT " YIELDS
		" ORDER BY o.target_uid",
	/* ?1 mailbox, ?2 target UID, ?3 to ?9 sql_mail. */
	[SQL_CANDIDATE] = "INSERT OR REPLACE INTO candidate (mailbox, target_uid, size, date, head, core, msgid)"
		" VALUES (?1, ?2, ?3, ?4, ?7, ?8, coalesce(?9, 0))",
	[SQL_CANDIDATES_OTHER] = "SELECT EXISTS (SELECT 1 FROM candidate WHERE mailbox < ?1) OR EXISTS (SELECT 1 FROM candidate WHERE mailbox > ?1)",
	[SQL_CANDIDATES_FORGET] = "DELETE FROM candidate WHERE mailbox = ?1",
	[SQL_CANDIDATES_CLEAR] = "DELETE FROM candidate",
	[SQL_PROMISES_FORGET] = "DELETE FROM temp.promise WHERE mailbox = ?1",
	[SQL_WAITING] = "SELECT id FROM folder WHERE id IN " WAITING,
	/* ?4 as in WANTED; the others are not used. */
	[SQL_UNDOUBT] = "UPDATE message SET mark = 0 WHERE mark = 1 AND " WANTED,
	[SQL_PAIR_EXACT] = PAIR("head, size, date", HEAD_KNOWN),
	[SQL_PAIR_HEADER] = PAIR("head, size", HEAD_KNOWN),
	[SQL_PAIR_CORE] = PAIR("core, date", CORE_KNOWN),
	[SQL_PAIR_TWINS] = "DELETE FROM temp.pair WHERE " TWIN_PAIR,
	/* Instead of the last, where the pairs are of one date as well. */
	[SQL_PAIR_PROMISE] = "INSERT OR REPLACE INTO temp.promise (mailbox, target_uid, folder, uid) SELECT ?2, target_uid, ?1, uid FROM temp.pair WHERE " TWIN_PAIR,
	[SQL_PAIR_PROMISED] = "DELETE FROM temp.pair WHERE EXISTS (SELECT 1 FROM temp.promise p WHERE p.mailbox = ?2 AND p.target_uid = pair.target_uid"
		" AND p.folder = ?1 AND p.uid = pair.uid)",
	/* ?1 mailbox: what the superseded row knew goes to the new one, then it makes room. */
	[SQL_PAIR_HEIR] = "UPDATE temp.pair SET (origin, run) = (SELECT nullif(o.origin, 0), o.run FROM message o"
		" WHERE o.mailbox = ?1 AND o.target_uid = pair.target_uid)",
	[SQL_PAIR_RELEASE] = "DELETE FROM message WHERE (folder, uid) IN (SELECT o.folder, o.uid FROM temp.pair p CROSS JOIN message o"
		" ON o.mailbox = ?1 AND o.target_uid = p.target_uid)",
	/* ?2 mailbox. */
	[SQL_PAIR_CLAIM] = "UPDATE message SET state = iif(?4 >= 2, state, 2),"
		" origin = CASE ?4 WHEN 0 THEN coalesce(p.origin, 2) WHEN 1 THEN 1 ELSE message.origin END, checked = iif(?4 >= 2, checked, 0),"
		" run = coalesce(p.run, message.run), mark = 0, batch = NULL, mailbox = ?2, target_uid = p.target_uid"
		" FROM temp.pair p WHERE message.folder = ?1 AND message.uid = p.uid",
	[SQL_PAIR_CLEAR] = "DELETE FROM temp.pair",
	/* Of rows that wait and were verified, no mail is there any more: who else would have its identity is its heir, and as gone as it.
	   ?1 folder, ?2 mailbox. */
	[SQL_HEIRS] = "INSERT INTO temp.heir (uid, folder, was) SELECT max(iif(side = 0, uid, 0)), max(iif(side = 1, folder, 0)), max(iif(side = 1, uid, 0)) FROM"
		" (SELECT *, row_number() OVER (PARTITION BY head, size, date, side ORDER BY folder, uid) AS n FROM (SELECT 0 AS side, folder, uid, head, size, date"
		" FROM message WHERE folder = ?1 AND state = 0 AND mark = 0 AND " HEAD_KNOWN " UNION ALL SELECT 1, folder, uid, head, size, date FROM message"
		" WHERE folder IN " WAITING " AND state = 3 AND mailbox = ?2 AND " HEAD_KNOWN ")) GROUP BY head, size, date, n HAVING count(*) = 2",
	[SQL_HEIR_TAKES] = "UPDATE message SET state = 3, origin = o.origin, checked = o.checked, run = o.run, mailbox = o.mailbox"
		" FROM temp.heir h CROSS JOIN message o ON o.folder = h.folder AND o.uid = h.was WHERE message.folder = ?1 AND message.uid = h.uid",
	[SQL_HEIRS_END] = "DELETE FROM message WHERE (folder, uid) IN (SELECT folder, was FROM temp.heir)",
	[SQL_HEIRS_CLEAR] = "DELETE FROM temp.heir",
	[SQL_DOUBT] = "UPDATE message SET mark = max(mark, 1) WHERE " WANTED " AND ((msgid <> 0 AND msgid IN (SELECT c.msgid" FROM_FREE
		"AND c.msgid <> 0)) OR core IN (SELECT c.core" FROM_FREE "AND c.msgid = 0 AND c.core IS NOT NULL))",
	[SQL_LEFT] = "SELECT count(*) FROM message WHERE " WANTED,
	/* ?4 uid, ?5 how many. Of what vanished only mail of the same date comes back: another is a double of it. */
	[SQL_DOUBTS] = DOUBT " AND c.msgid <> 0 AND c.msgid = (SELECT r.msgid FROM message r WHERE r.folder = ?1 AND r.uid = ?4)"
		" UNION " DOUBT " AND c.msgid = 0 AND c.core = (SELECT r.core FROM message r WHERE r.folder = ?1 AND r.uid = ?4) ORDER BY 2, 1 LIMIT ?5",
	/* ?1 folder, ?2 mailbox, ?3 target UID: the row that claims it, and whether it has to give way. */
	[SQL_CLAIMANT] = "SELECT o.folder, o.uid, o.origin, o.run, " YIELDS " FROM message o WHERE o.mailbox = ?2 AND o.target_uid = ?3",
	[SQL_DROP] = "DELETE FROM message WHERE folder = ?1 AND uid = ?2",
	/* ?3 mailbox, ?4 target UID, ?5 origin if it has none yet, ?6 run or NULL: as it was. */
	[SQL_CLAIM] = "UPDATE message SET state = CASE state WHEN 3 THEN 3 WHEN 6 THEN 6 ELSE 2 END, was = iif(state = 6, 2, 0),"
		" origin = iif(origin = 0, ?5, origin), run = coalesce(?6, run), mark = 0, batch = NULL, mailbox = ?3, target_uid = ?4"
		" WHERE folder = ?1 AND uid = ?2",

	/* ---- verification ---- */
	/* A claim in another mailbox than the folder's is none here. */
	[SQL_PLACED] = "SELECT uid, iif(mailbox = " MAILBOX_HERE ", coalesce(target_uid, 0), 0), state, checked, system, keywords, origin FROM message WHERE " RANGE " AND " THERE
		" ORDER BY uid",
	/* What is known to be identical already is not written again. */
	[SQL_IDENTICAL] = "UPDATE message SET state = 3, checked = 1, stored = size WHERE " RANGE " AND " THERE " AND target_uid IS NOT NULL"
		" AND NOT (state = 3 AND checked = 1 AND (stored IS NOT NULL OR size IS NULL))",
	/* ?3 measured, ?4 stored. */
	[SQL_SIZES] = "UPDATE message SET measured = ?3, stored = ?4 WHERE folder = ?1 AND uid = ?2 AND (measured IS NOT ?3 OR stored IS NOT ?4)",
	/* As identical as facts can tell, or its header: it has the size that both announced. */
	[SQL_ODD] = "UPDATE message SET checked = ?3, stored = iif(?3 = 1, coalesce(stored, size), stored), state = iif(?3 IN (1, 2) AND target_uid IS NOT NULL, 3, state)"
		" WHERE folder = ?1 AND uid = ?2 AND " THERE,
	[SQL_UNPLACE] = "UPDATE message SET target_uid = NULL, stored = NULL WHERE " RANGE " AND " THERE " AND target_uid IS NOT NULL",
	[SQL_FLAGS] = "UPDATE message SET system = ?3, keywords = ?4 WHERE folder = ?1 AND uid = ?2",
	[SQL_DOUBLES] = "SELECT id, min(twin) FROM (" TWINS("head, size", HEAD_KNOWN) " UNION ALL " TWINS("core, date", CORE_KNOWN)
		") GROUP BY id ORDER BY id",
	[SQL_CHECKED] = "UPDATE folder SET checked = 1, checked_run = ?2, quiet = ?7, deep = ?3, sampled = iif(?7 > 0, max(sampled, ?4), ?4), target_only = ?5, doubled = ?6 WHERE id = ?1",
	[SQL_CLAIMS_VANISHED] = "SELECT EXISTS (SELECT 1 FROM message WHERE mailbox = ?1 AND target_uid IS NOT NULL AND state = 6)",
	[SQL_CLAIMED_VANISHED] = "SELECT target_uid FROM message WHERE mailbox = ?1 AND target_uid IS NOT NULL AND state = 6",
	[SQL_CLAIM_VOID] = "UPDATE message SET target_uid = NULL WHERE mailbox = ?1 AND target_uid = ?2",
	[SQL_UNCHECKED] = "UPDATE folder SET checked = 0 WHERE id = ?1",
	/* folder, run, seal: not where the run had more to say of it than what planning tells each time */
	[SQL_SEAL] = "UPDATE folder SET seal = CASE WHEN EXISTS (SELECT 1 FROM problem p WHERE p.account = folder.account AND p.folder = folder.id AND p.run = ?2"
		" AND p.severity <> 'note' AND p.code <> 'name-changed') THEN '' ELSE ?3 END WHERE id = ?1",
	/* Left to be done or looked at; skipped; there. */
	[SQL_SEALED_ROWS] = "SELECT count(*) FILTER (WHERE state < 3 OR mark <> 0 OR (state = 3 AND (target_uid IS NULL OR checked NOT IN (1, 2))"
		" AND checked <> 5)), count(*) FILTER (WHERE state = 4), count(*) FILTER (WHERE state = 3) FROM message WHERE folder = ?1",
	[SQL_SEAL_READ] = "SELECT f.seal FROM folder f WHERE f.id = ?1 AND " SEALED_F,
	[SQL_UNSEAL] = "UPDATE folder SET seal = '' WHERE id = ?1 AND seal <> ''",
	[SQL_QUIET] = "SELECT uid, target_uid FROM message WHERE folder = ?1 AND state = 3 AND mark = 0 AND checked IN (1, 2) AND target_uid IS NOT NULL AND mailbox = " MAILBOX_HERE
		" ORDER BY uid",
	[SQL_CHECKED_AGAIN] = "UPDATE folder SET checked_run = ?2, quiet = -1 WHERE id = ?1",

	/* ---- what reports read ---- */
	/* What store_counts goes by. */
	[SQL_COUNTED] = "SELECT state, origin, checked, run, size, reason, date, folder FROM message WHERE folder IN " FAMILY,
	[SQL_COUNTED_FOLDER] = "SELECT checked, deep, sampled, target_only, doubled, quiet, left_out, moved FROM folder WHERE id = ?1",
	/* folder, run: what a verdict asks */
	[SQL_STANDING] = "SELECT count(*) FILTER (WHERE state IN (0, 1)), count(*) FILTER (WHERE state = 4) + (SELECT f.left_out FROM folder f WHERE f.id = ?1), count(*) FILTER (WHERE " THERE " AND NOT (run = ?2 AND origin = 1))"
		" FROM message WHERE folder IN " FAMILY,
	/* ?1 run. */
	[SQL_EACH_ACCOUNT] = "SELECT id, name, source_host, source_user, target_host, target_user, source_capabilities, target_capabilities,"
		" coalesce((SELECT e.exit FROM account_end e WHERE e.run = ?1 AND e.account = account.id), -1),"
		" source_provider, target_provider FROM account ORDER BY id",
	/* Where a plan sent it to is somebody's decision, as `map` is. */
	[SQL_EACH_FOLDER] = "SELECT f.id, f.source_name, f.target_name, f.role, iif(f.why = 'plan', 'map', f.why), max(f.source_validity, 0), f.listed"
		" FROM folder f WHERE f.account = ?1 AND f.superseded = 0"
		" AND (f.listed = 1 OR EXISTS (SELECT 1 FROM message m WHERE m.folder IN " FAMILY_OF_F "))"
		" ORDER BY upper(f.source_wire) <> 'INBOX', f.source_name, f.id",
	/* ?1 account. */
	[SQL_EACH_MONTH] = "SELECT CAST(strftime('%Y', day * 86400, 'unixepoch') AS INTEGER) AS year, CAST(strftime('%m', day * 86400, 'unixepoch') AS INTEGER) AS month,"
		" sum(mails), sum(there) FROM (SELECT (m.date - iif(m.date < 0, 86399, 0)) / 86400 AS day, count(*) AS mails, count(*) FILTER (WHERE m." THERE ") AS there"
		" FROM folder f CROSS JOIN message m ON m.folder = f.id WHERE f.account = ?1 AND f.superseded = 0"
		" AND m.date IS NOT NULL AND m.state <> 6 AND NOT (m." ELSEWHERE ") GROUP BY 1) GROUP BY 1, 2 HAVING year > 0 ORDER BY 1, 2",
	/* ?1 account, ?2 since, ?3 run that brought them, 0: any. */
	[SQL_EACH_SENDER] = "SELECT s.address, count(*), max(m.date) FROM folder f CROSS JOIN sender s ON s.folder = f.id CROSS JOIN message m ON m.folder = s.folder AND m.uid = s.uid"
		" WHERE f.account = ?1 AND f.superseded = 0 AND f.role <> 'junk' AND NOT (m." ELSEWHERE ") AND m.date >= ?2 AND (?3 = 0 OR (m.run = ?3 AND m." THERE " AND m.origin = 1))"
		" GROUP BY s.address ORDER BY 2 DESC, 1",
	/* When the last whole verification of each folder of account ?1 ended, or at least began: the oldest of these moments. 0: some were never verified, or not wholly. */
	[SQL_VERIFIED_AT] = "SELECT coalesce(min(iif(f.checked = 1, coalesce(nullif(r.finished, 0), r.started), 0)), 0) FROM folder f LEFT JOIN run r ON r.id = f.checked_run"
		" WHERE f.account = ?1 AND f.superseded = 0 AND f.listed = 1 AND f.moved = 1",
	/* Whether account ?1 ended in a run before ?2. */
	[SQL_RUN_BEFORE] = "SELECT EXISTS (SELECT 1 FROM account_end e JOIN run r ON r.id = e.run WHERE e.account = ?1 AND e.run < ?2 AND r.command = 'run')",
	[SQL_PROBLEM] = "INSERT OR REPLACE INTO problem (account, folder, uid, code, run, side, severity, text, hint, message_id, file)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	/* ?1 run, ?2 account. Of one key the newest counts; an earlier one stands as long as its row says so. */
	[SQL_EACH_PROBLEM] = "SELECT p.account, p.folder, p.uid, p.side, iif(a.at IS NULL, p.severity, 'note'), p.code, p.text, p.hint, p.message_id, p.file,"
		" coalesce(a.at, 0), coalesce(a.who, '')" STANDING " ORDER BY p.folder, p.uid, p.code",
	/* ?3 to ?5 codes, ?6 when, ?7 who. */
	[SQL_ACCEPT] = "INSERT INTO accepted (account, folder, uid, code, at, who) SELECT p.account, p.folder, p.uid, p.code, ?6, ?7" STANDING
		" AND a.at IS NULL AND p.severity = 'error' AND p.code IN (?3, ?4, ?5)",
	[SQL_ACCEPTED] = "SELECT at FROM accepted WHERE account = ?1 AND folder = 0 AND uid = 0 AND code = ?2",
	[SQL_ACCEPTED_FORGET] = "DELETE FROM accepted WHERE account = ?1 AND folder = 0 AND uid = 0 AND code = ?2",
	[SQL_REFUSED_FORGET] = "DELETE FROM accepted WHERE account = ?1 AND code IN ('message-refused', 'message-unreadable', 'too-big')"
		" AND EXISTS (SELECT 1 FROM message m WHERE m.folder = accepted.folder AND m.uid = accepted.uid AND m.state = 5)",
	[SQL_REFUSED_AGAIN] = "UPDATE message SET state = 0, mark = 0 WHERE state = 5 AND folder IN (SELECT id FROM folder WHERE account = ?1)",
};
static_assert(sizeof(sql_text) / sizeof(sql_text[0]) == SQLS, "a text for every statement");
