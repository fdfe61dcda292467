//! The crate goblin as a reader.
use goblin::elf::Elf;
use goblin::error::Result;
use readers::{answer, Note, Phdr};

fn headers(data: &[u8]) -> Result<(u16, Vec<Phdr>)> {
    let elf = Elf::parse(data)?;
    let phdrs = elf
        .program_headers
        .iter()
        .map(|p| {
            [p.p_type.into(), p.p_flags.into(), p.p_offset, p.p_vaddr, p.p_paddr, p.p_filesz, p.p_memsz, p.p_align]
        })
        .collect();
    Ok((elf.header.e_machine, phdrs))
}

fn notes(data: &[u8]) -> Result<Vec<Note>> {
    let elf = Elf::parse(data)?;
    let notes = elf.iter_note_headers(data).into_iter().flatten();
    notes
        .map(|note| {
            let note = note?;
            Ok(Note { name: note.name.into(), n_type: note.n_type, size: note.desc.len() })
        })
        .collect()
}

fn main() {
    answer(headers, notes);
}
