//! What the readers of crates share: an ELF file on stdin, its program headers
//! as JSON on stdout, with --notes its notes.
use std::fmt::Display;
use std::io::Read;

/// p_type, p_flags, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align.
pub type Phdr = [u64; 8];

pub struct Note {
    pub name: String,
    pub n_type: u32,
    pub size: usize,
}

pub fn answer<E: Display>(
    headers: fn(&[u8]) -> Result<(u16, Vec<Phdr>), E>,
    notes: fn(&[u8]) -> Result<Vec<Note>, E>,
) {
    let mut data = Vec::new();
    std::io::stdin().read_to_end(&mut data).expect("stdin");
    let json = if std::env::args().any(|arg| arg == "--notes") {
        notes(&data).map(notes_json)
    } else {
        headers(&data).map(headers_json)
    };
    match json {
        Ok(json) => println!("{json}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}

fn headers_json((e_machine, phdrs): (u16, Vec<Phdr>)) -> String {
    let rows: Vec<String> = phdrs
        .iter()
        .map(|p| {
            format!(
                r#"{{"p_type": {}, "p_flags": {}, "p_offset": "{:#x}", "p_vaddr": "{:#x}", "p_paddr": "{:#x}", "p_filesz": "{:#x}", "p_memsz": "{:#x}", "p_align": "{:#x}"}}"#,
                p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]
            )
        })
        .collect();
    format!(
        r#"{{"e_machine": {e_machine}, "e_phnum": {}, "phdrs": [{}]}}"#,
        rows.len(), rows.join(", ")
    )
}

fn notes_json(notes: Vec<Note>) -> String {
    let rows: Vec<String> = notes
        .iter()
        .map(|note| {
            let name = note.name.replace('\0', "\\u0000");
            format!(r#"{{"name": "{name}", "type": {}, "size": {}}}"#, note.n_type, note.size)
        })
        .collect();
    format!(r#"{{"notes": [{}]}}"#, rows.join(", "))
}
