// Package elfcorehdr is an elfcorehdr writer, written from the rules. Keep
// ParseRequest and put a call of your own code in the place of WriteElfcorehdr.
package elfcorehdr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	ehdrSize = 64
	phdrSize = 56
	ptLoad   = 1
	ptNote   = 4
	rwx      = 7
)

// Area is a piece of physical memory.
type Area struct {
	Paddr, Size uint64
}

// Kernel is the kernel text. Vaddr is not Paddr plus a constant, because KASLR
// moves both independently.
type Kernel struct {
	Paddr, Vaddr, Size uint64
}

// Range is a piece of RAM. Both its bytes belong to it.
type Range struct {
	First, Last uint64
}

// Request is a machine, from the wording as lines.
type Request struct {
	Arch       string
	EMachine   uint16
	PageSize   uint64
	NrPossible uint64
	Notes      []Area
	Vmcoreinfo Area
	Kernel     *Kernel // nil where the request has no such line
	VaAdd      bool    // false means OR
	PageOffset uint64
	PhysOffset uint64
	Backup     *uint64 // nil where the request has no such line
	Ranges     []Range
}

// ParseRequest reads "key value ..." lines. It skips the keys that the writer
// does not need. An error means a broken file, it is no refusal.
func ParseRequest(text string) (*Request, error) {
	r := &Request{}
	for number, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := r.parseLine(words); err != nil {
			return nil, fmt.Errorf("line %d: %w", number+1, err)
		}
	}
	return r, nil
}

func (r *Request) parseLine(words []string) error {
	key := words[0]
	var err error
	// number keeps the first error, so that the cases below stay short.
	number := func(i int) uint64 {
		if i >= len(words) {
			if err == nil {
				err = fmt.Errorf("%s: a value is missing", key)
			}
			return 0
		}
		// Base 0 takes decimal numbers and those that begin with 0x.
		value, parseErr := strconv.ParseUint(words[i], 0, 64)
		if parseErr != nil && err == nil {
			err = fmt.Errorf("%s: %w", key, parseErr)
		}
		return value
	}
	switch key {
	case "arch":
		if len(words) != 2 {
			return errors.New("arch: one word is expected")
		}
		r.Arch = words[1]
	case "e_machine":
		r.EMachine = uint16(number(1))
	case "page_size":
		r.PageSize = number(1)
	case "nr_possible":
		r.NrPossible = number(1)
	case "note":
		// The CPU number is skipped, because no header carries it (R08).
		r.Notes = append(r.Notes, Area{number(2), number(3)})
	case "vmcoreinfo":
		r.Vmcoreinfo = Area{number(1), number(2)}
	case "kernel":
		r.Kernel = &Kernel{number(1), number(2), number(3)}
	case "va":
		r.PageOffset, r.PhysOffset = number(2), number(3)
		// number has reported a line that is too short.
		r.VaAdd = err == nil && words[1] == "add"
	case "backup":
		backup := number(1)
		r.Backup = &backup
	case "range":
		r.Ranges = append(r.Ranges, Range{number(1), number(2)})
	}
	return err
}

// phdr has the fields of a program header that are not zero or equal to others.
type phdr struct {
	pType, flags               uint32
	offset, vaddr, paddr, size uint64
}

// WriteElfcorehdr returns the whole header. An error is a refusal.
func WriteElfcorehdr(r *Request) ([]byte, error) {
	if err := check(r); err != nil {
		return nil, err
	}
	phdrs := programHeaders(r)
	// R28 to R30: the size counts a slot for each possible CPU, vmcoreinfo, the
	// kernel and each range, even where no program header is written.
	slots := int(r.NrPossible) + 2 + len(r.Ranges)
	out := make([]byte, (ehdrSize+phdrSize*slots+4095)/4096*4096)
	le := binary.LittleEndian
	copy(out, "\x7fELF\x02\x01\x01")
	le.PutUint16(out[16:], 4) // e_type is ET_CORE
	le.PutUint16(out[18:], r.EMachine)
	le.PutUint32(out[20:], 1)        // e_version
	le.PutUint64(out[32:], ehdrSize) // e_phoff
	le.PutUint16(out[52:], ehdrSize) // e_ehsize
	le.PutUint16(out[54:], phdrSize) // e_phentsize
	le.PutUint16(out[56:], uint16(len(phdrs)))
	for i, p := range phdrs {
		to := out[ehdrSize+phdrSize*i:]
		le.PutUint32(to[0:], p.pType)
		le.PutUint32(to[4:], p.flags)
		le.PutUint64(to[8:], p.offset)
		le.PutUint64(to[16:], p.vaddr)
		le.PutUint64(to[24:], p.paddr)
		le.PutUint64(to[32:], p.size) // p_filesz
		le.PutUint64(to[40:], p.size) // p_memsz
	}
	return out, nil
}

// programHeaders returns the program headers in the order of R07. Unsigned
// arithmetic wraps in Go, as the rules want it (R26, R39).
func programHeaders(r *Request) []phdr {
	var phdrs []phdr
	for _, note := range r.Notes {
		phdrs = append(phdrs, phdr{ptNote, 0, note.Paddr, 0, note.Paddr, note.Size})
	}
	info := r.Vmcoreinfo
	phdrs = append(phdrs, phdr{ptNote, 0, info.Paddr, 0, info.Paddr, info.Size})
	if k := r.Kernel; k != nil {
		phdrs = append(phdrs, phdr{ptLoad, rwx, k.Paddr, k.Vaddr, k.Paddr, k.Size})
	}
	for _, ram := range r.Ranges {
		vaddr := ram.First - r.PhysOffset
		if r.VaAdd {
			vaddr += r.PageOffset
		} else {
			vaddr |= r.PageOffset
		}
		size := ram.Last - ram.First + 1
		phdrs = append(phdrs, phdr{ptLoad, rwx, ram.First, vaddr, ram.First, size})
	}
	if r.Backup != nil {
		for i := range phdrs {
			// R36, R40: the kernel looks for address 0, not for a type.
			if phdrs[i].paddr == 0 {
				phdrs[i].offset = *r.Backup
				break
			}
		}
	}
	return phdrs
}

// check refuses what R38 and R44 name.
func check(r *Request) error {
	ppc := r.Arch == "ppc64le"
	count := len(r.Notes) + 1 + len(r.Ranges)
	if r.Kernel != nil {
		count++
	}
	if count > 0xffff {
		return errors.New("too many program headers")
	}
	if r.NrPossible == 0 || uint64(len(r.Notes)) > r.NrPossible {
		return errors.New("more notes than possible CPUs, or no CPU at all")
	}
	if !hasPageSize(r.Arch, r.PageSize) {
		return errors.New("a page size that the architecture does not have")
	}
	if (r.Kernel != nil) == ppc || (r.Backup != nil) != ppc {
		return errors.New("a part that the architecture does not have, or lacks")
	}
	// A size of 0 wraps to the greatest number, so it is refused too.
	if k := r.Kernel; k != nil && k.Size-1 > math.MaxUint64-k.Vaddr {
		return errors.New("a kernel that ends before it starts")
	}
	for i, ram := range r.Ranges {
		// R70: a memory block that goes leaves a range that ends below its start
		// on ppc64le, and it is the last one.
		r70 := ppc && i == len(r.Ranges)-1
		if ram.Last < ram.First && !r70 {
			return errors.New("a range that ends before it starts")
		}
	}
	return nil
}

func hasPageSize(arch string, size uint64) bool {
	switch arch {
	case "arm64", "loongarch64":
		return size == 4096 || size == 16384 || size == 65536
	case "ppc64le":
		return size == 4096 || size == 65536
	}
	return size == 4096
}
