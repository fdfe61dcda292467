/* In the file that writes the header again, the linear map leads to the segment. */
#ifdef SEGMENT_IS_MAPPED
#undef __va
#define __va(paddr) ((void *)segment_bytes)
#endif
