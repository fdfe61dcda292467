// Go's debug/elf as a reader: a header on stdin, its program headers as JSON on
// stdout.
package main

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	hex := func(value uint64) string { return fmt.Sprintf("%#x", value) }
	phdrs := []map[string]any{}
	for _, p := range file.Progs {
		phdrs = append(phdrs, map[string]any{
			"p_type": uint32(p.Type), "p_flags": uint32(p.Flags),
			"p_offset": hex(p.Off), "p_vaddr": hex(p.Vaddr), "p_paddr": hex(p.Paddr),
			"p_filesz": hex(p.Filesz), "p_memsz": hex(p.Memsz), "p_align": hex(p.Align),
		})
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"e_machine": uint16(file.Machine), "e_phnum": len(phdrs), "phdrs": phdrs,
	})
}
