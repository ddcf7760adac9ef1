/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_buildid.c: see lg_buildid.h.  The names are those of the ELF specification. */

#include "lg_buildid.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"

#include "lg_guestmem.h"

typedef struct {
    UChar  ident[16];
    UShort type, machine;
    UInt   version;
    ULong  entry, phoff, shoff;
    UInt   flags;
    UShort ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
} ElfHeader;

typedef struct {
    UInt  type, flags;
    ULong offset, vaddr, paddr, filesz, memsz, align;
} ProgramHeader;

typedef struct {
    UInt nameSzB, szB, type;
} NoteHeader;

enum { PT_NOTE = 4, NT_GNU_BUILD_ID = 3, MAX_HEADERS = 64, MAX_NOTES_SZB = 65536 };

/* Where the beginning of the file is mapped, whose code is at `a`; 0: it is not. */
static Addr find_beginning(Addr a)
{
    const NSegment* seg = VG_(am_find_nsegment)(a);
    ULong           dev = seg != NULL ? seg->dev : 0;
    ULong           ino = seg != NULL ? seg->ino : 0;

    while (seg != NULL && seg->kind == SkFileC && seg->dev == dev &&
           seg->ino == ino) {
        if (seg->offset == 0)
            return seg->start;
        seg = seg->start > 0 ? VG_(am_find_nsegment)(seg->start - 1) : NULL;
    }
    return 0;
}

static void write_digits(HChar text[LG_BUILDID_SZB], const UChar* bytes, UInt n)
{
    for (UInt i = 0; i < n; i++)
        VG_(sprintf)(text + 2 * i, "%02x", bytes[i]);
}

/* Looks for the build-id among the notes at [at, end). */
static Bool read_notes(Addr at, Addr end, HChar text[LG_BUILDID_SZB])
{
    NoteHeader note;
    UChar      name[4], id[(LG_BUILDID_SZB - 1) / 2];

    while (at + sizeof note <= end && lg_guestmem_read(&note, at, sizeof note)) {
        Addr desc = at + sizeof note + VG_ROUNDUP((Addr)note.nameSzB, 4);
        if (note.type == NT_GNU_BUILD_ID && note.nameSzB == sizeof name &&
            note.szB > 0 && note.szB <= sizeof id &&
            lg_guestmem_read(name, at + sizeof note, sizeof name) &&
            VG_(memcmp)(name, "GNU", sizeof name) == 0 &&
            lg_guestmem_read(id, desc, note.szB)) {
            write_digits(text, id, note.szB);
            return True;
        }
        at = desc + VG_ROUNDUP((Addr)note.szB, 4);
    }
    return False;
}

Bool lg_buildid_read(Addr a, HChar text[LG_BUILDID_SZB])
{
    Addr      base = find_beginning(a);
    ElfHeader h;

    if (base == 0 || !lg_guestmem_read(&h, base, sizeof h) ||
        VG_(memcmp)(h.ident, "\177ELF\2\1", 6) != 0 ||
        h.phentsize != sizeof(ProgramHeader))
        return False;
    for (UInt i = 0; i < h.phnum && i < MAX_HEADERS; i++) {
        ProgramHeader p;
        /* The notes are near the beginning: the first mapping has them. */
        if (!lg_guestmem_read(&p, base + h.phoff + i * sizeof p, sizeof p))
            return False;
        if (p.type == PT_NOTE && p.filesz <= MAX_NOTES_SZB &&
            read_notes(base + p.offset, base + p.offset + p.filesz, text))
            return True;
    }
    return False;
}
