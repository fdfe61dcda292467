package elfcorehdr

// go test asks WriteElfcorehdr every question of the vectors. ELFCOREHDR names
// their folder. go test ./... needs -count=1, or it may repeat an old result.

import (
	"fmt"
	"math/big"
	"os"
	"sort"
	"strings"
	"testing"
)

// field is a line of fields.txt: where a field lies in its part of the header.
type field struct {
	part, name string
	at, size   int
	rules      string
}

func read(t *testing.T, name string) []byte {
	folder := os.Getenv("ELFCOREHDR")
	if folder == "" {
		folder = "../.."
	}
	data, err := os.ReadFile(folder + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func lines(t *testing.T, name string) []string {
	return strings.Split(strings.TrimSpace(string(read(t, name))), "\n")
}

// fieldAt returns the field that a byte of a part lies in.
func fieldAt(t *testing.T, part string, at int) (f field) {
	for _, line := range lines(t, "fields.txt") {
		if _, err := fmt.Sscan(line, &f.part, &f.name, &f.at, &f.size, &f.rules); err != nil {
			t.Fatalf("fields.txt: %s: %v", line, err)
		}
		if f.part == part && at >= f.at && at < f.at+f.size {
			return f
		}
	}
	t.Fatalf("fields.txt has no byte %d of %s", at, part)
	return f
}

// number reads a little-endian number. It is big because e_ident has 16 bytes.
func number(data []byte, start, size int) *big.Int {
	value := new(big.Int)
	for i := start + size - 1; i >= start; i-- {
		if i < len(data) { // the bytes that were written may end inside the field
			value.Lsh(value, 8).Add(value, big.NewInt(int64(data[i])))
		}
	}
	return value
}

// first returns the first byte that differs, or the length of the shorter one.
func first(a, b []byte) int {
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	return at
}

// difference says what differs first. It says nothing where nothing differs.
func difference(t *testing.T, want, got []byte) string {
	at, phnum := first(want, got), int(want[56])+int(want[57])*256
	if at == len(want) && at == len(got) {
		return ""
	} else if at == len(want) || at == len(got) {
		return fmt.Sprintf("size: expected %d, got %d (%s)", len(want), len(got), fieldAt(t, "size", 0).rules)
	}
	part, prefix, start := "ehdr", "", 0
	if at >= ehdrSize+phdrSize*phnum {
		part, start = "padding", at
	} else if at >= ehdrSize {
		index, notes := (at-ehdrSize)/phdrSize, 0
		for notes < phnum && want[ehdrSize+phdrSize*notes] == ptNote {
			notes++ // R07: the notes come first
		}
		part = "ram"
		if index < notes-1 {
			part = "crash_notes"
		} else if index == notes-1 {
			part = "vmcoreinfo"
		} else if index == notes && want[18] != 21 { // R20: ppc64le has no kernel
			part = "kernel"
		}
		prefix, start = fmt.Sprintf("phdr[%d].", index), ehdrSize+phdrSize*index
	}
	f := fieldAt(t, part, at-start)
	return fmt.Sprintf("%s%s at byte %#x: expected %#x, got %#x (%s)", prefix, f.name, start+f.at,
		number(want, start+f.at, f.size), number(got, start+f.at, f.size), f.rules)
}

func TestWriter(t *testing.T) {
	all, wrong, report := 0, map[string]bool{}, []string{}
	for _, line := range lines(t, "index.txt") {
		words := strings.Split(line, " ") // profile id level expect input expected twin rules
		if len(words) != 8 {
			t.Fatalf("index.txt: %s", line)
		}
		if words[0] != "writer" {
			continue
		}
		id, expect, twin, said := words[1], words[3], words[6], ""
		request, err := ParseRequest(string(read(t, words[4])))
		if err != nil {
			t.Fatalf("%s: %v", words[4], err)
		}
		got, err := WriteElfcorehdr(request)
		if err != nil && expect != "answer" {
			fmt.Printf("%s: refused, expected %s: %v\n", id, expect, err)
		}
		if err != nil && expect == "refuse" && wrong[twin] {
			// A refusal counts only if its valid twin passed; twins come first.
			said = fmt.Sprintf("refused, and its valid twin %s is wrong", twin)
		} else if err != nil && expect == "answer" {
			said = fmt.Sprintf("refused a valid input: %v", err)
		} else if err == nil && expect == "refuse" {
			said = fmt.Sprintf("accepted what it must refuse (%s)", words[7])
		} else if err == nil {
			said = difference(t, read(t, words[5]), got)
		}
		if all++; said != "" {
			wrong[id], report = true, append(report, id+": "+said)
		}
	}
	sort.Strings(report)
	if all == 0 || len(report) > 0 {
		t.Fatalf("%d of %d wrong\n%s", len(report), all, strings.Join(report, "\n"))
	}
}

func TestHarness(t *testing.T) {
	for _, line := range lines(t, "known-wrong.txt") {
		words := strings.SplitN(line, " ", 6)
		wrong, right := read(t, words[2]), read(t, words[3])
		if fmt.Sprint(first(right, wrong)) != words[4] || difference(t, right, wrong) == "" {
			t.Errorf("not told at byte %s: %s", words[4], line)
		}
	}
}
