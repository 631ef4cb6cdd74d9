/* What the move knows: one row a message, and who it was in which target mailbox. Kept in SQLite (schema.c, documented
   there). It is never needed for safety: without it nothing is copied twice. All functions may be called from several
   threads; they return 0, or -1 with err set: ERR_USAGE for what the user can mend (disk full, not our file, newer
   schema), ERR_BUG for the rest. UIDs are source UIDs unless a name says target. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/mail/endpoint.h"
#include "core/mail/mail.h"
#include "core/mail/uidset.h"

struct store;

enum side { SIDE_NONE, SIDE_SOURCE, SIDE_TARGET };

/* pending -> intended -> copied -> verified, or skipped, refused, vanished. A copied message without target UID is "unplaced":
   the server took it and did not say where it lies, or its mailbox was renumbered. */
enum state { STATE_PENDING, STATE_INTENDED, STATE_COPIED, STATE_VERIFIED, STATE_SKIPPED, STATE_REFUSED, STATE_VANISHED, STATES };
const char *state_name(enum state state);

enum origin { ORIGIN_NONE, ORIGIN_OURS, ORIGIN_THERE };	/* we brought it; it was already there */

/* What the last verification said of a message. */
enum checked { CHECKED_NOT, CHECKED_IDENTICAL, CHECKED_REWRITTEN, CHECKED_ALTERED, CHECKED_MISSING, CHECKED_GONE };

enum store_mode { STORE_WRITE, STORE_READ };

/* STORE_WRITE makes the file (0600) and its folders (0700), upgrades an older schema and takes the lock (flock on PATH.lock);
   ERR_BUSY, naming the other's process id, when another run holds it. STORE_READ looks beside a running one, changes nothing, and is ERR_USAGE when there is no
   state yet. WAL; synchronous=NORMAL except for transactions with intents, which are fsynced. */
int store_open(struct store **out, const char *path, enum store_mode mode, struct error *err);
void store_close(struct store **store);
/* Whether the process that took the lock of this state last is still there. */
bool store_in_use(const char *path);

/* ---- runs ---- */
struct run {
	int64_t id;
	char command[16];		/* "run", "verify" */
	char job_digest[65];
	int64_t started, finished;	/* seconds; finished 0: not yet, or killed */
	int exit;			/* -1: not yet */
};
/* Begins a run and remembers its id: rows copied from now on are this run's ("copied_now"). */
int store_run_begin(struct store *, const char *command, const char *job_digest, int64_t *run, struct error *);
int store_run_end(struct store *, int64_t run, int exit, struct error *);
/* The newest run or verify (never a plan) that is finished, or with `any` the newest at all. Returns 1 when there is one, 0 when there is none. */
int store_run_newest(struct store *, bool any, struct run *out, struct error *);
/* The newest finished one of that command. */
int store_run_of(struct store *, const char *command, struct run *out, struct error *);

/* ---- accounts ---- */
struct account_key {
	const char *name, *source_host, *source_user, *target_host, *target_user;
	const char *source_provider, *target_provider;	/* ids or "" */
	const char *const *names;	/* of all accounts of the job, NULL at the end; NULL: not known */
};
struct account_row {
	int64_t id;
	bool source_signed_in, target_signed_in;	/* ever, with this state */
	int target_keeps;	/* 0 not learnt yet, 1 the target keeps header and size, 2 it rewrites mail */
};
/* Finds or makes the row of that name. A row with the same two mailboxes whose name is none of the job's any more gets the new name, if it is the only
   one with them. ERR_USAGE (account-changed) when host or user of a side is not what it was. */
int store_account(struct store *, const struct account_key *, struct account_row *out, struct error *);
int store_signed_in(struct store *, int64_t account, enum side, const char *capabilities, struct error *);
int store_target_keeps(struct store *, int64_t account, int keeps, struct error *);
/* How the account of that name ended in the newest run or verify that it ended in; *exit is -1 when there is none. */
int store_account_last(struct store *, const char *name, int *exit, struct error *);
/* Whether the newest run or verify that the account ended in had a problem of that code to tell. */
int store_told_last(struct store *, int64_t account, const char *code, bool *told, struct error *);
/* How the account ended in this run. */
int store_account_end(struct store *, int64_t run, int64_t account, int exit, struct error *);

/* ---- mailboxes and folders ---- */
struct mailbox_row {		/* one target mailbox; several source folders may share it */
	int64_t id;
	uint32_t validity;	/* last seen, 0 never */
	uint32_t first_next;	/* UIDNEXT when first seen under this validity; mail below it is not ours */
};
int store_mailbox(struct store *, const char *host, const char *user, const char *wire, const char *name, struct mailbox_row *out, struct error *);
/* How many of its UIDs belong to a source row. */
int store_mailbox_claimed(struct store *, int64_t mailbox, uint64_t *count, struct error *);
/* Now seen with this UIDVALIDITY and UIDNEXT. First sight: kept, with first_next. Another validity than before: the mailbox was renumbered; all its
   claims are void: copied and verified rows become unplaced (origin kept), intents count from target UID 1, first_next becomes
   `next`; *renumbered says so. */
int store_mailbox_seen(struct store *, int64_t mailbox, uint32_t validity, uint32_t next, bool *renumbered, struct error *);

/* What folders of that target are called whose names it refused. */
struct substitute {
	char *wire, *instead;	/* as the mapping would have it; as it is */
	bool kept;		/* in the state */
};
/* *out is the caller's, as are the names (substitutes_free). */
int store_substitutes(struct store *, const char *host, const char *user, struct substitute **out, size_t *count, struct error *);
int store_substitute(struct store *, const char *host, const char *user, const struct substitute *, struct error *);
void substitutes_free(struct substitute *list, size_t count);

struct folder_key {
	int64_t account, mailbox;
	const char *source_wire, *source_name, *target_name;	/* names: UTF-8 */
	uint32_t source_validity;
	const char *role, *why;		/* role "" when none; why: "same", "shared" … */
	bool moved;			/* false: listed only (shared and public folders, excluded ones): no new rows, and nothing is pending */
	uint64_t left_out;		/* messages of an excluded folder: in the ledger as skipped */
	uint64_t source_id;		/* box.id of the listing; 0: as it was */
};
struct folder_row {
	int64_t id;
	bool renumbered;	/* the source folder had another UIDVALIDITY before, and its old rows wait for store_match */
	bool empty;		/* there are no rows, waiting ones included */
	bool remapped;		/* rows, also of before it was renumbered, were sent to or found in another target mailbox than key->mailbox. Here those have no claim (WHICH_UNPLACED), and
				   stay remapped until store_match or store_claim finds them; the claim there is kept until then, for the mapping may be refused */
};
/* Finds or makes the row of (account, source_wire, source_validity). Under a new validity the folder begins anew; the old row is superseded: its
   rows are matched by store_match(MATCH_PENDING), and store_rematched ends it. */
int store_folder(struct store *, const struct folder_key *, struct folder_row *out, struct error *);
/* An older account that moves, or any other that has copied, the same source folder of the same mailbox into the same target mailbox: its name, the caller's, or NULL. */
int store_folder_other(struct store *, int64_t folder, char **name, struct error *);
/* What is left of superseded rows is vanished: still in the ledger, its claims kept. Rows that were never moved (pending, intended,
   skipped, refused, without a claim) are dropped: their mail begins anew under its new UID, and would be counted twice. */
int store_rematched(struct store *, int64_t folder, struct error *);
/* How many would be: mail of superseded folders that was copied and has found no new UID. */
int store_rematched_left(struct store *, int64_t folder, uint64_t *left, struct error *);
/* What the source held when it was listed last: a row for each moved folder that it listed then. */
struct held {
	char *wire;		/* the caller's, as is the array */
	uint32_t validity;
	uint64_t id;		/* box.id, or 0 */
	char role[16];		/* folder_role_name */
	uint64_t messages;	/* rows that have not vanished */
	uint32_t last;		/* the highest UID of them, 0 without any */
};
int store_held(struct store *, int64_t account, struct held **out, size_t *count, struct error *);
void held_free(struct held *held, size_t count);
/* The folders of an account that are in the state but not among `ids` were not listed any more: hidden from reports if they have no rows,
   their open rows vanished otherwise. */
int store_folders_listed(struct store *, int64_t account, const int64_t *ids, size_t count, struct error *);

/* Where a source folder's mail went until now. */
struct folder_known {
	int64_t mailbox;
	char *source_wire, *target_wire, *target_name, *why;
	uint32_t validity;	/* the source's */
	uint64_t id;		/* the source's box.id, or 0 */
	bool copied;		/* it has rows that were sent or found there, and are not gone */
	bool renamed;		/* it had another name at the source before */
};
/* All current folders of the account that were ever moved; *out is the caller's (folders_known_free). */
int store_folders_known(struct store *, int64_t account, struct folder_known **out, size_t *count, struct error *);
void folders_known_free(struct folder_known *known, size_t count);
/* The source has these under other names now, each of which may be the name that another had. They keep their targets and begin anew under the new names;
   their rows wait to be matched as those of a superseded folder (store_folder): a wrong guess does no harm. was->source_wire becomes the new name. */
struct renaming { struct folder_known *was; const char *wire; };
int store_folders_renamed(struct store *, int64_t account, const struct renaming *, size_t count, struct error *);
/* Some mails of the folder, by which it is known again: uid, size, date, Message-ID (0: it has none). */
struct known_mail { uint32_t uid, size; int64_t date; uint64_t msgid; };
int store_folder_sample(struct store *, int64_t account, const char *source_wire, struct known_mail *out, size_t cap, size_t *count, struct error *);

/* ---- messages ---- */
struct listed { uint64_t fresh, vanished, back; };
/* The source holds exactly `listed` below UID `next`. New UIDs become pending rows; rows that are not listed become vanished (their
   claims stay); a vanished row that is listed again becomes what its claim says. */
int store_listed(struct store *, int64_t folder, const struct uid_set *listed, uint32_t next, struct listed *out, struct error *);

enum which {
	WHICH_PENDING,		/* to be copied */
	WHICH_HEADLESS,		/* pending, and their identity is not known */
	WHICH_DOUBTFUL,		/* pending, and store_match found a mail of the same Message-ID or core that may be it */
	WHICH_SKIPPED,
	WHICH_THERE,		/* copied or verified: what verification looks at */
	WHICH_NOT_UNIQUE,	/* of those: without Message-ID, or not the only one with it in the folder */
	WHICH_UNSCANNED,	/* pending, or skipped by a filter: size and date are not known */
	WHICH_TWINS,		/* pending, there, or skipped as a duplicate: another such one in the folder has the same header and size */
	WHICH_GONE,		/* verified once, and no longer at the target (CHECKED_GONE) */
	WHICH_DELETED,		/* skipped as \Deleted, or pending with that mark: it may have been taken away since */
	WHICH_DUPLICATES,	/* skipped as duplicates */
	WHICH_DUPLICATES_OPEN,	/* of those: a row of the same header and size is neither at the target, nor was, nor is such a duplicate, or there is none that is */
	WHICH_UNPLACED,		/* copied or verified without a target UID */
	WHICH_UNSURE,		/* pending and doubtful, and sent before: what the body leaves open is unsettled */
	WHICH_ELSEWHERE,	/* skipped, since another folder holds them */
	WHICH_LABELLED,		/* pending, with keywords */
	WHICH_VERIFIED		/* verified, and not known to be gone since */
};
/* Of what is pending, no larger than `bytes`, at most `most`: mail without a Message-ID, as far as is known, and empty mail. out is emptied first. */
int store_suspects(struct store *, int64_t folder, uint64_t bytes, unsigned most, struct uid_set *out, struct error *);
/* Of what is pending, the newest, together no larger than `bytes`, at most `most`. out is emptied first. */
int store_newest(struct store *, int64_t folder, uint64_t bytes, unsigned most, struct uid_set *out, struct error *);
/* Their UIDs, in order. out is emptied first. */
int store_uids(struct store *, int64_t folder, enum which, struct uid_set *out, struct error *);
/* Pending rows whose known size is more than so many bytes. out is emptied first. */
int store_larger(struct store *, int64_t folder, uint64_t bytes, struct uid_set *out, struct error *);

/* Size, date, flags and identity of mails that were read; rows keep their state. One transaction. */
int store_scanned(struct store *, int64_t folder, struct mail *const *mails, size_t count, struct error *);
/* Why a message is skipped. */
enum reason { REASON_NONE, REASON_DELETED, REASON_DATE, REASON_SIZE, REASON_DUPLICATE, REASON_EXCLUDED, REASON_PLAN,
	REASON_ELSEWHERE,	/* a view's: another folder of the account holds it, as far as headers tell; decided anew in each run */
	REASON_ELSEWHERE_SAME	/* … its body was compared with the other's: that stays */
};
int store_skip(struct store *, int64_t folder, const struct uid_set *, enum reason, struct error *);
/* As a plan has it: what an earlier one skipped becomes pending, then pending ones of `skip` become skipped, and refused ones of `again` pending (what was accepted of them is forgotten). */
int store_planned(struct store *, int64_t folder, const struct uid_set *skip, const struct uid_set *again, struct error *);
struct filter {
	int64_t since, before;	/* as job_messages */
	uint64_t max_size;	/* 0: none */
	bool deleted;		/* \Deleted mail is copied too */
};
/* Pending rows whose size, date or flags are known and do not pass become skipped; skipped rows (duplicates apart) that pass now become pending. */
int store_filter(struct store *, int64_t folder, const struct filter *, struct error *);
/* Skipped or refused ones to be tried again, missing ones to be sent again: pending, without a claim. */
int store_again(struct store *, int64_t folder, const struct uid_set *, struct error *);
int store_vanish(struct store *, int64_t folder, const struct uid_set *, struct error *);
/* Refused for good, by the target or because the source can not hand it over. */
int store_refuse(struct store *, int64_t folder, uint32_t uid, struct error *);

/* ---- views: of what a folder like \All (folder_view) shows, what others hold ---- */
/* "Others" are the account's folders that are less of a view: their mail that is at the target, or was when it vanished from the source, and what is still to be
   copied of those that are moved. */
enum elsewhere {
	ELSEWHERE_MAYBE,	/* same Message-ID and size as mail of others */
	ELSEWHERE_FORESEEN,	/* … and date, and the only one of its kind in the view: good enough for a forecast */
	ELSEWHERE_SURE		/* same header, size and date as mail that is listed in another, and the only one with that header and size in the view, which shows that one too */
};
struct mail_list {
	struct mail **mail;
	size_t count, cap;
};
/* Of the pending rows of that view. late: mail of others that has no rows yet. out is emptied first. */
int store_elsewhere(struct store *, int64_t folder, enum elsewhere, const struct mail_list *late, struct uid_set *out, struct error *);
struct elsewhere_place {	/* mail with the header and size of `uid` that others brought to the target */
	uint32_t uid, target_uid, validity;
	char *wire;		/* the target folder, the caller's, as is the array */
};
/* Of pending rows, in the order of UIDs; not all where they are very many. */
int store_elsewhere_places(struct store *, int64_t folder, struct elsewhere_place **out, size_t *count, struct error *);
void elsewhere_free(struct elsewhere_place *places, size_t count);
/* What was left out as being elsewhere is pending again; `same` too: the folder is no view any more. */
int store_elsewhere_back(struct store *, int64_t folder, bool same, struct error *);

/* ---- intents ---- */
struct step {			/* one transaction */
	struct batch *const *finished;	/* batches that the server took (done): rows become copied, with the UIDs of APPENDUID where given. A UID
					   that another row has already claimed is not believed: the row is unplaced */
	size_t nfinished;
	struct batch *intended;		/* NULL, or: its rows (with all that is known of the mails) become intended; sets batch->id.
					   Fsynced before the call returns */
	uint32_t floor;			/* target UIDNEXT seen earlier under the same validity, 1 if none was */
};
/* Calls of several threads share one commit. batch->owner is not touched. */
int store_step(struct store *, int64_t folder, const struct step *, struct error *);

struct intents {
	uint64_t count;		/* rows intended */
	uint32_t floor;		/* the smallest of their floors */
	int64_t newest;		/* wall clock of the newest, seconds */
};
int store_intents(struct store *, int64_t folder, struct intents *out, struct error *);
/* Settled as "none": intended rows are pending again; the doubtful ones of them stay WHICH_UNSURE until they are claimed, sent or unsettled. */
int store_intents_none(struct store *, int64_t folder, struct error *);
/* These intended rows can't be told: pending, and never sent again by themselves ("unsettled"). */
int store_unsettled(struct store *, int64_t folder, const struct uid_set *, struct error *);

/* ---- the same mail? ---- */
/* Of the target UIDs `present`, those that no row claims; what a row of `folder` may take over counts as free: claims of rows that it supersedes and of its
   mail that vanished. folder 0: no claim does. out is emptied first. */
int store_unclaimed(struct store *, int64_t mailbox, int64_t folder, const struct uid_set *present, struct uid_set *out, struct error *);
/* Mails seen in the target mailbox (uid is a target UID; size, date, identity), as partners for store_match. */
int store_candidates(struct store *, int64_t mailbox, struct mail *const *mails, size_t count, struct error *);
int store_candidates_forget(struct store *, int64_t mailbox, struct error *);

enum match { MATCH_PENDING, MATCH_INTENDED, MATCH_UNPLACED, MATCH_ALONE };	/* the last: as UNPLACED, but twins stay unplaced: their bodies have to tell */
struct matched {
	uint64_t header, core;	/* rows that found their mail, by grade */
	uint64_t twins;		/* rows for which there is a mail, as for another of the same header and size: the body has to tell which */
	uint64_t doubtful;	/* rows that did not, but an unclaimed candidate has the same Message-ID or core: WHICH_DOUBTFUL */
	uint64_t none;		/* rows without any */
};
/* Pairs rows of the folder with unclaimed candidates at or above target UID `floor`, as multisets (the n-th with the n-th in UID order): first the same
   header digest and size (and date, where there is one); then, if core_counts and there is a Message-ID, the same core digest and date. But for UNPLACED, rows that are not the
   only ones of their header and size in the folder find none. Matched rows become copied (MATCH_PENDING: origin THERE, or the superseded row's origin; MATCH_INTENDED: OURS;
   the others: kept) and claim the UID. Set-based: no query a message. */
int store_match(struct store *, int64_t folder, enum match, uint32_t floor, bool core_counts, struct matched *out, struct error *);
/* The unclaimed candidates that a doubtful row may be (same Message-ID or core): target UIDs, at most cap; *count is set. The last *promised of them have another date than
   it, and header, size and date of a row that has not found its mail yet. */
int store_doubts(struct store *, int64_t folder, uint32_t uid, uint32_t *target_uids, size_t cap, size_t *count, size_t *promised, struct error *);
/* The row's mail is this one. ERR_MESSAGE when another row has that UID. */
int store_claim(struct store *, int64_t folder, uint32_t uid, enum origin, uint32_t target_uid, struct error *);

/* ---- verification ---- */
struct placed {
	uint32_t uid, target_uid;	/* target_uid 0: unplaced */
	enum state state;
	enum origin origin;
	enum checked checked;
	struct flags flags;		/* as of the copy or the last look */
};
/* Rows of first <= uid <= last that are copied or verified, in order; *out is the caller's (placed_free). */
int store_placed(struct store *, int64_t folder, uint32_t first, uint32_t last, struct placed **out, size_t *count, struct error *);
int store_placed_of(struct store *, int64_t folder, const struct uid_set *, struct placed **out, size_t *count, struct error *);
void placed_free(struct placed *rows, size_t count);
struct finding { uint32_t uid; enum checked checked; };
/* Compared just now: all copied and verified, placed rows of first..last were found identical, except those in `odd` (ascending); with first > last only
   those in `odd` are told. identical and rewritten rows become
   verified, others keep their state. */
int store_compared(struct store *, int64_t folder, uint32_t first, uint32_t last, const struct finding *odd, size_t count, struct error *);
struct measured { uint32_t uid; uint64_t source, target; };
/* Bytes of mails that were read from both servers. What was found identical by its facts has the size that both announced. */
int store_measured(struct store *, int64_t folder, const struct measured *mails, size_t count, struct error *);
/* Takes the claims of these rows away: their mail is not at the UID where it was thought to be. The folder's seal is off. */
int store_unplace(struct store *, int64_t folder, const struct uid_set *, struct error *);
/* Flags as they are at the source now. */
int store_flags(struct store *, int64_t folder, uint32_t uid, const struct flags *, struct error *);
/* Whether mail that vanished from the source has claims in the mailbox: nobody looks whether it is still there. */
int store_claims_vanished(struct store *, int64_t mailbox, bool *any, struct error *);
/* `there` is all that it holds: claims of such mail on what is not there are void. */
int store_void_vanished(struct store *, int64_t mailbox, const struct uid_set *there, struct error *);
struct double_row { uint32_t target_uid, uid; };	/* an unclaimed candidate that equals the claimed mail of `uid` */
int store_doubles(struct store *, int64_t folder, uint32_t floor, struct double_row **out, size_t *count, struct error *);
struct folder_checked { bool done; bool deep; uint64_t sampled, target_only, doubled, quiet; };
/* done: this verification went over the whole folder, but for `quiet` of it that has not changed since one that did. Without it the folder counts as not verified (verified.any is false), and the
   numbers of an earlier one are kept. */
int store_folder_checked(struct store *, int64_t run, int64_t folder, const struct folder_checked *, struct error *);

/* A seal says in one text what both servers told of a folder, and the rules of the job, when all of it was compared. It is kept, instead of any before it,
   unless this run had something worse than a note to say of the folder. */
int store_seal(struct store *, int64_t run, int64_t folder, const char *seal, struct error *);
/* What a verdict asks of a folder. before: at the target, and not brought by this run. */
struct standing { uint64_t pending, skipped, before; };
/* 1: the seal is the folder's, and of its mail nothing is left to be done or looked at: it counts as compared in this run; *out: how it stands. 0: not. */
int store_sealed(struct store *, int64_t run, int64_t folder, const char *seal, struct standing *out, struct error *);

/* Takes the seal off the folder, and nobody else will see it. 1: out has it, and of its mail nothing is left to be done or looked at; 0: there is none to be believed. */
int store_unseal(struct store *, int64_t folder, char *out, size_t len, struct error *);
struct quiet {
	const struct uid_set *source_changed;	/* source UIDs */
	const struct uid_set *there, *target_changed;	/* target UIDs */
};
/* Verified rows that are in order and have their place, which neither side names as changed and whose mail is there at the target; without the one with the highest UID of either
   side. out is emptied first. */
int store_quiet(struct store *, int64_t folder, const struct quiet *, struct uid_set *out, struct error *);

/* ---- what reports read ---- */
struct ledger { uint64_t source, copied, already_there, skipped, refused, vanished, pending, copied_now; };
struct verified {
	bool any, deep;
	uint64_t identical, rewritten, altered, missing, doubled, gone, target_only, sampled;
	uint64_t quiet;		/* of identical and rewritten: not changed since they were found so, as both servers say, and not read in the newest run */
};
struct counts {
	struct ledger ledger;
	struct verified verified;
	uint64_t bytes, bytes_pending;	/* of what is copied or already there; of what is pending, as far as its sizes are known */
	uint64_t elsewhere;	/* of a moved folder's skipped ones: other folders hold them */
	int64_t newest;		/* of the folder's own mail, without what other folders hold: date of arrival, 0: none is known */
	uint64_t lately;	/* of the same: that came at `since` or later */
};
struct counting { int64_t run, since; };	/* whose copied_now; for `lately` */
/* Each term is counted by itself over the rows of the folder and of those it supersedes, all at one moment. */
int store_counts(struct store *, int64_t folder, struct counting, struct counts *out, struct error *);
/* Of the same rows what a verdict asks, for less. */
int store_standing(struct store *, int64_t folder, int64_t run, struct standing *out, struct error *);

struct report_account {
	int64_t id;
	const char *name, *source_host, *source_user, *target_host, *target_user, *source_capabilities, *target_capabilities;
	int exit;		/* in that run; -1: did not end in it */
	const char *source_provider, *target_provider;
};
struct report_folder {
	int64_t id;
	const char *source, *target, *role, *why;	/* why: the contract's word */
	uint32_t validity;	/* the source's, 0: not known */
	bool listed;		/* false: the source has it no more */
};
struct problem {
	int64_t account, folder;	/* folder 0: the account's; account 0: the run's */
	uint32_t uid;			/* 0: not about a message */
	enum side side;
	const char *severity;		/* "error", "warning", "note" */
	const char *code;		/* "message-refused" … */
	const char *text, *hint, *message_id;	/* "" when there is none */
	const char *file;		/* where the mail was kept, or "" */
	int64_t accepted;		/* out: when somebody accepted it, 0: nobody did; the severity is then "note" */
	const char *accepted_by;
};
/* Kept once a (account, folder, uid, code), the newest text wins. */
int store_problem(struct store *, int64_t run, const struct problem *, struct error *);
/* The callbacks get borrowed rows, in order; a return of -1 ends the walk, which then
   returns 0. May not call the store. */
/* ---- is the old mailbox still in use? ---- */
struct store_past {
	int64_t verified_at;	/* the oldest of the folders' last whole verifications, 0: not all have one */
	bool before;		/* the account ended in a run before `run` */
};
int store_past(struct store *, int64_t account, int64_t run, struct store_past *out, struct error *);
/* Who wrote mail that came at `since` or later, most first; run: only what that run brought, 0: all. The address is lent. Each: 0 to go on, -1 to end. */
int store_each_sender(struct store *, int64_t account, int64_t since, int64_t run, int (*each)(void *ctx, const char *address, uint64_t mails, int64_t last), void *ctx,
	struct error *);
/* Messages by month of arrival (UTC), in order: all that the source holds, and those of them that are at the target. */
int store_each_month(struct store *, int64_t account, int (*each)(void *ctx, int year, int month, const uint64_t count[2]), void *ctx, struct error *);

int store_each_account(struct store *, int64_t run, int (*each)(void *ctx, const struct report_account *), void *ctx, struct error *);
int store_each_folder(struct store *, int64_t account, int (*each)(void *ctx, const struct report_folder *), void *ctx, struct error *);
/* What somebody has seen and can live with: the kinds of problems that `accept` knows. */
enum accepted { ACCEPT_REFUSED, ACCEPT_ALTERED, ACCEPT_DOUBLED, ACCEPT_SHRUNK };
/* All problems of that kind that stand now in the newest run (account 0: of all accounts) become notes, in this and every later report:
   by whom and when is kept. count: how many. */
int store_accept(struct store *, int64_t account, enum accepted, const char *user, uint64_t *count, struct error *);
/* Whether the account's own problem (folder 0) of that code was accepted; and: it is settled, the next one has to be accepted anew. */
int store_accepted(struct store *, int64_t account, const char *code, bool *accepted, struct error *);
int store_accepted_forget(struct store *, int64_t account, const char *code, struct error *);
/* All refused messages of the account become pending. count: how many. */
int store_refused_again(struct store *, int64_t account, uint64_t *count, struct error *);
/* Problems of that run, and those of earlier ones that still stand: of messages that are still refused, or found altered. */
int store_each_problem(struct store *, int64_t run, int64_t account, int (*each)(void *ctx, const struct problem *), void *ctx, struct error *);

#endif
