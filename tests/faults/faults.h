/* A library that is loaded before all others (LD_PRELOAD) and makes the machine fail: memory, disk, clock, power. What shall fail stands in the
   environment, so that a program need not know of it; a unit test, which forks for each try, calls the functions below instead.

     FAULTS_MEMORY=N or N+      the N-th allocation fails; with + all after it as well
     FAULTS_MEMORY_SPARE=NAME   not those of the library whose file's name begins so
     FAULTS_MEMORY_COUNT=FILE   how many there were, written at the end
     FAULTS_DISK=PREFIX         paths that begin so are on the disk that fails: FAULTS_BYTES=N may still be written (default 0), then each write is
                                answered with ENOSPC; FAULTS_READ_ONLY=1: it is mounted read-only instead
     FAULTS_DISK_BACK=FILE      as soon as that file exists there is room again
     FAULTS_POWER=PREFIX:DIR    whatever is synced of files that begin so is copied to DIR under its own name: what is left there after a kill is what a
                                power cut would have left at the least
     FAULTS_CLOCK=S or S@MS     the wall clock is S seconds off, from MS milliseconds after the start on
     FAULTS_FAR=1               no server is on this machine: each has an address elsewhere, and takes 50 ms to answer,
                                as the kernel tells it */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <stdbool.h>

/* Allocations of this process so far. */
long faults_memory_count(void);
/* The nth one from now on fails, with `all` those after it too; 0: none. */
void faults_memory_arm(long nth, bool all);

#endif
