//! The crate goblin as a reader: an ELF file on stdin, its program headers as
//! JSON on stdout, with --notes its notes.
use goblin::elf::Elf;
use goblin::error::Result;
use std::io::Read;

fn headers(data: &[u8]) -> Result<String> {
    let elf = Elf::parse(data)?;
    let rows: Vec<String> = elf
        .program_headers
        .iter()
        .map(|p| {
            format!(
                r#"{{"p_type": {}, "p_flags": {}, "p_offset": "{:#x}", "p_vaddr": "{:#x}", "p_paddr": "{:#x}", "p_filesz": "{:#x}", "p_memsz": "{:#x}", "p_align": "{:#x}"}}"#,
                p.p_type, p.p_flags, p.p_offset, p.p_vaddr, p.p_paddr, p.p_filesz, p.p_memsz, p.p_align
            )
        })
        .collect();
    Ok(format!(
        r#"{{"e_machine": {}, "e_phnum": {}, "phdrs": [{}]}}"#,
        elf.header.e_machine, rows.len(), rows.join(", ")
    ))
}

fn notes(data: &[u8]) -> Result<String> {
    let elf = Elf::parse(data)?;
    let mut rows = Vec::new();
    for note in elf.iter_note_headers(data).into_iter().flatten() {
        let note = note?;
        rows.push(format!(
            r#"{{"name": "{}", "type": {}, "size": {}}}"#,
            note.name.replace('\0', "\\u0000"), note.n_type, note.desc.len()
        ));
    }
    Ok(format!(r#"{{"notes": [{}]}}"#, rows.join(", ")))
}

fn main() {
    let mut data = Vec::new();
    std::io::stdin().read_to_end(&mut data).expect("stdin");
    let read = if std::env::args().any(|arg| arg == "--notes") { notes } else { headers };
    match read(&data) {
        Ok(json) => println!("{json}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
