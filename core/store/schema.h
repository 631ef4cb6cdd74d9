/* The schema of a state file, as the steps that lead to it. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

/* PRAGMA application_id of every state file: "TRAS". */
#define SCHEMA_APPLICATION_ID 0x54524153
/* PRAGMA user_version: how many of the steps it has been through. */
#define SCHEMA_VERSION 4

/* schema_steps[n] leads from version n to n + 1. Never change a step that was released: add one. */
extern const char *const schema_steps[SCHEMA_VERSION];
/* Tables of one connection only; they never reach the file. */
extern const char schema_temporary[];

#endif
