/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_registers.c: see lg_registers.h. */

#include "lg_registers.h"

#include "pub_tool_machine.h"

/* The notes in the shadow copy; that of register 0 is the last. */
enum { NOTES_SZB = LG_N_VECTORS + 8 };

UInt lg_registers_vectors_in_use(ThreadId tid)
{
    UChar notes[NOTES_SZB];
    UInt  inUse = LG_KEPT_VECTORS;

    VG_(get_shadow_regs_area)(tid, notes, 1, (PtrdiffT)LG_VECTORS_OFFSET,
                              NOTES_SZB);
    for (UInt reg = 0; reg < LG_N_VECTORS; reg++)
        inUse |= (UInt)(notes[lg_vector_note(reg)] != 0) << reg;
    return inUse;
}

void lg_registers_save(ThreadId tid, LgSavedRegisters* to)
{
    const UInt nWords = LG_VECTOR_SZB / sizeof(UWord);
    UInt       inUse = lg_registers_vectors_in_use(tid);

    to->tid = tid;
    to->n = LG_N_REGISTERS;
    to->nVectorWords = 0;
    VG_(get_shadow_regs_area)(tid, (UChar*)to->words, 0, LG_OFFSET_REGISTERS,
                              LG_N_REGISTERS * sizeof(UWord));
    for (UInt reg = 0; reg < LG_N_VECTORS; reg++)
        if (inUse >> reg & 1) {
            VG_(get_shadow_regs_area)(
                tid, (UChar*)&to->vectorWords[to->nVectorWords], 0,
                (PtrdiffT)(LG_VECTORS_OFFSET + reg * LG_VECTOR_SZB),
                LG_VECTOR_SZB);
            to->nVectorWords += nWords;
        }
}

void lg_registers_save_kept(ThreadId tid, const VexGuestArchState* gst,
                            LgSavedRegisters* to)
{
    to->tid = tid;
    to->n = to->nVectorWords = 0;
    for (UInt i = 0; i < LG_N_KEPT_REGISTERS; i++)
        if (lg_arch_kept_registers[i].offset != LG_OFFSET_SP)
            to->words[to->n++] =
                lg_arch_word(gst, lg_arch_kept_registers[i].offset);
    for (UInt reg = 0; reg < LG_N_VECTORS; reg++)
        if (lg_arch_keeps_vector(reg))
            to->vectorWords[to->nVectorWords++] =
                lg_arch_word(gst, LG_VECTORS_OFFSET + reg * LG_VECTOR_SZB);
}
