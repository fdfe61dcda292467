//! The crate object as a reader.
use object::elf::{FileHeader64, PT_NOTE};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, Result};
use readers::{answer, Note, Phdr};

type Header = FileHeader64<Endianness>;

fn headers(data: &[u8]) -> Result<(u16, Vec<Phdr>)> {
    let header = Header::parse(data)?;
    let endian = header.endian()?;
    let phdrs = header.program_headers(endian, data)?.iter().map(|p| {
        [
            p.p_type(endian).into(), p.p_flags(endian).into(), p.p_offset(endian), p.p_vaddr(endian),
            p.p_paddr(endian), p.p_filesz(endian), p.p_memsz(endian), p.p_align(endian),
        ]
    });
    Ok((header.e_machine(endian), phdrs.collect()))
}

fn notes(data: &[u8]) -> Result<Vec<Note>> {
    let header = Header::parse(data)?;
    let endian = header.endian()?;
    let mut found = Vec::new();
    for p in header.program_headers(endian, data)? {
        if p.p_type(endian) != PT_NOTE {
            continue;
        }
        let mut notes = p.notes(endian, data)?.expect("a PT_NOTE");
        while let Some(note) = notes.next()? {
            found.push(Note {
                name: String::from_utf8_lossy(note.name()).into(),
                n_type: note.n_type(endian),
                size: note.desc().len(),
            });
        }
    }
    Ok(found)
}

fn main() {
    answer(headers, notes);
}
