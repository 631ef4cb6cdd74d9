/* How fast the writing connections of a run send, all together: no faster than mail comes in. And how much of what comes in may be on its way: no more than the line
   needs to be full.

   Mail that is moved comes over the same line that it leaves by. What is sent faster than the line takes it waits in the line's queue, and with it the
   acknowledgements of the mail that comes in: that stalls, and so does then what is sent. More than comes in there is not to send for long anyway. Where the
   line takes less than that, the kernel's congestion control decides as ever.

   Nor is a sender asked for more at once than that: by itself the kernel lets it fill the line's queue, however long, and every answer then waits in it. Sending comes to speed
   two or three times later, and slows down whenever the queue grows.

   It also keeps the kernel from ending a connection's slow start before anything was lost. Linux's cubic ends it when answers take longer (HyStart), and
   they do as soon as the mail that comes in fills its own queue: sending then takes seconds to reach the line's speed. */
#ifndef IMAP_UPLINK_H
#define IMAP_UPLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uplink;

struct uplink *uplink_new(void);
void uplink_free(struct uplink **uplink);	/* no connection is in it any more */
/* Whether the server of a connected socket is so far away that this is worth while: it answers in no less than two milliseconds. */
bool uplink_is_far(int fd);
/* A connected socket that mail comes from, or that is going to send mail: that sends by slow start proper until something is lost, and then as the system
   would. What a kernel does not offer of this is left out. It leaves before it is closed, be it in or not. */
void uplink_join(struct uplink *uplink, int fd, bool writes);
void uplink_leave(struct uplink *uplink, int fd);
/* Nothing is asked of this server now: its share of what may be on its way is for the others, until something comes from it. */
void uplink_rests(struct uplink *uplink, int fd);
/* So many bytes of mail were read from a server, on the line and unpacked. */
void uplink_came(struct uplink *uplink, size_t wire, size_t plain);
/* Every now and then, by whoever sends or reads: measures, and sets the pace of all. */
void uplink_look(struct uplink *uplink);

/* ---- what is decided; pure ---- */

#define INFLOW_WINDOW_MS 150

/* A connection is not paced below this: what comes in at first says nothing of the line. Bytes a second. */
#define PACE_LEAST 1e6

/* How fast mail comes in: what three windows in succession have brought, each. A single one says little: after a loss on the line it may bring what three
   would have. Only while it has never become less, half of one is believed at once; and where the line was full from the beginning, the burst that filled it and the
   windows after it are, until there are three: sending would come to half its speed and wait there. The bound never becomes less: it is no aim.

   The bound may be what holds mail back: when all memory is full of mail that waits to leave, no more comes in than leaves, however quick the source has become
   meanwhile. Then we are behind: what a source has sent lies unread in the kernel. While that is so a tenth more is tried now and then, and again as long as that brings more. */
struct inflow {
	double last, before, best;	/* bytes a second; best: 0 until something was measured */
	bool fell, behind;
	unsigned steady;	/* windows since that has become more by a twentieth */
	unsigned phase;		/* windows since a trial began, while we are behind */
	double peak;		/* bytes a second: the fastest burst */
	bool full, sped;	/* the line has been; sending has come to its speed, or near */
	unsigned young;		/* windows since it was full */
};

void inflow_window(struct inflow *inflow, double rate, bool behind);
/* What a few hundredths of a second brought, and whether a server's answers take longer meanwhile than they might. */
void inflow_burst(struct inflow *inflow, double rate, bool late);
/* How fast mail left in the window that was told last. */
void inflow_left(struct inflow *inflow, double rate);
/* How fast all may send together; 0: as fast as they can. */
double inflow_bound(const struct inflow *inflow);

/* How many bytes (as `rate` counts them) may be on their way from a server whose answer takes so long (seconds) at best, one of so many that are
   read: its share of what comes in 70 ms, or in two round trips; alone, what the line holds and a little: nobody's pause has to be bridged. 0: as many as the
   kernel wants, as long as the line is getting faster. From when the line is full until sending has come to its speed, for three seconds at most, hardly more
   than the line holds: sending gets quicker with each answer, and what comes in would make it wait for that. */
double inflow_room(const struct inflow *inflow, double rtt, unsigned readers);

/* What one connection does: whether it has more to send than the kernel has sent, how fast the other end takes it, and how fast it may send. Bytes a second. */
struct sender {
	bool busy;
	double takes, may;
};

/* Divides `all` among those that are busy. Who takes less than half of its share is slow for another reason: what it leaves is for the others. Who has nothing to send may begin
   with what will be its share then. */
void uplink_share(double all, struct sender *senders, size_t count);

#endif
