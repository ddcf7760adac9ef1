/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random programs that change stacks, with data on all sides.

   A world is a piece of memory with stacks and data side by side, and one thread
   of control that runs on those stacks (world.c).  Its actions are random
   (scenario.c), and so are its frames (frames.c).  ways.py writes the assembler
   code that sets the stack pointer.

   Processor and kernel allow everything that a program does here: signals use a
   stack of their own wherever the running stack has no room for them. */

#ifndef SWITCH_H
#define SWITCH_H

#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

/* Frames that are aligned have the same size wherever the program runs, and so
   the same things fit below: stacks are where they are modulo this. */
#define ALIGNMENT 256

#define NOINLINE __attribute__((noinline, noclone))

/* ---- What ways.py writes ------------------------------------------------- */

/* Where somebody waits to go on. */
typedef struct {
    void* sp;
    void* pc;
} Side;

typedef struct {
    void (*f)(Side* from, const Side* to);
    const char* name;
    long        unused;
} SwitchWay;

typedef struct {
    void (*f)(void (*fn)(void*), void* arg, void* top);
    const char* name;
    long        unused;
} CallWay;

typedef struct {
    void (*f)(void (*fn)(void*), void* arg);
    const char* name;
    long        distance;
} MirrorWay;

typedef struct {
    void (*f)(void* lowest);
    const char* name;
    long        unused;
} DiveWay;

extern const SwitchWay switches[];
extern const CallWay   calls[];
extern const MirrorWay mirrors[];
extern const DiveWay   dives[];
extern const long      n_switches, n_calls, n_mirrors, n_dives;
extern volatile long   asm_damage;
extern char            switch_start[];
extern __thread long   switch_scratch[2];

/* ---- Worlds -------------------------------------------------------------- */

enum { MAX_PIECES = 32, MAX_COS = 6, MAX_CONTROL = 40 };

/* What a stack must have for signal handlers to run there. */
enum { HANDLER_SZB = 24576 };

typedef enum { Data, Stack } PieceKind;

typedef struct {
    PieceKind kind;
    int       busy; /* Stack: somebody runs on it, or waits there */
    char*     lo;   /* multiples of 16 */
    char*     hi;
    uint64_t  key; /* Data: what it is filled with */
} Piece;

/* How somebody waits who has left a stack. */
typedef enum { BySwitch, ByJump, ByContext } WaitKind;

typedef struct {
    WaitKind   kind;
    Side       side;
    jmp_buf    jump;
    ucontext_t context;
} Wait;

/* What of the thread of control must be undone when it is cut off. */
typedef enum { OnStack, InCoroutine, InHandler, Edited, Target } ControlKind;

typedef struct {
    ControlKind kind;
    Piece*      piece; /* that is busy with it, or NULL */
    struct Co*  co;
    jmp_buf*    jump; /* Target */
    Piece*      current;
} Control;

typedef struct Co {
    int     alive;
    Piece*  stack;
    Piece*  current; /* where it waits */
    Wait    here, resumer;
    Control kept[MAX_CONTROL];
    int     nKept;
} Co;

typedef enum {
    InMalloc,
    InMallocEach,
    InMapping,
    InStatic,
    InGiven /* memory of the caller: in a frame, or below all frames */
} PlaceKind;

typedef struct World {
    struct World* parent;
    uint64_t      random;
    PlaceKind     place;
    char*         memory;
    size_t        memorySzB;
    Piece         pieces[MAX_PIECES];
    int           nPieces;
    Piece         base;    /* the stack that the world was made on */
    Piece*        current; /* the stack that runs */
    Piece*        alternate;
    Co            cos[MAX_COS];
    Control       control[MAX_CONTROL];
    int           nControl;
    long          stride; /* between equal stacks, or 0 */
    int           budget;  /* so many things are still to be done */
    int           nesting; /* of worlds */
    int           isEdited; /* by a handler; these are the registers before */
    ucontext_t    edited;
    uint64_t      sum; /* of all that was computed */
} World;

extern __thread World* here;

/* Makes a world; memory: InGiven's.  The alternate stack of the thread becomes
   one of its own, if that is possible. */
World* world_make(World* parent, uint64_t random, PlaceKind place, char* memory,
                  size_t szB, Piece base);
/* Its data and the data of all around it are compared; then it is gone. */
void world_end(World* w);
void world_check(const World* w, const char* after);

/* The alternate stack of the thread; NULL: none. */
void world_set_alternate(const Piece* p);

/* A free stack with at least szB bytes, or NULL. */
Piece* world_idle(World* w, size_t szB);
/* Stacks become data, data become stacks. */
void world_convert(World* w);

/* Below the caller's frame on its stack. */
size_t world_room(const World* w);

uint64_t world_random(World* w);
/* 0 .. n - 1 */
unsigned world_choose(World* w, unsigned n);

/* ---- The thread of control ----------------------------------------------- */

/* What running a scenario takes of a stack, and what more a function of the C
   library may take. */
enum { RUN_SZB = 4500, LIBRARY_SZB = 24576 };

/* Something begins; `piece`, unless NULL, is busy until it ends. */
Control* control_push(World* w, ControlKind kind, Piece* piece);
/* The last one that has begun ends. */
void control_pop(World* w);
/* Cuts off all but the first nControl. */
void control_cut(World* w, int nControl);
/* What c kept busy is free. */
void control_release(World* w, const Control* c);
int  control_has_room(const World* w);

/* Its stack is free, whatever lives there. */
void coroutine_end(Co* co);

/* ---- Signals ------------------------------------------------------------- */

/* To this thread, now. */
void signal_send(int signal, void (*function)(int), int flags);
/* From now on signals come at any time, or no longer. */
void signal_set_ticks(int are);

/* ---- Frames and scenarios ------------------------------------------------ */

/* Functions with all kinds of frames, `depth` of them, and `inner` below. */
void frames_recurse(World* w, int depth, void (*inner)(World*, int), int level);

/* What is done in a world: some random things, some in one another. */
void scenario_run(World* w, int level);

/* The things; each may do nothing, if there is no stack for it or no room. */
void thing_call(World* w, int level);   /* on another stack */
void thing_mirror(World* w, int level); /* at a constant distance */
void thing_dive(World* w, int level);   /* to the very end of a stack */
void thing_target(World* w, int level); /* setjmp */
void thing_jump(World* w, int level);   /* longjmp, out of whatever runs */
void thing_coroutine(World* w, int level);
void thing_resume(World* w, int level);
void thing_yield(World* w, int level);
void thing_abandon(World* w, int level);
void thing_signal(World* w, int level);
void thing_edit(World* w, int level); /* a handler that changes registers */

/* ---- Saying what is wrong ------------------------------------------------ */

extern volatile int damaged;
extern int          tracing;
/* Signals come at any time, to a stack of their own: no world has one. */
extern int          ticking;

/* Notes what is being done; static text. */
void note(const char* what, const char* how);
void damage(const char* where, const void* address, const char* after);

/* Fills words of a frame, and looks later whether they are what they were. */
void keep(volatile uint64_t* words, size_t n, uint64_t first);
void look(const volatile uint64_t* words, size_t n, const char* where,
          const char* after);

#endif
