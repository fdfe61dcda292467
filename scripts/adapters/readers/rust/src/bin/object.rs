//! The crate object as a reader: an ELF file on stdin, its program headers as
//! JSON on stdout, with --notes its notes.
use object::elf::{FileHeader64, PT_NOTE};
use object::read::elf::{FileHeader, ProgramHeader};
use object::Endianness;
use std::io::Read;

type Header = FileHeader64<Endianness>;

fn headers(data: &[u8]) -> object::Result<String> {
    let header = Header::parse(data)?;
    let endian = header.endian()?;
    let rows: Vec<String> = header
        .program_headers(endian, data)?
        .iter()
        .map(|p| {
            format!(
                r#"{{"p_type": {}, "p_flags": {}, "p_offset": "{:#x}", "p_vaddr": "{:#x}", "p_paddr": "{:#x}", "p_filesz": "{:#x}", "p_memsz": "{:#x}", "p_align": "{:#x}"}}"#,
                p.p_type(endian), p.p_flags(endian), p.p_offset(endian), p.p_vaddr(endian),
                p.p_paddr(endian), p.p_filesz(endian), p.p_memsz(endian), p.p_align(endian)
            )
        })
        .collect();
    Ok(format!(
        r#"{{"e_machine": {}, "e_phnum": {}, "phdrs": [{}]}}"#,
        header.e_machine(endian), rows.len(), rows.join(", ")
    ))
}

fn notes(data: &[u8]) -> object::Result<String> {
    let header = Header::parse(data)?;
    let endian = header.endian()?;
    let mut rows = Vec::new();
    for p in header.program_headers(endian, data)? {
        if p.p_type(endian) != PT_NOTE {
            continue;
        }
        let mut notes = p.notes(endian, data)?.expect("a PT_NOTE");
        while let Some(note) = notes.next()? {
            rows.push(format!(
                r#"{{"name": "{}", "type": {}, "size": {}}}"#,
                String::from_utf8_lossy(note.name()).replace('\0', "\\u0000"), note.n_type(endian), note.desc().len()
            ));
        }
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
