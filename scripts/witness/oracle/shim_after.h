/* In the file that writes the header again, the linear map leads to the segment. */
#ifdef SEGMENT_IS_MAPPED
#undef __va
#define __va(paddr) ((void *)segment_bytes)
#endif
/* In firmware's file, it leads to what the harness laid down for two kernels. */
#ifdef MEMORY_IS_MAPPED
#undef __va
#define __va(paddr) fadump_va(paddr)
#endif
/* The only address that fadump asks for is that of its notes. */
#ifdef NOTES_ARE_MAPPED
#undef __pa
#define __pa(address) (fadump_notes)
#endif
