/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_datafile.c: see lg_datafile.h. */

#include "lg_datafile.h"

#include "../base/lg_numbering.h"
#include "../base/lg_text.h"
#include "../base/lg_utf8.h"

/* Elements of the array `items`, each known by its number. */
typedef struct {
    LgNumbering numbers;
    UInt        n, max;
} Interned;

typedef struct {
    UInt function, file, line, object;
    Addr offset;
    Bool isPython, isInlined;
} Frame;

/* A sequence: another one, and one more item. */
typedef struct {
    UInt before, item;
} Node;

/* Sequences of numbers that share their beginnings. */
typedef struct {
    Interned     nodes;
    Node*        node;
    const HChar* tag; /* of its lines */
} Tree;

struct LgDataFile {
    LgDataWrite write;
    void*       opaque;
    HChar       text[LG_DATAFILE_PIECE];
    UInt        textSzB;
    Bool        isFirst; /* of an array's or an object's elements */

    UInt        recordBlocks; /* of the last record */

    Interned strings, frames;
    Tree     stacks, paths;
    ULong*   string; /* where it begins in `pool` */
    Frame*   frame;
    HChar*   pool;
    ULong    poolSzB, poolMax;
};

static void begin_tree(Tree* t, const HChar* tag)
{
    lg_numbering_init(&t->nodes.numbers, "lg.datafile.tree", 1024);
    t->tag = tag;
}

static void end_tree(Tree* t)
{
    lg_numbering_free(&t->nodes.numbers);
    lg_plat_free(t->node);
}

LgDataFile* lg_datafile_new(LgDataWrite write, void* opaque)
{
    LgDataFile* f = lg_plat_alloc("lg.datafile", sizeof *f);

    memset(f, 0, sizeof *f);
    f->write  = write;
    f->opaque = opaque;
    lg_numbering_init(&f->strings.numbers, "lg.datafile.strings", 1024);
    lg_numbering_init(&f->frames.numbers, "lg.datafile.frames", 1024);
    begin_tree(&f->stacks, "t");
    begin_tree(&f->paths, "w");
    return f;
}

void lg_datafile_delete(LgDataFile* f)
{
    lg_numbering_free(&f->strings.numbers);
    lg_numbering_free(&f->frames.numbers);
    end_tree(&f->stacks);
    end_tree(&f->paths);
    lg_plat_free(f->string);
    lg_plat_free(f->frame);
    lg_plat_free(f->pool);
    lg_plat_free(f);
}

/* --- Text ----------------------------------------------------------------- */

void lg_datafile_flush(LgDataFile* f)
{
    if (f->textSzB > 0)
        f->write(f->opaque, f->text, f->textSzB);
    f->textSzB = 0;
}

static void put_char(LgDataFile* f, HChar c)
{
    if (f->textSzB == sizeof f->text)
        lg_datafile_flush(f);
    f->text[f->textSzB++] = c;
}

static void put_text(LgDataFile* f, const HChar* text)
{
    while (*text != '\0')
        put_char(f, *text++);
}

static void put_escape(LgDataFile* f, UInt unit)
{
    static const HChar digits[] = "0123456789abcdef";

    put_text(f, "\\u");
    for (Int shift = 12; shift >= 0; shift -= 4)
        put_char(f, digits[(unit >> shift) & 15]);
}

static void put_character(LgDataFile* f, UInt c)
{
    if (c == '"' || c == '\\') {
        put_char(f, '\\');
        put_char(f, (HChar)c);
    } else if (c >= 0x20 && c < 0x7F)
        put_char(f, (HChar)c);
    else if (c < 0x10000)
        put_escape(f, c);
    else {
        put_escape(f, 0xD800 + ((c - 0x10000) >> 10));
        put_escape(f, 0xDC00 + ((c - 0x10000) & 0x3FF));
    }
}

static void put_quoted(LgDataFile* f, const HChar* text)
{
    put_char(f, '"');
    while (*text != '\0') {
        UInt c, szB = lg_utf8_read(text, &c);
        put_character(f, szB > 0 ? c : 0xFFFD);
        text += szB > 0 ? szB : 1;
    }
    put_char(f, '"');
}

static void put_number(LgDataFile* f, ULong number)
{
    HChar digits[24];
    UInt  n = 0;

    do
        digits[n++] = (HChar)('0' + number % 10);
    while ((number /= 10) > 0);
    while (n > 0)
        put_char(f, digits[--n]);
}

/* Elements: each but the first has a comma before it. */

static void next_element(LgDataFile* f)
{
    if (!f->isFirst)
        put_char(f, ',');
    f->isFirst = False;
}

static void open_with(LgDataFile* f, HChar bracket)
{
    put_char(f, bracket);
    f->isFirst = True;
}

static void close_with(LgDataFile* f, HChar bracket)
{
    put_char(f, bracket);
    f->isFirst = False;
}

static void add_string(LgDataFile* f, const HChar* text)
{
    next_element(f);
    put_quoted(f, text);
}

static void add_number(LgDataFile* f, ULong number)
{
    next_element(f);
    put_number(f, number);
}

/* A member of an object; its value follows. */
static void add_member(LgDataFile* f, const HChar* name)
{
    add_string(f, name);
    put_char(f, ':');
    f->isFirst = True;
}

static void add_string_member(LgDataFile* f, const HChar* name, const HChar* text)
{
    add_member(f, name);
    add_string(f, text);
}

static void add_number_member(LgDataFile* f, const HChar* name, ULong number)
{
    add_member(f, name);
    add_number(f, number);
}

static void begin_array_line(LgDataFile* f, const HChar* tag)
{
    open_with(f, '[');
    add_string(f, tag);
}

static void end_array_line(LgDataFile* f)
{
    close_with(f, ']');
    put_char(f, '\n');
}

/* The line of a section that has no more to say. */
static void end_section(LgDataFile* f, const HChar* what)
{
    open_with(f, '{');
    add_string_member(f, "end", what);
    close_with(f, '}');
    put_char(f, '\n');
    lg_datafile_flush(f);
}

/* --- Definitions ---------------------------------------------------------- */

static const HChar* string_at(const LgDataFile* f, UInt i)
{
    return f->pool + f->string[i];
}

static UInt hash_of_data_string(const void* owner, UInt i)
{
    return lg_hash_text(string_at(owner, i));
}

static Bool is_string(const void* owner, UInt i, const void* wanted)
{
    return lg_text_equal(string_at(owner, i), wanted);
}

static void keep_string(LgDataFile* f, const HChar* text)
{
    SizeT szB = lg_text_length(text) + 1;

    if (f->poolSzB + szB > f->poolMax) {
        f->poolMax = 2 * (f->poolSzB + szB);
        f->pool = lg_plat_realloc("lg.datafile.pool", f->pool, f->poolMax);
    }
    f->string = lg_array_reserve("lg.datafile.strings", f->string, f->strings.n,
                                 &f->strings.max, sizeof *f->string);
    memcpy(f->pool + f->poolSzB, text, szB);
    f->string[f->strings.n] = f->poolSzB;
    f->poolSzB += szB;
}

UInt lg_datafile_string(LgDataFile* f, const HChar* text)
{
    UInt* slot;

    if (text == NULL || text[0] == '\0')
        return 0;
    lg_numbering_reserve(&f->strings.numbers, hash_of_data_string, f);
    slot = lg_numbering_find(&f->strings.numbers, lg_hash_text(text), is_string,
                             f, text);
    if (*slot == 0) {
        keep_string(f, text);
        begin_array_line(f, "s");
        add_string(f, text);
        end_array_line(f);
        lg_numbering_add(&f->strings.numbers, slot, f->strings.n++);
    }
    return *slot;
}

void lg_datafile_build_id(LgDataFile* f, const HChar* object,
                          const HChar* digits)
{
    UInt number = lg_datafile_string(f, object);

    begin_array_line(f, "b");
    add_number(f, number);
    add_string(f, digits);
    end_array_line(f);
}

static UInt hash_data_frame(const Frame* a)
{
    UInt hash = lg_hash_mix(a->function, a->file);

    hash = lg_hash_mix(hash, ((ULong)a->line << 32) | a->object);
    return lg_hash_mix(hash, a->offset * 4 + a->isPython * 2u + a->isInlined);
}

static UInt hash_of_frame(const void* owner, UInt i)
{
    return hash_data_frame(&((const LgDataFile*)owner)->frame[i]);
}

static Bool is_data_frame(const void* owner, UInt i, const void* wanted)
{
    const Frame *a = &((const LgDataFile*)owner)->frame[i], *b = wanted;

    return a->function == b->function && a->file == b->file &&
           a->line == b->line && a->object == b->object &&
           a->offset == b->offset && a->isPython == b->isPython &&
           a->isInlined == b->isInlined;
}

static void put_frame(LgDataFile* f, const Frame* frame)
{
    begin_array_line(f, "f");
    add_string(f, frame->isPython ? "python" : "c");
    add_number(f, frame->function);
    add_number(f, frame->file);
    add_number(f, frame->line);
    add_number(f, frame->object);
    add_number(f, frame->offset);
    add_number(f, frame->isInlined);
    end_array_line(f);
}

UInt lg_datafile_frame(LgDataFile* f, const LgDataFrame* frame)
{
    Frame wanted = {.function = lg_datafile_string(f, frame->function),
                    .file     = lg_datafile_string(f, frame->file),
                    .line     = frame->line,
                    .object   = lg_datafile_string(f, frame->object),
                    .offset   = frame->offset,
                    .isPython = frame->isPython,
                    .isInlined = frame->isInlined};
    UInt* slot;

    lg_numbering_reserve(&f->frames.numbers, hash_of_frame, f);
    slot = lg_numbering_find(&f->frames.numbers, hash_data_frame(&wanted), is_data_frame,
                             f, &wanted);
    if (*slot == 0) {
        f->frame = lg_array_reserve("lg.datafile.frames", f->frame, f->frames.n,
                                    &f->frames.max, sizeof *f->frame);
        f->frame[f->frames.n] = wanted;
        put_frame(f, &wanted);
        lg_numbering_add(&f->frames.numbers, slot, f->frames.n++);
    }
    return *slot;
}

static UInt hash_of_node(const void* owner, UInt i)
{
    const Node* node = &((const Tree*)owner)->node[i];
    return lg_hash_mix(node->before, node->item);
}

static Bool is_node(const void* owner, UInt i, const void* wanted)
{
    const Node *a = &((const Tree*)owner)->node[i], *b = wanted;
    return a->before == b->before && a->item == b->item;
}

/* The slot of the sequence; *slot == 0: it is new. */
static UInt* slot_in_tree(Tree* t, UInt before, UInt item)
{
    Node wanted = {before, item};

    lg_numbering_reserve(&t->nodes.numbers, hash_of_node, t);
    return lg_numbering_find(&t->nodes.numbers, lg_hash_mix(before, item), is_node,
                             t, &wanted);
}

static void keep_node(Tree* t, UInt* slot, UInt before, UInt item)
{
    t->node = lg_array_reserve("lg.datafile.tree", t->node, t->nodes.n,
                               &t->nodes.max, sizeof *t->node);
    t->node[t->nodes.n] = (Node){before, item};
    lg_numbering_add(&t->nodes.numbers, slot, t->nodes.n++);
}

/* Writes one line for what of the sequence is new: once a part is new, so is all
   that follows. */
static UInt add_to_tree(LgDataFile* f, Tree* t, const UInt* items, UInt n)
{
    UInt before = 0;
    Bool isNew = False;

    for (UInt i = 0; i < n; i++) {
        UInt* slot = slot_in_tree(t, before, items[i]);
        if (*slot == 0) {
            if (!isNew) {
                begin_array_line(f, t->tag);
                add_number(f, before);
            }
            isNew = True;
            add_number(f, items[i]);
            keep_node(t, slot, before, items[i]);
        }
        before = *slot;
    }
    if (isNew)
        end_array_line(f);
    return before;
}

UInt lg_datafile_stack(LgDataFile* f, const UInt* frames, UInt n)
{
    return add_to_tree(f, &f->stacks, frames, n);
}

/* --- The run -------------------------------------------------------------- */

static void add_string_list(LgDataFile* f, const HChar* name,
                            const HChar* const* words, UInt n)
{
    add_member(f, name);
    open_with(f, '[');
    for (UInt i = 0; i < n; i++)
        add_string(f, words[i]);
    close_with(f, ']');
}

void lg_datafile_begin_run(LgDataFile* f, const LgDataRun* run)
{
    open_with(f, '{');
    add_string_member(f, "format", "leakgrind");
    add_number_member(f, "version", LG_DATAFILE_VERSION);
    add_string_member(f, "tool", run->tool);
    add_string_member(f, "valgrind", run->valgrind);
    add_string_member(f, "arch", run->arch);
    add_number_member(f, "pid", run->pid);
    add_string_list(f, "command", run->command, run->nCommand);
    add_string_list(f, "options", run->options, run->nOptions);
    add_string_member(f, "directory", run->directory);
    close_with(f, '}');
    put_char(f, '\n');
    lg_datafile_flush(f);
}

void lg_datafile_end_run(LgDataFile* f)
{
    end_section(f, "run");
}

/* --- A check -------------------------------------------------------------- */

static const HChar* const kindNames[LG_N_RECORD_KINDS] = {
    [LgReachable] = "reachable",   [LgPossible] = "possible",
    [LgIndirect] = "indirect",     [LgDefinite] = "definite",
    [LgReference] = "reference",   [LgOverReleased] = "over-released",
};

static const HChar* const classNames[] = {
    [LgLossPlain] = "",      [LgLossCycle] = "cycle",
    [LgLossGarbage] = "uncollected", [LgLossDead] = "dead",
    [LgLossOwnType] = "own-type",    [LgLossThread] = "thread",
};

void lg_datafile_begin_check(LgDataFile* f, const HChar* moment,
                             const HChar* label, UInt ms)
{
    open_with(f, '{');
    add_number_member(f, "check", 1);
    add_string_member(f, "moment", moment);
    add_string_member(f, "label", label);
    add_number_member(f, "time", ms);
    close_with(f, '}');
    put_char(f, '\n');
}

void lg_datafile_record(LgDataFile* f, const LgLossRecord* r,
                        const HChar* type, const HChar* name, UInt stack,
                        Bool isError)
{
    UInt        kind = lg_datafile_string(f, kindNames[r->kind]);
    UInt        cls = lg_datafile_string(f, classNames[r->cls]);
    UInt        typeName = lg_datafile_string(f, type);
    UInt        ownName = lg_datafile_string(f, name);
    const ULong numbers[] = {
        kind,
        cls,
        typeName,
        ownName,
        stack,
        r->nBlocks,
        r->szB,
        r->indirectB,
        r->nExcessRefs,
        r->nCRefs,
        (r->suppressed ? 1u : 0) + (isError ? 2u : 0),
        r->oldNBlocks,
        r->oldSzB};
    enum { MIN = 7 };
    UInt n = sizeof numbers / sizeof numbers[0];

    while (n > MIN && numbers[n - 1] == 0)
        n--;
    begin_array_line(f, "r");
    for (UInt i = 0; i < n; i++)
        add_number(f, numbers[i]);
    end_array_line(f);
    f->recordBlocks = r->nBlocks;
}

/* A line with strings and numbers of blocks and bytes. */
static void add_amount(LgDataFile* f, UInt text, ULong nBlocks, ULong szB)
{
    add_number(f, text);
    add_number(f, nBlocks);
    add_number(f, szB);
    end_array_line(f);
}

void lg_datafile_path(LgDataFile* f, UInt nBlocks, const HChar* steps)
{
    UInt *items = NULL, n = 0, max = 0;

    while (*steps != 0) {
        SizeT szB = 0;
        while (steps[szB] != 0 && steps[szB] != '\n')
            szB++;
        HChar* step = lg_text_copy("lg.datafile.step", steps, szB);
        items = lg_array_reserve("lg.datafile.steps", items, n, &max, sizeof *items);
        items[n++] = lg_datafile_string(f, step);
        lg_plat_free(step);
        steps += steps[szB] != 0 ? szB + 1 : szB;
    }
    UInt path = add_to_tree(f, &f->paths, items, n);
    lg_plat_free(items);
    begin_array_line(f, "p");
    add_number(f, path);
    if (nBlocks != f->recordBlocks)
        add_number(f, nBlocks);
    end_array_line(f);
}

void lg_datafile_owner(LgDataFile* f, const HChar* name, UInt nBlocks,
                       ULong szB)
{
    UInt number = lg_datafile_string(f, name);

    begin_array_line(f, "o");
    add_amount(f, number, nBlocks, szB);
}

void lg_datafile_owner_type(LgDataFile* f, const HChar* type, UInt nBlocks,
                            ULong szB)
{
    UInt number = lg_datafile_string(f, type);

    begin_array_line(f, "y");
    add_amount(f, number, nBlocks, szB);
}

void lg_datafile_end_check(LgDataFile* f, const LgDataTotal* totals, UInt n)
{
    open_with(f, '{');
    add_string_member(f, "end", "check");
    add_member(f, "totals");
    open_with(f, '{');
    for (UInt i = 0; i < n; i++) {
        add_member(f, totals[i].name);
        open_with(f, '[');
        add_number(f, totals[i].nBlocks);
        add_number(f, totals[i].szB);
        close_with(f, ']');
    }
    close_with(f, '}');
    close_with(f, '}');
    put_char(f, '\n');
    lg_datafile_flush(f);
}

/* --- The course ----------------------------------------------------------- */

void lg_datafile_begin_course(LgDataFile* f, Bool isTime)
{
    open_with(f, '{');
    add_string_member(f, "course", isTime ? "ms" : "B");
    close_with(f, '}');
    put_char(f, '\n');
}

static void add_numbers(LgDataFile* f, const ULong* numbers, UInt n)
{
    next_element(f);
    open_with(f, '[');
    for (UInt i = 0; i < n; i++)
        add_number(f, numbers[i]);
    close_with(f, ']');
}

void lg_datafile_point(LgDataFile* f, const LgCoursePoint* p)
{
    begin_array_line(f, "c");
    add_number(f, p->at);
    add_numbers(f, p->nBlocks, LG_N_COURSE_KINDS);
    add_numbers(f, p->szB, LG_N_COURSE_KINDS);
    end_array_line(f);
}

void lg_datafile_detail(LgDataFile* f, const HChar* what, const HChar* name,
                        UInt nBlocks, ULong szB)
{
    UInt number = lg_datafile_string(f, name);

    begin_array_line(f, "d");
    add_string(f, what);
    add_amount(f, number, nBlocks, szB);
}

void lg_datafile_end_course(LgDataFile* f)
{
    end_section(f, "course");
}
