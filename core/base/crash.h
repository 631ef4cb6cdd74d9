/* Crash points: places between two effects where a test can stop the program dead. Compiled out of release builds. */
#ifndef BASE_CRASH_H
#define BASE_CRASH_H

/* With TRASLOCO_CRASH=NAME or NAME:N in the environment, the N-th pass (default 1) of that name ends in SIGKILL.
   TRASLOCO_CRASH=ANY:N counts the passes of all names;
   TRASLOCO_CRASH_LIST=FILE: each pass's name is appended to FILE, a line each, the fatal one too. */
#ifdef TRASLOCO_CRASH_POINTS
void crash_point(const char *name);
#else
#define crash_point(name) ((void)0)
#endif

#endif
